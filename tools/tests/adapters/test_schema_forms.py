"""A document has its kind's form by parts exactly where it has it by the whole schema."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters.schema_check import _schema, compiled, load_kinds  # the whole, to compare with
from tarmac.adapters.schema_forms import Forms
from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.documents import Document
from tarmac.model.places import Places
from tests.examples import examples

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.yaml"))
FORMS = Forms(compiled)
# From the first document on, metadata are asked as a whole, as others ask them when there were many.
WORN = Forms(compiled, many=0)
WHOLE = {info.kind: compiled(_schema(info.kind)) for info in load_kinds().values()}
ODD: list[Any] = [
    None,
    "",
    " ",
    "a b",
    1,
    1.5,
    True,
    [],
    {},
    ["A"],
    {"a": 1},
    {"A b": "c"},
    {"a/b/c": "d"},
    [{"url": "x"}],
]


def read(path: Path) -> list[Document]:
    found, findings = read_documents(path.name, path.read_bytes())
    assert not findings
    return list(found)


DOCUMENTS = [document for path in EXAMPLES for document in read(path)]


def by_parts(data: Any, kind: str, *, backstage: bool = False, dollar: bool = True) -> bool:
    document = Document("x.yaml", 0, data, Places("x.yaml", lambda: (1, 1, None)), dollar)
    said = FORMS.has(document, kind, _schema(kind), backstage=backstage)
    assert WORN.has(document, kind, _schema(kind), backstage=backstage) is said
    return said


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_every_kind_has_an_example_that_has_its_form(kind: str) -> None:
    found = [document.data for document in DOCUMENTS if document.data["kind"] == kind]
    assert found
    # The example of an API names a file where its schema asks for a text.
    assert [by_parts(data, kind) for data in found] == [kind != "API"] * len(found)


@settings(max_examples=examples(400))
@given(st.data())
def test_both_say_the_same_of_what_is_altered_somewhere(draw: st.DataObject) -> None:
    data: Any = deepcopy(draw.draw(st.sampled_from([document.data for document in DOCUMENTS])))
    kind = data["kind"]
    here = data
    keys = ["metadata", "labels", "annotations", "links", "tags", "name", "namespace", "spec"]
    while True:
        inner = [key for key, value in here.items() if isinstance(value, dict)]
        if not inner or draw.draw(st.booleans()):
            break
        here = here[draw.draw(st.sampled_from(inner))]
    key = draw.draw(st.sampled_from([*here, *keys]))
    if key in here and draw.draw(st.booleans()):
        del here[key]
    else:
        here[key] = draw.draw(st.sampled_from(ODD))
    assert by_parts(data, kind) == WHOLE[kind].is_valid(data)


def test_a_placeholder_is_left_to_others_where_backstage_reads_it() -> None:
    data = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "a", "description": {"$text": "./a.txt"}},
        "spec": {"type": "a", "lifecycle": "b", "owner": "c", "more": [{"$json": "./a.json"}]},
    }
    assert not by_parts(data, "Component", backstage=True)
    data["metadata"]["description"] = "a"  # type: ignore[index]
    assert not by_parts(data, "Component", backstage=True)
    assert by_parts(data, "Component")
    # Of what has no such sign it is not asked.
    assert by_parts(data, "Component", backstage=True, dollar=False)
