"""A tree of files becomes a catalog, and the findings about how its documents are written."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import TypeAlias

from tarmac.app.deps import Reading
from tarmac.app.parts import DATA_FOLDERS, LIMIT, Parsed, Part, formed, insists, parse, unfit, unread
from tarmac.catalog.index import Catalog, Indexing, build
from tarmac.catalog.view import PLATFORM_FILE
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen
from tarmac.model.globs import matches
from tarmac.model.json_value import dig, texts
from tarmac.model.patterns import lazily
from tarmac.model.together import together
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, Source, TreeEntry

_POLICIES = "policies/"
_POLICY_TESTS = lazily(r"policies/(?:[^/]+/)*[^/]+\.tests\.ya?ml")
_SKELETON = lazily(r"templates/[^/]+/skeleton/")


# Files parsed before, by path and blob id: trees that share files share what was parsed.
Known: TypeAlias = MutableMapping[tuple[str, str], Parsed]


class Loaded(Frozen):
    """What a tree holds: its catalog, how many files were read and documents found, and findings about form.

    `parts` says what each file adds, by path, files that add nothing included; `ignore` which globs were left out.
    """

    catalog: Catalog
    files: int
    documents: int
    findings: tuple[Finding, ...]
    parts: Mapping[str, Part]
    entries: Sequence[TreeEntry]
    ignore: tuple[str, ...]

    @property
    def revision(self) -> str:
        """The tree's name."""
        return self.catalog.revision

    def compiles(self, entity: Entity) -> bool:
        """Nothing of a tree that is read whole is known before."""
        return False


def load(
    source: Source,
    reading: Reading,
    ignore: Iterable[str] | None = None,
    known: Known | None = None,
    hear: Callable[[Iterable[Entity]], Container[int]] | None = None,
) -> Loaded:
    """Read every document of a tree.

    `ignore` are the globs of files that are no documents; None takes those of the tree's own platform file. A review
    hands in the base's, so that a change cannot hide what it adds. `known` is filled with what is parsed, and spares
    the files that are there already. `hear` is told of the entities, policies first, before what their documents hold
    is put away, and says which documents will be asked for it, by `id`.
    """
    entries = source.entries()
    ignored = tuple(own_ignore(source, entries, reading) if ignore is None else ignore)
    indexing = Indexing(reading.gate.kinds, hear)
    with reading.shelf.telling(indexing.add):
        parts = parts_of(source, entries, ignored, reading, known)
    documents = [document for entry in entries for document in parts[entry.path].documents]
    catalog = build(source.revision, documents, parts.keys(), reading.gate.kinds, indexing)
    if catalog.in_turns:
        # There are many, and the catalog has them.
        for path, part in parts.items():
            parts[path] = part.without_documents()
    return Loaded(
        catalog=catalog,
        files=sum(part.counted for part in parts.values()),
        documents=len(documents),
        findings=tuple(finding for part in parts.values() for finding in part.findings),
        parts=parts,
        entries=entries,
        ignore=ignored,
    )


def parts_of(
    source: Source,
    entries: Sequence[TreeEntry],
    ignored: Iterable[str],
    reading: Reading,
    known: Known | None = None,
    named: Callable[[str], bool] = lambda path: False,
) -> dict[str, Part]:
    """What each of the files adds to the tree, by path.

    `named` says of a path whether a file that is not among them names it by a placeholder.
    """
    parts = dict.fromkeys((entry.path for entry in entries), _NOTHING)
    candidates = []
    for entry in entries:
        fault = unfit(entry)
        if fault is not None:
            parts[entry.path] = Part(findings=(fault,))
        elif is_document(entry, ignored):
            candidates.append(entry)
    # By them the others are judged.
    candidates.sort(key=lambda entry: entry.path[0] != "p" or not entry.path.startswith(_POLICIES))
    parts.update(_read(source, candidates, reading, known, named))
    return parts


def is_document(entry: TreeEntry, ignored: Iterable[str]) -> bool:
    """Whether a file that is fit to be read is looked at for documents."""
    return (
        entry.mode not in (SYMLINK, SUBMODULE, SPECIAL)
        and is_candidate(entry.path)
        and not any(matches(glob, entry.path) for glob in ignored)
    )


def is_candidate(path: str) -> bool:
    """Whether a path may hold documents: YAML, in no folder that begins with a dot, in no template's skeleton, and no
    file of tests."""
    if not path.endswith((".yaml", ".yml")):
        return False
    # Each path is asked, and to look at one letter takes a quarter of the time.
    first = path[0]
    if first == "p" and is_policy_tests(path):
        return False
    if first == "t" and path.startswith("templates/") and _SKELETON.match(path):
        return False
    # Hardly any path has a dot there.
    if "/." not in path and first != ".":
        return True
    return not any(part.startswith(".") for part in path.split("/")[:-1])


