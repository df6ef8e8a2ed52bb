"""The proof that a CODEOWNERS file means what the model means: for every file of a tree, the same owners by both."""

from __future__ import annotations

from tarmac.approvals.codeowners_handles import Handles
from tarmac.approvals.codeowners_match import Matcher
from tarmac.approvals.codeowners_text import OwnerFile
from tarmac.approvals.owners import PathOwners, platform_owner
from tarmac.catalog.index import Catalog
from tarmac.model.frozen import Frozen


class OwnerDifference(Frozen):
    """A file whose owners are others at GitHub (`given`, by the line of that number; None: by none) than in the model
    (`wanted`). Both as GitHub names them."""

    path: str
    wanted: tuple[str, ...]
    given: tuple[str, ...]
    line: int | None


def differences(catalog: Catalog, file: OwnerFile) -> tuple[OwnerDifference, ...]:
    """The files of the catalog's tree whose owners differ, sorted by path. The order of owners on a line and the case
    of their names do not count. An owner without a name at GitHub is stood in for by the platform's, as `generate`
    does, which tells of it."""
    default = platform_owner(catalog)
    if default is None:
        return ()
    model, handles, matcher = PathOwners(catalog), Handles(catalog, default), Matcher(file.lines)
    found = []
    for path in sorted(catalog.files):
        wanted, line = handles.of(model.of(path)), matcher.line(path)
        given = () if line is None else line.owners
        if given != wanted and _same(given) != _same(wanted):
            found.append(OwnerDifference(path, wanted, given, None if line is None else line.number))
    return tuple(found)


def _same(owners: tuple[str, ...]) -> frozenset[str]:
    return frozenset(owner.lower() for owner in owners)
