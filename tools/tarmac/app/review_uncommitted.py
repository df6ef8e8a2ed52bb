"""review, the part about what it does not see: files of the data folders that are not committed."""

from __future__ import annotations

from tarmac.app.load import blob_id
from tarmac.app.parts import DATA_FOLDERS, LIMIT
from tarmac.model.trees import Source, TreeEntry


def uncommitted(working: Source, head: Source) -> tuple[str, ...]:
    """The data files that are other ones, or not there, in one of the two: sorted paths. A file too large to be read as
    a document counts only where the other side has none of its name."""
    committed = {entry.path: entry for entry in head.entries() if _is_data(entry)}
    there = [entry for entry in working.entries() if _is_data(entry)]
    found = committed.keys() ^ {entry.path for entry in there}
    both = [entry for entry in there if entry.path in committed]
    for entry, content in working.read(both, LIMIT):
        blob = committed[entry.path].blob
        # Ids of another length are of another hash, which nothing here computes.
        if isinstance(content, bytes) and len(blob) == len(own := blob_id(content)) and blob != own:
            found.add(entry.path)
    return tuple(sorted(found))


def _is_data(entry: TreeEntry) -> bool:
    return entry.path.split("/", 1)[0] in DATA_FOLDERS
