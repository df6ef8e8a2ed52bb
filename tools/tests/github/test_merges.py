"""What GitHub says of merged pull requests: asked once, and held to what a proof needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tarmac.adapters.github_merges import GitHubMerges
from tarmac.adapters.merges_file import parse_merges, read_merges
from tarmac.errors import ForgeError, UsageError

COMMIT, HEAD = "c" * 40, "a" * 40


def answer(number: object = 7, **pull: object) -> dict[str, Any]:
    told: dict[str, object] = {
        "number": number,
        "user": {"login": "Dev"},
        "draft": False,
        "head": {"sha": HEAD},
        "base": {"ref": "main"},
        "merge_commit_sha": COMMIT,
        "merged_at": "2026-12-01T05:00:00Z",
        "merged_by": {"login": "Pat-1"},
    }
    return {"pull": told | pull, "reviews": [], "commits": []}


@dataclass
class Desk:
    """Stands in for the adapter's two questions, and counts them."""

    told: dict[int, Any]
    asked: list[object] = field(default_factory=list)

    def pulls_of(self, commit: str) -> tuple[int, ...]:
        self.asked.append(commit)
        return tuple(self.told)

    def answers(self, number: int) -> Any:
        self.asked.append(number)
        return self.told[number]

    @contextmanager
    def opened(self) -> Iterator[Any]:
        yield self


def test_only_the_merge_itself_counts_and_is_asked_for_once() -> None:
    desk = Desk({7: answer(), 8: answer(8, merge_commit_sha="d" * 40), 9: answer(9, merged_at=None)})
    merges = GitHubMerges(desk.opened)
    (found,) = merges.merged(COMMIT)
    assert (found.pull.number, found.head, found.branch, found.merged_by) == (7, HEAD, "main", "pat-1")
    assert merges.merged(COMMIT) == (found,)
    assert desk.asked == [COMMIT, 7, 8, 9]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"merge_commit_sha": None}, "pull.merge_commit_sha must be a text"),
        ({"merge_commit_sha": "main"}, "the full id of a commit"),
        ({"merged_at": "yesterday"}, "pull.merged_at"),
        ({"head": None}, "pull.head.sha"),
        ({"base": {}}, "lack ref in pull.base"),
        ({"merged_by": {}}, "lack login in pull.merged_by"),
        ({"user": None}, "pull.user"),
    ],
)
def test_an_answer_that_says_too_little_proves_nothing(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ForgeError, match=said):
        GitHubMerges(Desk({7: answer(**changed)}).opened).merged(COMMIT)
    with pytest.raises(UsageError, match=said):
        list(parse_merges(json.dumps(answer(**changed)).encode()))


def test_recorded_answers_are_a_file_of_one_or_several_or_a_folder(tmp_path: Path) -> None:
    one, several = tmp_path / "one.json", tmp_path / "several.json"
    one.write_text(json.dumps(answer()), "utf-8")
    several.write_text(json.dumps({"merges": [answer(8, merge_commit_sha="d" * 40), answer(9)]}), "utf-8")
    (tmp_path / "notes.txt").write_text("no JSON", "utf-8")
    assert [found.pull.number for found in read_merges(one).merged(COMMIT)] == [7]
    assert [found.pull.number for found in read_merges(tmp_path).merged(COMMIT)] == [7, 9]
    assert read_merges(tmp_path).merged("e" * 40) == ()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"merges": {}}', '{"message": "Not Found"}', "\x00", "[" * 60000])
def test_what_is_no_answer_is_refused_with_its_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.json").write_text(content, "utf-8")
    with pytest.raises(UsageError, match=r"broken\.json"):
        read_merges(tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_merges(tmp_path / "none.json")
