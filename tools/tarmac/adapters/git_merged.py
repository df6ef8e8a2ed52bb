"""When files came to a branch as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from tarmac.adapters.git import GitRepository, instant_of, run_git

_MARK = "\x01"


def merged_at(repository: GitRepository, revision: str, paths: Collection[str]) -> Mapping[str, datetime]:
    """For each path the instant of the last first-parent commit up to the revision that touched it; a path that none
    touched is left out. Costs one walk of the history of these paths.

    Raises:
        GitError: git fails.
    """
    if not paths:
        return {}
    prefix = repository.prefix
    wanted = [f":(top,literal){prefix}{path}" for path in sorted(paths)]
    arguments = ["log", "--first-parent", "--diff-merges=first-parent", f"--format={_MARK}%ct", "--name-only", "-z"]
    said = run_git(repository.top, [*arguments, "--no-renames", revision, "--", *wanted])
    found: dict[str, datetime] = {}
    moment = None
    for part in said.decode("utf-8", "surrogateescape").split("\x00"):
        text = part.strip("\n")
        if text.startswith(_MARK):
            seconds, _, first = text.removeprefix(_MARK).partition("\n")
            moment, text = instant_of(seconds), first.strip("\n")
        if text and moment is not None:
            found.setdefault(text.removeprefix(prefix), moment)
    return found
