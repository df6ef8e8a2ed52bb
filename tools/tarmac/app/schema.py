"""schema: the JSON Schemas of the kinds, as text and as the generated files of this repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from tarmac.app.generated import Files
from tarmac.app.generated import stale as stale_files
from tarmac.app.generated import write as write_files
from tarmac.errors import UsageError
from tarmac.model.kinds import KindLine
from tarmac.model.shown import nearest, shown

# Where generated files lie.
FOLDER = "tools/schemas"
_SUFFIX = ".schema.json"


class Exporter(Protocol):
    """Makes schemas from the models."""

    def lines(self) -> tuple[KindLine, ...]:
        """Every kind, in the order of KINDS."""
        ...

    def one(self, kind: str) -> str:
        """The schema of one kind, as JSON text."""
        ...

    def files(self) -> Mapping[str, bytes]:
        """Every generated file, by path from the root of the source tree."""
        ...


def one(exporter: Exporter, kind: str) -> str:
    """The schema of the kind, whose name may be written in any case.

    Raises:
        UsageError: there is no such kind.
    """
    known = {line.kind.casefold(): line.kind for line in exporter.lines()}
    found = known.get(kind.casefold())
    if found is None:
        near = nearest(kind, known.values())
        hint = f"did you mean {near}?" if near else "`tarmac schema` lists them all"
        raise UsageError(f"there is no kind {shown(kind)}: {hint}")
    return exporter.one(found)


def stale(exporter: Exporter, files: Files) -> tuple[str, ...]:
    """The generated files that are missing, not what the models say, or of no kind any more, sorted.

    Raises:
        UsageError: the folder is not Tarmac's source tree.
    """
    return stale_files(exporter.files(), files, FOLDER, _SUFFIX)


def write(exporter: Exporter, files: Files) -> tuple[str, ...]:
    """Write what is stale, remove what is of no kind any more; the paths that were touched.

    Raises:
        UsageError: the folder is not Tarmac's source tree.
    """
    return write_files(exporter.files(), files, FOLDER, _SUFFIX)


def table(lines: Iterable[KindLine]) -> str:
    """The list of kinds for a terminal."""
    rows = [(line.kind, ", ".join(line.api_versions), line.summary) for line in lines]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "".join(f"{kind:{widths[0]}}  {versions:{widths[1]}}  {what}\n" for kind, versions, what in rows)
