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
from tarmac.model.values import parse_instant
from tests.trees import NOW

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


NOT_SO = "the reviews are not as they should be: "


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"merge_commit_sha": None}, f"{NOT_SO}pull.merge_commit_sha must be a text"),
        ({"merge_commit_sha": "main"}, f"{NOT_SO}pull.merge_commit_sha must be the full id of a commit"),
        ({"merged_at": "yesterday"}, f"{NOT_SO}pull.merged_at must be an instant such as 2026-12-01T06:00:00Z"),
        ({"head": None}, f"{NOT_SO}pull.head.sha must be the full id of a commit"),
        ({"base": None}, f"{NOT_SO}pull.base must be an object"),
        ({"base": {}}, "the reviews lack ref in pull.base: is it an error message, or only a part?"),
        ({"base": {"ref": 7}}, f"{NOT_SO}pull.base.ref must be a text"),
        ({"merged_by": {}}, "the reviews lack login in pull.merged_by: is it an error message, or only a part?"),
        ({"merged_by": "pat"}, f"{NOT_SO}pull.merged_by must be an object"),
        ({"merged_by": {"login": "pat 1"}}, f"{NOT_SO}pull.merged_by.login must be a login"),
        ({"user": None}, f"{NOT_SO}pull.user must be an object"),
    ],
)
def test_an_answer_that_says_too_little_proves_nothing(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ForgeError) as told:
        GitHubMerges(Desk({7: answer(**changed)}).opened).merged(COMMIT)
    assert str(told.value) == f"GitHub's answers about #7: {said}"
    with pytest.raises(UsageError) as refused:
        list(parse_merges(json.dumps(answer(**changed)).encode(), NOW))
    assert str(refused.value) == said


@pytest.mark.parametrize("key", ["merge_commit_sha", "merged_at", "base"])
def test_what_is_left_out_is_not_guessed(key: str) -> None:
    without = answer()
    del without["pull"][key]
    with pytest.raises(UsageError) as refused:
        list(parse_merges(json.dumps(without).encode(), NOW))
    assert str(refused.value) == f"the reviews lack {key} in pull: is it an error message, or only a part?"


IN_TIME, LATER = "2026-12-01T06:05:00Z", "2026-12-01T06:05:01Z"
SAID = (
    "pull request #8 cannot have been merged at 2026-12-01T06:05:01Z, as it is 2026-12-01T06:00:00Z: write what the "
    "forge says of it, or look at this machine's clock"
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (json.dumps(answer(8, merged_at=LATER)), "1:229"),
        (json.dumps(answer(8, merged_at=LATER), indent=2), "15:18"),
        ("\ufeff" + json.dumps(answer(8, merged_at=LATER), indent="\t"), "15:16"),
        (json.dumps({"merges": [answer(7), answer(9, merged_at=None), answer(8, merged_at=LATER)]}, indent=1), "61:18"),
        (json.dumps({"merges": [answer(8, merged_at=LATER), answer(8, merged_at=LATER)]}, indent=1), "17:18"),
        (
            json.dumps({'"merges': [{"a}": "]"}, 1.5], "merges": [answer(8, merged_at=LATER)]}, indent=1),
            "23:18",
        ),
        ("\r\n\r\n" + json.dumps(answer(8, merged_at=LATER, title="\u00e9\U0001f600"), indent=None), "3:229"),
    ],
)
def test_a_merge_of_the_future_is_refused_where_it_stands(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "told.json"
    file.write_bytes(text.encode())
    with pytest.raises(UsageError) as refused:
        read_merges(file, NOW)
    assert str(refused.value) == f"{file}:{place}: {SAID}"
    line, column = map(int, place.split(":"))
    content = text.removeprefix("\ufeff").split("\n")[line - 1]
    assert content[column - 1 :].startswith(f'"{LATER}"')


def test_clocks_may_differ_by_five_minutes() -> None:
    (found,) = parse_merges(json.dumps(answer(merged_at=IN_TIME)).encode(), NOW)
    assert found.merged_at == parse_instant(IN_TIME)


@pytest.mark.parametrize("by", [None, "left out"])
def test_who_merged_may_be_unsaid(by: object) -> None:
    told = answer(merged_by=by)
    if by == "left out":
        del told["pull"]["merged_by"]
    (found,) = parse_merges(json.dumps(told).encode(), NOW)
    assert (found.merged_by, found.commit, found.branch) == ("", COMMIT, "main")
    assert found.merged_at == parse_instant("2026-12-01T05:00:00Z")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("7", f"{NOT_SO}the file must be an object"),
        ('{"merges": {}}', f"{NOT_SO}merges must be a list"),
        ('{"merges": [7]}', f"{NOT_SO}the file must be an object"),
        ("{}", "the reviews lack pull in the file: is it an error message, or only a part?"),
        ('{"pull": 7}', f"{NOT_SO}pull must be an object"),
    ],
)
def test_what_is_no_answer_says_so(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content, "utf-8")
    with pytest.raises(UsageError) as refused:
        read_merges(file, NOW)
    assert str(refused.value).endswith(f"x.json: {said}")


def test_a_file_of_more_than_may_be_is_refused(tmp_path: Path) -> None:
    file, most = tmp_path / "large.json", 32 * 1024 * 1024
    file.write_bytes(json.dumps(answer()).encode().ljust(most))
    assert len(read_merges(file, NOW).merged(COMMIT)) == 1
    with file.open("ab") as more:
        more.write(b" ")
    with pytest.raises(UsageError) as refused:
        read_merges(file, NOW)
    assert str(refused.value).endswith("large.json: more than 32 MiB: put each merge into a file of its own")


def test_recorded_answers_are_a_file_of_one_or_several_or_a_folder(tmp_path: Path) -> None:
    one, several = tmp_path / "one.json", tmp_path / "several.json"
    one.write_text(json.dumps(answer()), "utf-8")
    several.write_text(json.dumps({"merges": [answer(8, merge_commit_sha="d" * 40), answer(9)]}), "utf-8")
    (tmp_path / "notes.txt").write_text("no JSON", "utf-8")
    assert [found.pull.number for found in read_merges(one, NOW).merged(COMMIT)] == [7]
    assert [found.pull.number for found in read_merges(tmp_path, NOW).merged(COMMIT)] == [7, 9]
    assert read_merges(tmp_path, NOW).merged("e" * 40) == ()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"merges": {}}', '{"message": "Not Found"}', "\x00", "[" * 60000])
def test_what_is_no_answer_is_refused_with_its_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.json").write_text(content, "utf-8")
    with pytest.raises(UsageError, match=r"broken\.json"):
        read_merges(tmp_path, NOW)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/no/such.json", "/no/such.json: the merges cannot be read: No such file or directory"),
        ("a\0b", "a\\u0000b: the merges cannot be read: embedded null byte"),
        ("/" + "a" * 300, f"the merges cannot be read from /{'a' * 59}...: File name too long"),
        (f"/no/{'a' * 196}", f"/no/{'a' * 196}: the merges cannot be read: No such file or directory"),
        (f"/no/{'a' * 197}", f"/no/{'a' * 196}...: the merges cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_is_not_there_is_refused(path: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_merges(Path(path), NOW)
    assert str(refused.value) == said