def is_policy_tests(path: str) -> bool:
    """Whether a file holds the tests of the policies in the file next to it, as `policies/names.tests.yaml` does."""
    return path.startswith(_POLICIES) and _POLICY_TESTS.fullmatch(path) is not None


def _read(
    source: Source,
    candidates: Sequence[TreeEntry],
    reading: Reading,
    known: Known | None,
    named_elsewhere: Callable[[str], bool],
) -> dict[str, Part]:
    """What each candidate adds.

    What a file names by a placeholder is data (an OpenAPI definition), read only by what shows it, unless it says
    itself that it is a document. So naming a policy does not switch it off, and what may be data waits until all files
    that may name it are parsed.
    """
    found: dict[str, Parsed | Part] = {}
    waiting: list[tuple[TreeEntry, bytes]] = []
    refused: dict[str, str] = {}
    names: set[str] = set()

    def take(path: str, parsed: Parsed) -> None:
        names.update(parsed.names)
        # Most are the same whether another file names them or not, and there may be many.
        found[path] = parsed.part(named=False) if parsed.insists and parsed.known else parsed

    if known is not None:
        for entry in candidates:
            if (key := (entry.path, entry.blob)) in known:
                take(entry.path, known[key])

    def insisting() -> Iterator[tuple[TreeEntry, bytes]]:
        for entry, content in source.read([entry for entry in candidates if entry.path not in found], LIMIT):
            if isinstance(content, str):
                refused[entry.path] = content
            elif insists(content):
                yield entry, content
            else:
                waiting.append((entry, content))

    for path, parsed in _parsed(insisting(), reading, known, insisting=True):
        take(path, parsed)

    def named(path: str) -> bool:
        return path in names or named_elsewhere(path)

    unnamed = [(entry, content) for entry, content in waiting if not named(entry.path)]
    found.update(_parsed(unnamed, reading, known, insisting=False))
    parts = {path: unread(path, why, named(path)) for path, why in refused.items()}
    for path, one in found.items():
        parts[path] = one if isinstance(one, Part) else one.part(named(path))
    return parts


def _parsed(
    files: Iterable[tuple[TreeEntry, bytes]], reading: Reading, known: Known | None, insisting: bool
) -> Iterator[tuple[str, Parsed]]:
    """What each of the files holds, by path."""
    for some in together(files):
        if known is None:
            read = [reading.read(entry.path, content) for entry, content in some]
            new = [formed(content, held, reading, insisting) for (_, content), held in zip(some, read, strict=True)]
            yield from zip((entry.path for entry, _ in some), new, strict=True)
        else:
            new = []
            for entry, content in some:
                key = (entry.path, entry.blob or blob_id(content))
                if key not in known:
                    known[key] = parse(entry.path, content, reading, insisting)
                    new.append(known[key])
                yield entry.path, known[key]
        # When nobody looks at them for now.
        reading.shelf.add([one.documents for one in new], sum(len(content) for _, content in some))


def blob_id(content: bytes) -> str:
    """The id that git gives a file of this content (in a repository of SHA-1 ids)."""
    from hashlib import sha1

    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def own_ignore(source: Source, entries: Iterable[TreeEntry], reading: Reading) -> tuple[str, ...]:
    """The globs of files that are no documents, as a tree's own platform file has them.

    Where there is a folder of policies and that file is missing or cannot be read, nobody knows what it leaves out:
    then only the folders of data are read, so that what is wrong is not lost among the findings of hundreds of other
    files.
    """
    entries = list(entries)
    if not any(entry.path[0] == "p" and entry.path.startswith(_POLICIES) for entry in entries):
        return ()
    platform = [entry for entry in entries if entry.path == PLATFORM_FILE]
    for _, content in source.read([one for one in platform if one.mode not in (SYMLINK, SUBMODULE)], LIMIT):
        documents = reading.read(PLATFORM_FILE, content)[0] if isinstance(content, bytes) else ()
        stated = [document for document in documents if isinstance(dig(document.data, "spec"), Mapping)]
        if stated:
            return tuple(glob for document in stated for glob in texts(document.data, "spec", "ignore"))
    folders = {entry.path.split("/", 1)[0] for entry in entries if "/" in entry.path}
    return tuple(f"{folder}/**" for folder in sorted(folders - set(DATA_FOLDERS)))


_NOTHING = Part()
