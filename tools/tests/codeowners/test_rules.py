"""GitHub's rules of CODEOWNERS, case by case. The cases stand in the YAML files beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tarmac.approvals.codeowners_match import Matcher, compiled
from tarmac.approvals.codeowners_pattern import BadPattern, parse_pattern
from tarmac.approvals.codeowners_text import LARGEST, OwnerLine, is_owner, parse_owners
from tarmac.approvals.owners import LOCATIONS
from tests.codeowners.reference import owned_by, pattern_matches

HERE = Path(__file__).parent


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((HERE / name).read_text("utf-8"))
    return found


def pairs() -> Iterator[tuple[str, str, bool]]:
    for case in cases("patterns.yaml"):
        for word in ("matches", "misses"):
            yield from ((case["pattern"], path, word == "matches") for path in case.get(word, []))


PAIRS = tuple(pairs())
FILES = cases("files.yaml")
FAULTS = cases("faults.yaml")


def matcher(*patterns: str) -> Matcher:
    return Matcher(OwnerLine(at, text, parse_pattern(text), ()) for at, text in enumerate(patterns))


def test_there_are_enough_distinct_cases() -> None:
    assert len(set(PAIRS)) == len(PAIRS) >= 150
    assert len({(pattern, path) for pattern, path, _ in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize(("pattern", "path", "expected"), PAIRS)
def test_a_pattern_matches_what_it_says(pattern: str, path: str, expected: bool) -> None:
    assert (matcher(pattern).line(path) is not None) is expected
    assert pattern_matches(pattern, path) is expected, "the reference is wrong"


@pytest.mark.parametrize("case", FILES, ids=lambda case: case["name"])
def test_a_file_gives_paths_to_owners(case: dict[str, Any]) -> None:
    file = parse_owners(case["file"].encode())
    assert file.faults == ()
    found = Matcher(file.lines)
    lines = {path: found.line(path) for path in case["owners"]}
    assert {path: None if line is None else list(line.owners) for path, line in lines.items()} == case["owners"]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: repr(case["line"]))
def test_a_line_that_is_not_read_is_told_with_its_place(case: dict[str, Any]) -> None:
    file = parse_owners(f"* @one\n{case['line']}\n/z/ @two\n".encode())
    assert [(fault.line, fault.column) for fault in file.faults] == [(2, case["column"])]
    assert case["says"] in file.faults[0].message
    assert file.faults[0].fix
    assert [line.number for line in file.lines] == [1, 3]


def test_a_line_that_is_not_utf_8_is_told_with_its_place() -> None:
    file = parse_owners("* @one\nä".encode() + b"\xff @two\n")
    assert [(fault.line, fault.column) for fault in file.faults] == [(2, 2)]


def test_a_file_that_github_would_not_load_is_one_fault() -> None:
    just = b"* @one\n#".ljust(LARGEST, b"#")
    assert (len(parse_owners(just).lines), parse_owners(just).faults) == (1, ())
    over = parse_owners(just + b"#")
    assert (over.lines, len(over.faults)) == ((), 1)


def test_a_pattern_of_many_stars_is_tried_in_short_time() -> None:
    """One that tries again at every star would not end in the lifetime of the machine."""
    assert compiled("*a" * 60 + "b")("a" * 3000) is None
    assert matcher("/" + "**/a/" * 40 + "b").line("a/" * 60 + "c") is None


def test_what_was_asked_before_changes_no_answer() -> None:
    found = matcher("*", "/a/b/", "/a/b/c/d/", "/a/e/")
    for path, line in (
        ("a/b/c/d/x", 2),
        ("a/b/c/x", 1),
        ("a/b/x", 1),
        ("a/x", 0),
        ("x", 0),
        ("a/e/f/x", 3),
        ("a/e/x", 3),
    ):
        answer = found.line(path)
        assert answer is not None
        assert answer.number == line, path


def test_an_owner_is_not_too_long() -> None:
    assert is_owner("a@" + "b" * 316 + ".c")
    assert not is_owner("a@" + "b" * 317 + ".c")


def test_the_file_may_stand_in_three_places() -> None:
    assert LOCATIONS == (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
    assert LARGEST == 3_000_000


def test_a_path_of_thousands_of_folders_is_looked_up() -> None:
    assert matcher("/d/**/x").line("d/" * 2000 + "x") is not None


STEP = st.sampled_from(["a", "b", "ab", "ba", "*", "a*", "*a", "*a*", "a*b", "?", "a?", "*?b", "**", "**a"])
PATTERN = st.builds(
    lambda start, steps, end: start + "/".join(steps) + end,
    st.sampled_from(["", "/"]),
    st.lists(STEP, min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)
PATH = st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=5).map("/".join)


def valid(pattern: str) -> bool:
    try:
        parse_pattern(pattern)
    except BadPattern:
        return False
    return True


@given(st.lists(PATTERN.filter(valid), max_size=12), st.lists(PATH, min_size=1, max_size=8))
def test_it_agrees_with_a_slow_and_plain_reading(patterns: list[str], paths: list[str]) -> None:
    found = matcher(*patterns)
    lines = [(pattern, ()) for pattern in patterns]
    for path in paths:
        line = found.line(path)
        assert (None if line is None else line.number) == owned_by(lines, path), path


GLOB = st.text("ab*?", min_size=1, max_size=8).filter(lambda text: "***" not in text and text != "**")


@given(GLOB, st.text("ab", min_size=1, max_size=8))
def test_one_step_agrees_with_it_too(glob: str, name: str) -> None:
    assert (compiled(glob)(name) is not None) is pattern_matches(f"/x/{glob}", f"x/{name}")


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_are_too_odd_to_be_read(content: bytes) -> None:
    file = parse_owners(content)
    found = Matcher(file.lines)
    assert found.line("a/b") in (None, *file.lines)
    lines = content.count(b"\n") + 1
    assert all(1 <= fault.line <= lines and fault.column >= 1 for fault in file.faults)
