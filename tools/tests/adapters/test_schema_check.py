"""The gate: what it says of a document's form, and where."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.schema_check import Gate, load_kinds
from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.documents import Document
from tarmac.model.findings import Finding
from tarmac.model.json_value import JsonValue
from tarmac.model.kinds import RefField
from tarmac.model.places import Places

EXAMPLES = Path(__file__).parents[1] / "examples"
GATE = Gate()
CASES = yaml.safe_load((Path(__file__).parent / "schema_cases.yaml").read_text("utf-8"))


def documents(text: str, path: str = "catalog/x.yaml") -> tuple[Document, ...]:
    """Read a text that the reader has nothing against."""
    found, findings = read_documents(path, text.encode())
    assert findings == ()
    return found


def words(finding: Finding) -> str:
    """One line: rule, message, fix."""
    fix = "" if finding.fix is None else f" | {finding.fix.sentence}"
    return f"{finding.rule}: {finding.message}{fix}"


def unplaced(data: Mapping[str, JsonValue]) -> Document:
    """A document of which nobody knows where its values stand."""
    return Document("catalog/x.yaml", 0, data, Places("catalog/x.yaml", lambda: (1, 1, None)))


def component(metadata: str) -> str:
    spec = "{type: a, lifecycle: b, owner: c}"
    return f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {metadata}\nspec: {spec}\n"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_are_fine(path: Path) -> None:
    found = documents(path.read_text("utf-8"), f"catalog/{path.name}")
    assert found
    assert [finding for document in found for finding in GATE.problems(document)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_says_what_is_wrong_where_and_what_to_write(case: Mapping[str, Any]) -> None:
    marked = case["text"].split("\n")
    places = [
        (number, at + 1 - text[:at].count("§"))
        for number, text in enumerate(marked, 1)
        for at, char in enumerate(text)
        if char == "§"
    ]
    (document,) = documents(case["text"].replace("§", ""), case.get("path", "catalog/x.yaml"))
    findings = GATE.problems(document)
    assert [words(finding) for finding in findings] == case["says"]
    assert [(finding.place.line, finding.place.column) for finding in findings] == places
    assert {finding.severity for finding in findings} <= {case.get("severity", "error")}


@pytest.mark.parametrize("field", ["name", "namespace"])
def test_a_name_cannot_be_read_from_elsewhere(field: str) -> None:
    other = "" if field == "name" else "name: x, "
    (document,) = documents(component(f"{{{other}{field}: {{$text: ./n}}}}"))
    assert [words(finding) for finding in GATE.problems(document)] == [
        f"wrong-value: metadata.{field} is read from elsewhere, and must be known here | write the {field} itself"
    ]


HOSTILE = ["\x1b[31mred\x1b[0m", "a" * 10_000, "\u202egnirts", "\u200b", "<img src=x>", "x\ny", "\x00", "`$(id)`"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_shown_short_and_visible(text: str) -> None:
    data: dict[str, JsonValue] = {
        "apiVersion": "tarmac/v1",
        "kind": "Exemption",
        "metadata": {"name": text, text: 1},
        "spec": {"rule": "", "owner": [text], text: text, "expires": text, "approvers": {text: text}},
        text: text,
    }
    findings = GATE.problems(unplaced(data))
    findings += GATE.problems(unplaced({"apiVersion": text, "kind": text}))
    assert len(findings) > 6
    for finding in findings:
        texts = [finding.message, finding.fix.sentence if finding.fix else ""]
        assert all(part.isprintable() for part in texts)
        assert len(finding.message) < 400


# What the reader lets through: 64-bit integers, finite numbers.
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> Mapping[str, JsonValue]:
    """An example with one node replaced by anything."""
    path = draw(st.sampled_from(sorted(EXAMPLES.glob("*.yaml"))))
    (data, *_) = (document.data for document in documents(path.read_text("utf-8")))

    def replaced(value: JsonValue, depth: int) -> JsonValue:
        if depth == 0 or not isinstance(value, (dict, list)) or not value:
            return draw(json_values)
        if isinstance(value, list):
            at = draw(st.integers(0, len(value) - 1))
            return [replaced(item, depth - 1) if index == at else item for index, item in enumerate(value)]
        key = draw(st.sampled_from(sorted(value)))
        return {name: replaced(item, depth - 1) if name == key else item for name, item in value.items()}

    found = replaced(data, draw(st.integers(1, 6)))
    assert isinstance(found, dict)
    return found


@given(mutated())
def test_whatever_a_document_holds_the_gate_answers(data: Mapping[str, JsonValue]) -> None:
    document = unplaced(data)
    findings = GATE.problems(document)
    assert findings == Gate().problems(document)
    for finding in findings:
        assert finding.rule in {"document-kind", "unknown-field", "missing-field", "wrong-value"}
        assert finding.message.isprintable()
        assert finding.fix is None or finding.fix.sentence.isprintable()


def test_kinds_are_read_with_their_references() -> None:
    table = load_kinds()
    request = table["tarmac/v1", "ResourceRequest"]
    assert request.references == (
        RefField(("spec", "type"), "resourcetype", ("resourcetype",), versioned=True),
        RefField(("spec", "owner"), "group", ("group",)),
        RefField(("spec", "for"), "component", ("component", "resource", "system", "api")),
        RefField(("spec", "dependsOn", "*"), None, ("resourcerequest",)),
    )
    assert not request.backstage
    assert table["backstage.io/v1beta1", "API"] is table["backstage.io/v1alpha1", "API"]
    assert table["backstage.io/v1beta1", "API"].backstage


def test_the_check_path_never_imports_pydantic() -> None:
    script = """
import sys
from pathlib import Path
from tarmac.adapters.schema_check import Gate, JsonSchemas
from tarmac.adapters.yaml_reader import read_documents
gate = Gate()
for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    example = path.read_bytes()
    documents, _ = read_documents("catalog/" + path.name, example + b"---\\na: b\\n---\\n" + example[:60])
    assert any([gate.problems(document) for document in documents])
JsonSchemas().problems({"type": "object", "required": ["a"]}, {})
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("pydantic", "jsonschema")))
"""
    done = subprocess.run([sys.executable, "-c", script, str(EXAMPLES)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
