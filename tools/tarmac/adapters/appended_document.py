"""One more document in a file of documents: every byte that stands there stays."""

from __future__ import annotations

from tarmac.adapters.yaml_reader import read_documents
from tarmac.errors import UsageError

_BOM = b"\xef\xbb\xbf"


def appended(path: str, before: bytes, document: str) -> bytes:
    """The file with a document, given as YAML text, behind what it holds; line endings are those of the file.

    Raises:
        UsageError: the file cannot be read as documents, or would no longer hold the same ones.
    """
    known, faults = read_documents(path, before)
    if faults:
        raise UsageError(f"{faults[0].place}: {faults[0].message}; mend that first")
    lines = b"\r\n" if b"\r\n" in before else b"\n"
    added = document.encode("utf-8").replace(b"\n", lines)
    head = before
    if head and not head.endswith((b"\n", b"\r")):
        head += lines
    # A file of comments alone begins its first document; every other one ends the last.
    if known or head.removeprefix(_BOM).strip():
        head += b"---" + lines
    after = head + added
    found, faults = read_documents(path, after)
    wanted, _ = read_documents(path, document.encode("utf-8"))
    if faults or [one.data for one in found] != [one.data for one in (*known, *wanted)]:
        raise UsageError(f"{path} ends in a way that nothing can be added behind: choose another file")
    return after
