"""The repository as a real Backstage would ingest it: from the fragment of tools/docs/backstage.md, as its readers do.

What they do (catalog-backend's processors of addresses and locations, and the search of its readers): a target is
resolved against the address of the file that names it; one with * or ? in its path is matched against every file of
the repository, * within one step and not at a leading dot (minimatch); the kinds that a location's rules allow hold for
all that is reached from it; a placeholder's file is resolved against the file that holds it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tarmac.adapters.files import WorkingTree
from tarmac.adapters.yaml_reader import read_documents
from tarmac.catalog.placeholders import placeholders
from tarmac.model.documents import Document
from tarmac.model.json_value import JsonValue, items, mapping, text, texts

ROOT = Path(__file__).parents[3]
FILES = {entry.path for entry in WorkingTree.at(ROOT).entries()}
FOLDERS = ("catalog/", "teams/", "templates/")
ENTITY_VERSIONS = ("backstage.io/v1alpha1", "backstage.io/v1beta1", "scaffolder.backstage.io/v1beta3")


def fragment() -> Mapping[str, JsonValue]:
    """The one location of the page's configuration."""
    page = (ROOT / "tools/docs/backstage.md").read_text("utf-8")
    (written,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (document,), findings = read_documents("app-config.yaml", written.encode())
    assert findings == ()
    (location,) = items(document.data, "catalog", "locations")
    return mapping(location)


TARGET = str(fragment()["target"])
BASE = TARGET[: TARGET.index("/blob/") + len("/blob/main/")]


def documents(path: str) -> Sequence[Document]:
    found, findings = read_documents(path, (ROOT / path).read_bytes())
    assert findings == ()
    return found


def matched(address: str) -> Iterator[str]:
    """The files that an address names: itself, or by its pattern."""
    path = address.removeprefix(BASE)
    assert path != address, f"{address} lies outside of the repository"
    if not re.search(r"[*?]", path):
        yield path
        return
    assert "**" not in path
    steps = [re.escape(step).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") for step in path.split("/")]
    pattern = re.compile("/".join(rf"(?!\.){step}" if step.startswith("[^") else step for step in steps))
    yield from sorted(file for file in FILES if pattern.fullmatch(file))


def reached(address: str) -> Iterator[Document]:
    """Every entity from an address on, as often as it is reached."""
    for path in matched(address):
        assert path in FILES, f"{address} is no file"
        for document in documents(path):
            yield document
            if document.data["kind"] == "Location":
                single = text(document.data, "spec", "target")
                for target in (*texts(document.data, "spec", "targets"), *([single] if single else [])):
                    yield from reached(urljoin(BASE + path, target))


@pytest.fixture(scope="module")
def entities() -> Sequence[Document]:
    return list(reached(TARGET))


def test_the_location_of_the_fragment_is_read_by_address() -> None:
    assert fragment()["type"] == "url"
    assert TARGET.removeprefix(BASE) == "catalog/catalog-info.yaml"


def test_only_entities_of_allowed_kinds_are_reached(entities: Sequence[Document]) -> None:
    allowed = {kind for rule in items(fragment(), "rules") for kind in texts(rule, "allow")}
    assert {str(document.data["kind"]) for document in entities} <= allowed
    assert {str(document.data["apiVersion"]) for document in entities} <= set(ENTITY_VERSIONS)


def test_every_entity_of_the_three_folders_is_reached_exactly_once_and_nothing_else(
    entities: Sequence[Document],
) -> None:
    there = [
        (path, document.index)
        for path in FILES
        if path.startswith(FOLDERS) and path.endswith((".yaml", ".yml")) and "/skeleton/" not in path
        for document in documents(path)
        if document.data.get("apiVersion") in ENTITY_VERSIONS
    ]
    assert Counter((document.path, document.index) for document in entities) == Counter(there)
    assert len(there) > 100


def test_every_placeholder_names_a_file_of_the_repository(entities: Sequence[Document]) -> None:
    named = [
        urljoin(BASE + document.path, placeholder.target)
        for document in entities
        for placeholder in placeholders(document)
    ]
    assert len(named) >= 12
    assert all(address.removeprefix(BASE) in FILES for address in named)
