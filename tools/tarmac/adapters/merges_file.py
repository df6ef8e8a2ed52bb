"""Merged pull requests as a forge's recorded answers tell of them: a file, or a folder of files.

Each answer is an object of the shape that `--reviews` reads, with what GitHub's REST API says of a merged pull request:
`pull.merge_commit_sha`, `pull.merged_at`, `pull.merged_by`, `pull.base.ref`, `pull.head.sha`. A file holds one, or
several under `merges`. What is missing is refused and never guessed, and so is what has not happened yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from tarmac.adapters.json_place import Steps, line_and_column
from tarmac.adapters.reviews_file import (
    LIMIT,
    Json,
    commit_of,
    field_of,
    instant_of,
    list_of,
    load_json,
    login_of,
    mapping_of,
    pull_request,
    refuse,
    text_of,
)
from tarmac.errors import UsageError
from tarmac.model.forge import MergedPull
from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible
from tarmac.model.values import CLOCK_SKEW, show_instant

_MERGES = "merges"


class RecordedMerges(Frozen):
    """Recorded answers, by the commit that a merge made. Two merged pull requests may name the same one."""

    by_commit: Mapping[str, tuple[MergedPull, ...]]

    def merged(self, commit: str) -> tuple[MergedPull, ...]:
        """The pull requests whose merge made this commit."""
        return self.by_commit.get(commit, ())


class _Later(UsageError):
    """A merge is dated later than now; the message begins with line and column."""


def read_merges(path: Path, now: datetime) -> RecordedMerges:
    """The merges that a file tells of, or all `*.json` of a folder.

    Raises:
        UsageError: something cannot be read, does not hold what it should, or tells of a merge after `now`; with the
            file.
    """
    found: dict[str, tuple[MergedPull, ...]] = {}
    for file in _files(path):
        name = visible(str(file), 200)
        try:
            for one in parse_merges(_content(file), now):
                found[one.commit] = (*found.get(one.commit, ()), one)
        except _Later as fault:
            raise UsageError(f"{name}:{fault}") from None
        except UsageError as fault:
            raise UsageError(f"{name}: {fault}") from None
    return RecordedMerges(found)


def parse_merges(content: bytes, now: datetime) -> Iterator[MergedPull]:
    """The merges that JSON tells of, in UTF-8. Pull requests that are not merged are left out.

    Raises:
        UsageError: it does not hold what it should, or a merge is dated later than `now`, by more than clocks differ.
    """
    data = load_json(content)
    root = mapping_of(data, "the file")
    answers: Sequence[Json] = list_of(root[_MERGES], _MERGES) if _MERGES in root else [data]
    for index, answer in enumerate(answers):
        made = merged_pull(answer)
        if made is None:
            continue
        if made.merged_at > now + CLOCK_SKEW:
            raise _later(content, (_MERGES, index) if _MERGES in root else (), made, now)
        yield made


def merged_pull(answer: Json) -> MergedPull | None:
    """One merged pull request from GitHub's answers put together; None where it was not merged.

    Raises:
        UsageError: something is missing, of another type, or said twice in two ways.
    """
    pull = mapping_of(field_of(mapping_of(answer, "the file"), "pull", "the file"), "pull")
    told = pull_request(answer)
    merged_at = field_of(pull, "merged_at", "pull")
    if merged_at is None:
        return None
    if told.head is None:
        refuse("pull.head.sha", "the full id of a commit")
    base = mapping_of(field_of(pull, "base", "pull"), "pull.base")
    return MergedPull(
        pull=told,
        commit=commit_of(field_of(pull, "merge_commit_sha", "pull"), "pull.merge_commit_sha"),
        branch=text_of(field_of(base, "ref", "pull.base"), "pull.base.ref"),
        merged_at=instant_of(merged_at, "pull.merged_at"),
        merged_by=_merger(pull.get("merged_by")),
    )


def _later(content: bytes, steps: Steps, made: MergedPull, now: datetime) -> _Later:
    line, column = line_and_column(content.decode("utf-8-sig"), (*steps, "pull", "merged_at"))
    return _Later(
        f"{line}:{column}: pull request #{made.pull.number} cannot have been merged at {show_instant(made.merged_at)}, "
        f"as it is {show_instant(now)}: write what the forge says of it, or look at this machine's clock"
    )


def _merger(stated: Json) -> str:
    """Who merged it; "" where that is not said."""
    if stated is None:
        return ""
    return login_of(field_of(mapping_of(stated, "pull.merged_by"), "login", "pull.merged_by"), "pull.merged_by")


def _files(path: Path) -> list[Path]:
    try:
        return sorted(path.glob("*.json")) if path.is_dir() else [path]
    except OSError as fault:
        raise UsageError(f"the merges cannot be read from {visible(str(path))}: {fault.strerror}") from None


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LIMIT + 1)
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise UsageError(f"the merges cannot be read: {why}") from None
    if len(content) > LIMIT:
        raise UsageError(f"more than {LIMIT // 1024 // 1024} MiB: put each merge into a file of its own")
    return content
