"""The CODEOWNERS file that follows from the model: who owns which path, in GitHub's syntax.

The last matching line wins, so a folder stands before what is below it. A folder whose files have one owner gets one
line, and none where the folder above says the same. A path that no pattern can say is left to the line of the folder
above it, where that has the same owner. Source: GitHub, "About code owners".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tarmac.approvals.codeowners_handles import Handles
from tarmac.approvals.owners import PathOwners, platform_owner
from tarmac.catalog.index import Catalog
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

PATH = ".github/CODEOWNERS"
_HEAD = (
    "# Who approves a change to which path, generated from the owners in the catalog: tarmac codeowners --write",
    "# The last line that matches a path counts.",
)
# What a pattern cannot say: GitHub knows no escape for these, and reads a line with them otherwise or not at all.
_UNWRITABLE = re.compile(r"[\s#\[\]!*?\\\x00-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
# Whatever is nested deeper is written file by file, so that no tree of folders is too deep to walk.
_DEEPEST = 64


class CodeOwners(Frozen):
    """The file's text, and what it could not say: each a sentence with what to do."""

    text: str
    problems: tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Folder:
    """`inside` are the different owners that the files below have, at most two of them."""

    path: str
    folders: dict[str, _Folder] = field(default_factory=dict)
    files: list[tuple[str, tuple[Ref, ...]]] = field(default_factory=list)
    inside: set[tuple[Ref, ...]] = field(default_factory=set)


def generate(catalog: Catalog) -> CodeOwners:
    """CODEOWNERS for every file of the catalog's tree. Without a platform with an owner there is nobody to fall back
    on, and that is the one problem; so it is where that owner has no name at GitHub."""
    default = platform_owner(catalog)
    if default is None:
        return CodeOwners("", ("there is no platform with an owner: write spec.owner in policies/platform.yaml",))
    handles = Handles(catalog, default)
    everything = handles.of((default,))
    if not everything:
        return CodeOwners("", tuple(handles.problems))
    writer = _Writer(PathOwners(catalog), handles)
    lines = [f"* {everything[0]}", *writer.folder(writer.tree(catalog.files), (default,))]
    return CodeOwners("\n".join((*_HEAD, *lines)) + "\n", tuple(handles.problems))


class _Writer:
    def __init__(self, owners: PathOwners, handles: Handles) -> None:
        self._owners, self._handles = owners, handles

    def tree(self, paths: Iterable[str]) -> _Folder:
        """The folders of these files, and whose those are."""
        root = _Folder("")
        for path in paths:
            here, owners = root, self._owners.of(path)
            for name in path.split("/")[:-1][:_DEEPEST]:
                here = here.folders.setdefault(name, _Folder(f"{here.path}/{name}" if here.path else name))
                if len(here.inside) < 2:
                    here.inside.add(owners)
            here.files.append((path, owners))
        return root

    def folder(self, folder: _Folder, above: tuple[Ref, ...]) -> Iterator[str]:
        """The lines of a folder whose parent's line (or nearest one) gives `above`."""
        here = above
        inside = next(iter(folder.inside)) if len(folder.inside) == 1 else None
        if folder.path:
            # What is not there yet gets the owner that a new file would have.
            wanted = inside or self._owners.of(f"{folder.path}/\x00new")
            if wanted != above and self._writable(folder.path):
                yield self._line(f"/{folder.path}/", wanted)
                here = wanted
        for path, owners in sorted(folder.files):
            if owners != here and self._writable(path):
                yield self._line(f"/{path}", owners)
        for name in sorted(folder.folders):
            yield from self.folder(folder.folders[name], here)

    def _line(self, pattern: str, owners: tuple[Ref, ...]) -> str:
        return f"{pattern} {' '.join(self._handles.of(owners))}"

    def _writable(self, path: str) -> bool:
        if _UNWRITABLE.search(path) is None:
            return True
        self._handles.problems[f"{path!a} cannot be written in CODEOWNERS: rename it"] = None
        return False
