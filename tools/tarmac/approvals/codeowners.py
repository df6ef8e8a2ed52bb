"""The CODEOWNERS file that follows from the model: who owns which path, in GitHub's syntax.

The last matching line wins, so a folder stands before what is below it. A folder whose files have one owner gets one
line, and none where the folder above says the same. Source: GitHub, "About code owners".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tarmac.approvals.owners import PathOwners, platform_owner
from tarmac.catalog.index import Catalog
from tarmac.catalog.people import login
from tarmac.model.refs import Ref

PATH = ".github/CODEOWNERS"
_HEAD = (
    "# Who approves a change to which path, generated from the owners in the catalog: tarmac codeowners --write",
    "# The last line that matches a path counts.",
)
# What a pattern cannot say: GitHub knows no escape for these, and reads a line with them otherwise or not at all.
_UNWRITABLE = re.compile(r"[\s#\[\]!*?\\\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HANDLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*)(?:/[A-Za-z0-9._-]+)?\Z")
# Whatever is nested deeper is written file by file, so that no tree of folders is too deep to walk.
_DEEPEST = 64
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The file's text, and what it could not say: each a sentence with what to do."""

    text: str
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Folder:
    path: str
    folders: dict[str, _Folder] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def generate(catalog: Catalog) -> CodeOwners:
    """CODEOWNERS for every file of the catalog's tree. Without a platform with an owner there is nobody to fall back
    on, and that is the one problem."""
    default = platform_owner(catalog)
    if default is None:
        return CodeOwners("", ("there is no platform with an owner: write spec.owner in policies/platform.yaml",))
    handles = _Handles(catalog, default)
    lines = [f"* {handles.of((default,))}"]
    lines += _Writer(PathOwners(catalog), handles).folder(_tree(catalog.files), (default,))
    return CodeOwners("\n".join((*_HEAD, *lines)) + "\n", tuple(handles.problems))


class _Handles:
    """Owners as GitHub names them. Who has no handle is replaced by the platform's owner, and told as a problem."""

    def __init__(self, catalog: Catalog, default: Ref) -> None:
        self._catalog, self._default = catalog, default
        self._organization = _organization(catalog)
        self.problems: dict[str, None] = {}

    def of(self, owners: tuple[Ref, ...]) -> str:
        found = [self._handle(owner) for owner in owners]
        known = [handle for handle in found if handle is not None]
        return " ".join(known or [self._handle(self._default) or f"@{self._organization}/{self._default.name}"])

    def _handle(self, owner: Ref) -> str | None:
        entity = self._catalog.get(owner)
        if entity is None:
            self.problems[f"{owner} owns files and is not in the catalog"] = None
            return None
        if entity.kind == "User":
            handle, where = login(entity), "github.com/user-login"
        else:
            handle, where = entity.text("metadata", "annotations", "github.com/team-slug"), "github.com/team-slug"
            if handle and "/" not in handle:
                handle = f"{self._organization}/{handle}"
        if handle is None or not _HANDLE.match(handle):
            self.problems[f"{owner} has no usable annotation {where}"] = None
            return None
        return f"@{handle}"


class _Writer:
    def __init__(self, owners: PathOwners, handles: _Handles) -> None:
        self._owners, self._handles = owners, handles

    def folder(self, folder: _Folder, above: tuple[Ref, ...]) -> Iterator[str]:
        """The lines of a folder whose parent's line (or nearest one) gives `above`."""
        here = above
        inside = self._of_all(folder)
        if folder.path:
            # What is not there yet gets the owner that a new file would have.
            wanted = inside if inside is not None else self._owners.of(f"{folder.path}/\x00new") or above
            if wanted != above and self._writable(folder.path):
                yield f"/{folder.path}/ {self._handles.of(wanted)}"
                here = wanted
        if inside is not None and inside == here:
            return
        for path in sorted(folder.files):
            owners = self._owners.of(path)
            if owners and owners != here and self._writable(path):
                yield f"/{path} {self._handles.of(owners)}"
        for name in sorted(folder.folders):
            yield from self.folder(folder.folders[name], here)

    def _of_all(self, folder: _Folder) -> tuple[Ref, ...] | None:
        """The owners that every file below has, or None where they differ."""
        found = {self._owners.of(path) for path in _files(folder)}
        return found.pop() if len(found) == 1 else None

    def _writable(self, path: str) -> bool:
        if _UNWRITABLE.search(path) is None:
            return True
        self._handles.problems[f"{path!a} cannot be written in CODEOWNERS: rename it"] = None
        return False


def _tree(paths: Iterable[str]) -> _Folder:
    root = _Folder("")
    for path in paths:
        here = root
        for name in path.split("/")[:-1][:_DEEPEST]:
            here = here.folders.setdefault(name, _Folder(f"{here.path}/{name}" if here.path else name))
        here.files.append(path)
    return root


def _files(folder: _Folder) -> Iterator[str]:
    yield from folder.files
    for inner in folder.folders.values():
        yield from _files(inner)


def _organization(catalog: Catalog) -> str:
    """The organization's name at GitHub: the Platform's annotation, or its organization in lower case with hyphens."""
    platform = catalog.platform()
    if platform is None:
        return ""
    stated = platform.text("metadata", "annotations", "github.com/organization")
    return stated or _SLUG.sub("-", (platform.text("spec", "organization") or "").lower()).strip("-")
