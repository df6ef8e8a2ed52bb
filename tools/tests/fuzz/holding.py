"""What has to hold of every input, whatever it is: of the reader, and of check with all its outputs.

Each function raises AssertionError where something does not hold; anything else that it raises is a fault as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tarmac.adapters.yaml_reader import read_documents
from tarmac.app.check import check
from tarmac.app.report import given
from tarmac.app.wire import reading
from tarmac.model.documents import Document
from tarmac.model.findings import Finding
from tarmac.model.json_value import JsonValue
from tarmac.model.places import Place
from tarmac.model.trees import TreeEntry
from tarmac.reports import REPORTS, load

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
READING = reading()
# Where the input lies, so that each kind of file is met; the first byte chooses.
PATHS = ("catalog/x.yaml", "policies/x.yaml", "requests/here/development/x.yaml", "teams/x/team.yaml", "x.yml")
AROUND: Mapping[str, bytes] = {
    "teams/here/team.yaml": b"apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: here}\n"
    b"spec: {type: team, children: [], members: [ana]}\n---\n"
    b"apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: ana}\nspec: {memberOf: [here]}\n",
    "catalog/thing.yaml": b"apiVersion: tarmac/v1\nkind: ResourceType\nmetadata: {name: thing}\n"
    b"spec:\n  owner: group:default/here\n  category: database\n  provider: embedded\n"
    b"  versions: [{name: 1.0.0, status: active, schema: {properties: {a: {type: integer}}}}]\n"
    b"  environments: {development: {ttl: {default: 7d, max: 30d}}}\n",
}


@dataclass(frozen=True, slots=True)
class Tree:
    """Files in memory."""

    contents: Mapping[str, bytes]
    revision: str = "memory"

    def entries(self) -> tuple[TreeEntry, ...]:
        return tuple(TreeEntry(path, "100644", "") for path in sorted(self.contents))

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        for entry in entries:
            yield entry, self.contents[entry.path]


def reader_holds(content: bytes) -> tuple[Sequence[Document], Sequence[Finding]]:
    """Documents are plain data and each value has a place within the file; findings are printable and lie within it."""
    documents, findings = read_documents("x.yaml", content)
    lines = content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    for finding in findings:
        _within(finding.place, lines)
        _printable(finding)
    for index, document in enumerate(documents):
        assert document.index == index
        _plain(document.data)
        json.dumps(document.data, allow_nan=False).encode("ascii")
        for path in _paths(document.data):
            _within(document.places.value(path), lines)
            _within(document.places.key(path), lines)
    return documents, findings


def check_holds(content: bytes) -> None:
    """Check gives the same verdict twice, and each output can be written and encoded."""
    path = PATHS[(content[0] if content else 0) % len(PATHS)]
    tree = Tree({**AROUND, path: content[1:]})
    result = check(tree, READING, NOW)
    lines = content[1:].decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    for finding in result.findings:
        _printable(finding)
        if finding.place.path == path:
            _within(finding.place, lines)
    made = given(result, tree)
    for name in REPORTS:
        written = load(name)(made(False, True))
        written.encode("utf-8")
        assert "\x1b" not in written
        assert "\x00" not in written
    json.loads(load("json")(made(False, False)))
    assert check(tree, READING, NOW).findings == result.findings


def _within(place: Place, lines: Sequence[str]) -> None:
    assert 1 <= place.line <= len(lines), f"{place} of {len(lines)} lines"
    assert 1 <= place.column <= len(lines[place.line - 1]) + 1, f"{place} in {lines[place.line - 1]!r}"


def _printable(finding: Finding) -> None:
    for text in (finding.rule, finding.message, finding.fix.sentence if finding.fix else "", finding.place.path):
        text.encode("utf-8")
        assert "\n" not in text, text
        assert len(text) < 2_000, text[:100]


def _plain(data: JsonValue) -> None:
    if isinstance(data, dict):
        assert all(type(key) is str for key in data)
        for value in data.values():
            _plain(value)
    elif isinstance(data, list):
        for value in data:
            _plain(value)
    else:
        assert data is None or type(data) in (bool, int, float, str), type(data)


def _paths(data: JsonValue, path: tuple[str | int, ...] = (), most: int = 40) -> Iterator[tuple[str | int, ...]]:
    """Some paths of the data: all where it is small."""
    yield path
    inner: Iterable[tuple[str | int, JsonValue]] = ()
    if isinstance(data, dict):
        inner = data.items()
    elif isinstance(data, list):
        inner = enumerate(data)
    for count, (step, value) in enumerate(inner):
        if count >= most or len(path) > 5:
            return
        yield from _paths(value, (*path, step), most // 2)
