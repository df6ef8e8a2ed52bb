"""A tree of files becomes a catalog, and the findings about how its documents are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tarmac.app.deps import Reading
from tarmac.catalog.index import Catalog, build, entity_of
from tarmac.catalog.placeholders import placeholders
from tarmac.model.documents import Document
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.globs import matches
from tarmac.model.json_value import texts
from tarmac.model.kinds import KindInfo
from tarmac.model.places import Place
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, Source, TreeEntry

DATA_FOLDERS = ("catalog", "policies", "requests", "teams", "templates")
PLATFORM_FILE = "policies/platform.yaml"

# As large as the reader takes; what is larger is its finding.
_LIMIT = 1024 * 1024
_SKELETON = re.compile(r"templates/[^/]+/skeleton/")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_PLACEHOLDER = re.compile(rb"\$(?:text|json|yaml)\b")
_SAYS_KIND = re.compile(rb"^(?:---[ \t]+)?[\"']?kind[\"']?[ \t]*:", re.MULTILINE)
_SAYS_VERSION = re.compile(rb"^(?:---[ \t]+)?[\"']?apiVersion[\"']?[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a tree holds: its catalog, how many files were read and documents found, and findings about form."""

    catalog: Catalog
    files: int
    documents: int
    findings: tuple[Finding, ...]


def load(source: Source, reading: Reading, ignore: Iterable[str] | None = None) -> Loaded:
    """Read every document of a tree.

    `ignore` are the globs of files that are no documents; None takes those of the tree's own platform file. A review
    hands in the base's, so that a change cannot hide what it adds.
    """
    entries = source.entries()
    paths = frozenset(entry.path for entry in entries)
    unfit = {entry.path: finding for entry in entries if (finding := _unfit(entry)) is not None}
    findings = list(unfit.values())
    if ignore is None:
        ignore = _own_ignore(source, entries, reading)
    ignored = tuple(ignore)
    candidates = [
        entry
        for entry in entries
        if entry.mode not in (SYMLINK, SUBMODULE, SPECIAL)
        and entry.path not in unfit
        and is_candidate(entry.path)
        and not any(matches(glob, entry.path) for glob in ignored)
    ]
    documents, said, files = _read(source, candidates, reading)
    return Loaded(
        catalog=build(source.revision, documents, paths, reading.gate.kinds),
        files=files,
        documents=len(documents),
        findings=tuple(findings) + said,
    )


def is_candidate(path: str) -> bool:
    """Whether a path may hold documents: YAML, in no folder that begins with a dot, in no template's skeleton."""
    if not path.endswith((".yaml", ".yml")) or _SKELETON.match(path):
        return False
    return not any(part.startswith(".") for part in path.split("/")[:-1])


def _read(
    source: Source, candidates: list[TreeEntry], reading: Reading
) -> tuple[list[Document], tuple[Finding, ...], int]:
    """Documents and findings of the candidates, in order of path.

    Files that name others by a placeholder are parsed first: what they name is data (an OpenAPI definition), read only
    by what shows it, unless it says itself that it is a document. So naming a policy does not switch it off.
    """
    found: dict[str, tuple[tuple[Document, ...], tuple[Finding, ...]]] = {}
    waiting: dict[str, bytes] = {}
    unread: list[Finding] = []
    named: set[str] = set()
    for entry, content in source.read(candidates, _LIMIT):
        if isinstance(content, str):
            unread.append(_unread(entry.path, content))
        elif _PLACEHOLDER.search(content) is None:
            waiting[entry.path] = content
        else:
            found[entry.path] = reading.read(entry.path, content)
            named.update(_targets(found[entry.path][0]))
    for path, content in waiting.items():
        if path in named and not (_SAYS_KIND.search(content) and _SAYS_VERSION.search(content)):
            continue
        found[path] = reading.read(path, content)
    documents: list[Document] = []
    findings = [finding for finding in unread if finding.place.path not in named]
    for path in sorted(found):
        parsed, said = found[path]
        unknown_and_named = path in named and not any(document.kind_key in reading.gate.kinds for document in parsed)
        if unknown_and_named:
            continue
        findings += said
        documents += parsed
        for document in parsed:
            findings += _gated(document, reading, reading.gate.kinds)
    return documents, tuple(findings), len(found)


def _gated(document: Document, reading: Reading, kinds: Mapping[tuple[str, str], KindInfo]) -> Iterable[Finding]:
    problems = reading.gate.problems(document)
    if not problems:
        return ()
    entity = entity_of(document, kinds)
    return problems if entity is None else [replace(problem, entity=str(entity.ref)) for problem in problems]


def _targets(documents: Iterable[Document]) -> set[str]:
    found = set()
    for document in documents:
        for placeholder in placeholders(document):
            path = None if placeholder.remote else placeholder.local_path(document.path)
            if path is not None:
                found.add(path)
    return found


def _own_ignore(source: Source, entries: Iterable[TreeEntry], reading: Reading) -> tuple[str, ...]:
    platform = [entry for entry in entries if entry.path == PLATFORM_FILE and entry.mode not in (SYMLINK, SUBMODULE)]
    for _, content in source.read(platform, _LIMIT):
        if isinstance(content, bytes):
            documents, _ = reading.read(PLATFORM_FILE, content)
            return tuple(glob for document in documents for glob in texts(document.data, "spec", "ignore"))
    return ()


def _unfit(entry: TreeEntry) -> Finding | None:
    """What keeps a file from being read at all, where someone would expect that it is."""
    in_data = entry.path.split("/", 1)[0] in DATA_FOLDERS
    if _UNPRINTABLE.search(entry.path):
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
            f"the file is larger than {_LIMIT // 1024} KiB, so it is not read",
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
