"""codeowners: the CODEOWNERS file that follows from the model, and the proof that the one there means the same."""

from __future__ import annotations

from collections.abc import Sequence

from tarmac.app.deps import Reading
from tarmac.app.load import load
from tarmac.approvals.codeowners import PATH, CodeOwners, generate
from tarmac.approvals.codeowners_match import Matcher
from tarmac.approvals.codeowners_proof import OwnerDifference, differences
from tarmac.approvals.codeowners_text import LARGEST, OwnerFault, OwnerFile, OwnerLine, parse_owners
from tarmac.approvals.owners import LOCATIONS
from tarmac.catalog.index import Catalog
from tarmac.errors import ConfigurationError
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.places import Place
from tarmac.model.shown import visible
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, Source, TreeEntry

_NO_FILE = OwnerFile((), ())


class CodeOwnersResult(Frozen):
    """The text that should stand in the file, the text that does (None: there is no file), where GitHub would read it,
    and what is wrong.

    `problems` are what the model cannot say in such a file, `faults` the lines that GitHub would not read,
    `differences` the files whose owners are others by GitHub's rules (none are looked for where there are faults).
    """

    wanted: str
    present: str | None
    problems: tuple[str, ...]
    where: str = PATH
    file: OwnerFile = _NO_FILE
    differences: tuple[OwnerDifference, ...] = ()

    @property
    def faults(self) -> tuple[OwnerFault, ...]:
        """The lines that GitHub would not read."""
        return self.file.faults

    @property
    def written(self) -> bool:
        """Whether the file is the one that would be written."""
        return self.present == self.wanted and self.where == PATH

    @property
    def fresh(self) -> bool:
        """Whether the file is the one that would be written, and is proved to mean what the model means."""
        return self.written and not (self.problems or self.faults or self.differences)

    def lines_of(self, paths: Sequence[str]) -> tuple[OwnerLine | None, ...]:
        """The line that counts for each path, in the file that is there."""
        matcher = Matcher(self.file.lines)
        return tuple(matcher.line(path) for path in paths)


def codeowners(source: Source, reading: Reading) -> CodeOwnersResult:
    """Compare a tree's CODEOWNERS with its model.

    Raises:
        ConfigurationError: there are no entities, or the file would be larger than GitHub reads.
    """
    loaded = load(source, reading)
    if not loaded.catalog.entities:
        raise ConfigurationError(f"{loaded.catalog.revision} holds no entities. Name the repository's root with --root")
    result = _compare(source, loaded.entries, loaded.catalog, generate(loaded.catalog))
    if len(result.wanted.encode()) > LARGEST:
        limit = LARGEST // 1_000_000
        raise ConfigurationError(f"CODEOWNERS would be larger than {limit} MB, and GitHub would not read it at all")
    return result


def has_codeowners(entries: Sequence[TreeEntry]) -> bool:
    """Whether there is a file that GitHub would look at."""
    return _present(entries) is not None


def stale_codeowners(
    source: Source, entries: Sequence[TreeEntry], catalog: Catalog, expected: bool = False
) -> tuple[Finding, ...]:
    """A warning where policies/ say that the forge is GitHub and the CODEOWNERS file of a tree is not the one that
    follows from its model. A tree without such a file asks GitHub for nothing, so there it is told only if one is
    `expected`."""
    platform = catalog.platform()
    if platform is None or platform.text("spec", "forge") != "github":
        return ()
    if not (expected or has_codeowners(entries)):
        return ()
    return stale_by_model(source, entries, catalog)


def stale_by_model(source: Source, entries: Sequence[TreeEntry], catalog: Catalog) -> tuple[Finding, ...]:
    """The same whatever the forge is, where such a file is expected."""
    result = _compare(source, entries, catalog, generate(catalog))
    if result.fresh or not result.wanted:
        return ()
    line, column = (result.faults[0].line, result.faults[0].column) if result.faults else (1, 1)
    place = Place(result.where, line, column)
    if result.written and not (result.faults or result.differences):
        why, fix = visible(result.problems[0], 200), "mend that, then run tarmac codeowners --write"
    else:
        why, fix = _why(result), "run tarmac codeowners --write"
    return (Finding("codeowners-stale", Severity.WARNING, why, place, None, Fix(fix)),)


def _why(result: CodeOwnersResult) -> str:
    """What is stale about a file, in a sentence."""
    if result.present is None:
        return "there is no CODEOWNERS file any more, so GitHub asks no owner"
    if result.faults:
        return f"GitHub does not read this line: {result.faults[0].message}"
    if result.differences:
        first, number = visible(result.differences[0].path, 120), len(result.differences)
        files = f"{first} has" if number == 1 else f"{number:,} files have, {first} among them,"
        return f"{files} other owners by this file than by the catalog"
    return "the file is not the one that follows from the owners in the catalog"


def _compare(source: Source, entries: Sequence[TreeEntry], catalog: Catalog, generated: CodeOwners) -> CodeOwnersResult:
    entry = _present(entries)
    if entry is None:
        return CodeOwnersResult(generated.text, None, generated.problems)
    content, fault = _content(source, entry)
    if content is None:
        file = OwnerFile((), (OwnerFault(1, 1, fault, "put the file itself here"),))
        return CodeOwnersResult(generated.text, "", generated.problems, entry.path, file)
    file = parse_owners(content)
    found = () if file.faults else differences(catalog, file)
    present = content.decode("utf-8", "replace")
    return CodeOwnersResult(generated.text, present, generated.problems, entry.path, file, found)


def _content(source: Source, entry: TreeEntry) -> tuple[bytes | None, str]:
    if entry.mode in (SYMLINK, SUBMODULE, SPECIAL):
        return None, "it is no regular file, so GitHub does not read it"
    for _, content in source.read([entry], LARGEST):
        return (content, "") if isinstance(content, bytes) else (None, f"the file cannot be read: {content}")
    return None, "the file cannot be read"


def _present(entries: Sequence[TreeEntry]) -> TreeEntry | None:
    """The file that GitHub would read."""
    there = {entry.path: entry for entry in entries if entry.path in LOCATIONS}
    return next((there[path] for path in LOCATIONS if path in there), None)
