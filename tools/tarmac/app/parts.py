"""What one file adds to its tree: documents, findings about how they are written, and the files that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeAlias

from tarmac.app.deps import Reading
from tarmac.catalog.index import entity_of
from tarmac.catalog.placeholders import placeholders
from tarmac.model.documents import Document
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.flood import ID, MOST
from tarmac.model.frozen import Frozen, replace
from tarmac.model.patterns import lazily
from tarmac.model.places import Place
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, TreeEntry

DATA_FOLDERS = ("catalog", "policies", "requests", "teams", "templates")

# As large as the reader takes; what is larger is its finding.
LIMIT = 1024 * 1024
_UNPRINTABLE = lazily("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_PLACEHOLDER = lazily(rb"\$(?:text|json|yaml)\b")
# The look ahead spares lines that cannot match: a file may be a megabyte of line feeds.
_SAYS_KIND = lazily(rb"^(?=[-\"'k])(?:---[ \t]+)?[\"']?kind[\"']?[ \t]*:", re.MULTILINE)
# Nearly every document begins like that.
_BEGINS, _KIND_BELOW = (b"apiVersion: ", b"---\napiVersion: "), b"\nkind: "
_SAYS_VERSION = lazily(rb"^(?=[-\"'a])(?:---[ \t]+)?[\"']?apiVersion[\"']?[ \t]*:", re.MULTILINE)


# What a file holds: its documents, and the findings about how they are written.
Read: TypeAlias = tuple[tuple[Document, ...], tuple[Finding, ...]]

# One for all: each time it is made, an empty one is another.
_NONE: frozenset[str] = frozenset()


class Part(Frozen, gc=False):
    """What a file adds. `counted` says that it was parsed, `names` are the paths that its placeholders name. Where the
    documents are kept elsewhere, `elsewhere` says how many they are."""

    counted: bool = False
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    names: frozenset[str] = _NONE
    elsewhere: int = 0

    @property
    def number(self) -> int:
        """How many documents it adds."""
        return len(self.documents) + self.elsewhere

    def without_documents(self) -> Part:
        """The same, holding none of them: one for all files that add nothing else."""
        if not self.documents or self.findings or self.names:
            return self
        return _so_many(len(self.documents))


@cache
def _so_many(documents: int) -> Part:
    return Part(True, elsewhere=documents)


class Parsed(Frozen, gc=False):
    """A file's documents and all findings about their form.

    `known` says that one of them is of a known kind, `insists` that the file is parsed though another one names it.
    """

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]
    names: frozenset[str]
    known: bool
    insists: bool

    def part(self, named: bool) -> Part:
        """What it adds, given whether another file names it: then it is data, unless it holds a known kind."""
        if named and not self.insists:
            return Part()
        if named and not self.known:
            return Part(True, names=self.names)
        return Part(True, self.documents, self.findings, self.names)


def parse(path: str, content: bytes, reading: Reading, insisting: bool) -> Parsed:
    """Read a file and hold it to the form of its kinds. `insisting` says whether it insists on it (`insists`)."""
    return formed(content, reading.read(path, content), reading, insisting)


def formed(content: bytes, read: Read, reading: Reading, insisting: bool) -> Parsed:
    """Hold what was read of a file to the form of its kinds, as `parse` does."""
    documents, findings = read
    if gated := _all_gated(documents, reading):
        findings = (*findings, *gated)
    names = _names(documents) if _has_placeholder(content) else _NONE
    # The gate says it of each document whose kind it does not know.
    known = bool(documents) and (not gated or _any_known(documents, reading))
    return Parsed(documents, findings, names, known, insisting)


def insists(content: bytes) -> bool:
    """Whether the file is parsed though another one names it: it says that it is a document, or may name others."""
    if content.startswith(_BEGINS) and _KIND_BELOW in content:
        return True
    says_itself = _SAYS_KIND.search(content) is not None and _SAYS_VERSION.search(content) is not None
    return says_itself or _has_placeholder(content)


def _has_placeholder(content: bytes) -> bool:
    return b"$" in content and _PLACEHOLDER.search(content) is not None


def unread(path: str, why: str, named: bool) -> Part:
    """What a file adds that cannot be read, for that reason; nothing where another file names it."""
    return Part() if named else Part(findings=(_unread(path, why),))


def _all_gated(documents: Iterable[Document], reading: Reading) -> Sequence[Finding]:
    """What the gate says of each document; after a hundred errors the others are not asked: a file may hold thousands,
    and its verdict is clear by then."""
    found: list[Finding] = []
    errors = 0
    for document in documents:
        if errors >= MOST:
            message = f"after {errors} faults in the form of documents of this file, those from here on are not judged"
            fix = Fix("mend those before it first")
            return [*found, Finding(ID, Severity.ERROR, message, document.places.first(), None, fix)]
        if problems := reading.gate.problems(document):
            entity = entity_of(document, reading.gate.kinds)
            ref = None if entity is None else str(entity.ref)
            found += problems if ref is None else [replace(problem, entity=ref) for problem in problems]
            errors += sum(problem.severity is Severity.ERROR for problem in problems)
    return found


def _any_known(documents: Iterable[Document], reading: Reading) -> bool:
    kinds = reading.gate.kinds
    # A generator would take longer than what it asks, of each file.
    for document in documents:  # noqa: SIM110  # see above
        if document.kind_key in kinds:
            return True
    return False


def _names(documents: Iterable[Document]) -> frozenset[str]:
    found = set()
    for document in documents:
        for placeholder in placeholders(document):
            path = None if placeholder.remote else placeholder.local_path(document.path)
            if path is not None:
                found.add(path)
    return frozenset(found)


def unfit(entry: TreeEntry) -> Finding | None:
    """What keeps a file from being read at all, where someone would expect that it is."""
    if entry.path.isprintable() and entry.mode not in (SYMLINK, SUBMODULE, SPECIAL):
        return None
    in_data = entry.path.split("/", 1)[0] in DATA_FOLDERS
    if not entry.path.isprintable() and _UNPRINTABLE.search(entry.path):
        if not in_data and not entry.path.endswith((".yaml", ".yml")):
            return None
        return _file_finding(
            printable(entry.path), "the file's name holds characters that cannot be printed", "rename it"
        )
    if not in_data:
        return None
    if entry.mode == SYMLINK:
        return _file_finding(
            entry.path, "a symbolic link: documents are read where they stand", "put the file itself here"
        )
    if entry.mode == SUBMODULE:
        return _file_finding(
            entry.path, "a submodule or nested repository: its content is not reviewed here", "add the files"
        )
    if entry.mode == SPECIAL:
        return _file_finding(entry.path, "neither a file nor a folder (a pipe, a socket or a device)", "remove it")
    return None


def _unread(path: str, why: str) -> Finding:
    if why.startswith("larger than"):
        return Finding(
            "yaml-limit",
            Severity.ERROR,
            f"the file is larger than {LIMIT // 1024} KiB, so it is not read",
            Place(path),
            None,
            Fix("split it into several files"),
        )
    return _file_finding(path, f"the file cannot be read: {why}", "make it a readable file")


def _file_finding(path: str, message: str, fix: str) -> Finding:
    return Finding("unreadable-file", Severity.ERROR, message, Place(path), None, Fix(fix))


def printable(path: str) -> str:
    """A path with everything that cannot be printed written as an escape."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), path)
