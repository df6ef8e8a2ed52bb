"""check --base: which findings does a change bring?

The change runs from where it left the base's line to its head. What was there before is that point, as the base's
policies judge it now; so a rule that came to the base meanwhile is nobody's change, and a change cannot weaken the
rules that it is judged by. Both sides leave out the files that the base leaves out. How old files are is told of each
side by its own history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeAlias

from tarmac.app.ages import Histories, ages_at
from tarmac.app.check import CheckResult, judge, only_new
from tarmac.app.deps import Reading, Trees, TreeStore
from tarmac.app.load import Known, Loaded, blob_id, is_document, load, own_ignore
from tarmac.app.parts import LIMIT
from tarmac.catalog.view import PLATFORM_FILE
from tarmac.errors import CacheFault
from tarmac.model.frozen import Frozen
from tarmac.model.places import PlaceNode
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, WORKING_TREE, FileChange, Source, TreeEntry
from tarmac.rules.kept import Kept, Locate

# Opens what is kept, if anything of use is; raises CacheFault where it turns out to be torn, on opening or later.
Cache: TypeAlias = Callable[[Locate], AbstractContextManager[Kept | None]]
_IRREGULAR = (SYMLINK, SUBMODULE, SPECIAL)


class Change(Frozen):
    """Three trees, by their names (Git.tree_name): `base` judges, `fork` is where the change began, and `head`, whose
    files are in `tree`, is judged. `fork_commit` and `head_commit` are those whose history tells how old files are."""

    base: str
    fork: str
    head: str
    tree: Source
    fork_commit: str = ""
    head_commit: str = ""


def change_of(git: Trees, base: str, head: str | None, working: Source | None) -> Change:
    """A change from `base` to the `working` tree, or to the revision `head` where that is None.

    Raises:
        UsageError: a revision does not exist.
        GitError: git fails.
    """
    ends = git.ends(base, head)
    tree = git.tree_named(ends.head) if working is None else working
    return Change(ends.base, ends.fork, ends.head, tree, ends.fork_commit, ends.head_commit)


def check_change(
    git: TreeStore,
    change: Change,
    reading: Reading,
    now: datetime,
    cache: Cache | None = None,
    histories: Histories | None = None,
) -> CheckResult:
    """Judge both sides of a change, and tell what it brings. What is kept only spares work: the answer is the same
    without it. `histories` tell when files were changed, if a policy asks.

    Raises:
        ConfigurationError: there is nothing to read in the head.
        GitError: git fails.
    """
    if cache is not None:
        try:
            found = _by_cache(git, change, reading, now, cache, histories)
        except CacheFault:
            found = None
        if found is not None:
            return found
    return _whole(git, change, reading, now, histories)


def _whole(git: TreeStore, change: Change, reading: Reading, now: datetime, histories: Histories | None) -> CheckResult:
    known: Known = {}
    base = load(git.tree_named(change.base), reading, known=known)

    def loaded(name: str, tree: Source) -> Loaded:
        return base if name == change.base and tree is not change.tree else load(tree, reading, base.ignore, known)

    fork = loaded(change.fork, git.tree_named(change.fork))
    head = loaded(change.head, change.tree)

    def judged(side: Loaded, commit: str) -> CheckResult:
        return judge(side, base.catalog, reading, now, ages_at(base.catalog, histories, commit))

    after = judged(head, change.head_commit)
    before = judged(fork, change.fork_commit).findings if fork.files or fork.findings else ()
    return only_new(before, after)


def _by_cache(
    git: TreeStore, change: Change, reading: Reading, now: datetime, cache: Cache, histories: Histories | None
) -> CheckResult | None:
    """The same by what is kept; None where that is of another repository, was read with other ignored files, or does
    not tell how old files are."""
    from tarmac.app.ages import ages_moved
    from tarmac.app.incremental import compare, judge_difference
    from tarmac.app.tree_change import SAME, Difference, difference
    from tarmac.catalog.layered import Layered

    with git.blobs() as read_blob, cache(locating(read_blob, reading)) as kept:
        if kept is None:
            return None
        to_base = git.tree_changes(kept.tree, change.base)
        if to_base is None or not ignores_the_same(kept, git, change.base, to_base, reading):
            return None

        def beside(name: str) -> Difference:
            changes = git.tree_changes(kept.tree, name) or ()
            return difference(kept, git.tree_named(name), changes, reading) if changes else SAME

        base = beside(change.base)
        fork = base if change.fork == change.base else beside(change.fork)
        if change.tree.revision == WORKING_TREE:
            head = difference(kept, change.tree, _changed_since(kept, change.tree), reading)
        else:
            head = beside(change.head)
        judging = Layered.over(kept, base.change, reading.gate.kinds)
        moved = ages_moved(kept, judging, histories, ((change.fork_commit,), (change.head_commit,)))
        if moved is None:
            return None
        before = judge_difference(kept, fork, base, reading, now, moved[0])
        after = judge_difference(kept, head, base, reading, now, moved[1])
        return compare(before, after, change.tree.revision)


def locating(read_blob: Callable[[str], bytes], reading: Reading) -> Locate:
    """Finds the places of documents that are kept, by reading their files again."""

    def locate(path: str, blob: str, index: int) -> PlaceNode:
        documents, _ = reading.read(path, read_blob(blob))
        if index >= len(documents):
            raise CacheFault(f"{path} has no document {index}")
        return documents[index].places.root

    return locate


def ignores_the_same(kept: Kept, git: TreeStore, base: str, to_base: Sequence[FileChange], reading: Reading) -> bool:
    """Whether the base leaves out the files that were left out of what is kept."""
    entries = [side for one in to_base for side in (one.before, one.after) if side and side.path == PLATFORM_FILE]
    if not entries:
        return True
    now = [one.after for one in to_base if one.after is not None and one.after.path == PLATFORM_FILE]
    return own_ignore(git.tree_named(base), now, reading) == kept.ignore


def _changed_since(kept: Kept, tree: Source) -> Iterator[FileChange]:
    """The files of the working tree that differ from what is kept: told by their bytes, not by git's memory of them."""
    before = {entry.path: entry for entry in kept.entries()}
    compared: list[TreeEntry] = []
    for entry in tree.entries():
        old = before.pop(entry.path, None)
        if old is None or _mode(old) != _mode(entry):
            yield FileChange(old, entry)
        elif is_document(entry, kept.ignore):
            compared.append(entry)
            before[entry.path] = old
    for entry, content in tree.read(compared, LIMIT):
        old = before.pop(entry.path)
        if isinstance(content, str) or blob_id(content) != old.blob:
            yield FileChange(old, entry)
    for old in before.values():
        yield FileChange(old, None)


def _mode(entry: TreeEntry) -> str:
    """What the mode means for reading."""
    return entry.mode if entry.mode in _IRREGULAR else ""
