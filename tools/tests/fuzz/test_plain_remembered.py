"""What the fast reader remembers of lines changes nothing of what it says: neither what is taken nor what is read."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters import yaml_lines
from tarmac.adapters.yaml_plain import read_plain
from tests.examples import examples
from tests.fuzz.sources import sound_files
from tests.fuzz.test_plain import alike
from tests.fuzz.texts import any_text

SOURCES = sound_files()
# Lines that mean something else, or are refused, by where they stand; few, so that each is met again and again.
LINES = (
    "a:", "b:", "c:", "d: 1", "e: one", "f: two", "g: |", "h: >", "i: >-", "- a: |", "- >-", "- a", "- b: two", "- c:",
    "-   d: 1", "- 1", "", "# no", "j: one  # no", "k: one ", "l: [1, {b: c}]", "- [x]", "m: []", "n: 'q'",
    'o: "q # r"', 'o: "q \\" r"', "w: &w", "x: &w [y]", "y: *w", "- z: *w",
    '- ""', "p: null", "q: 0x1f", "r: 1e3", "s: http://x:1", "t: \u00e9\U0001f600",
)  # fmt: skip
STRANGE = (
    "text", "---", "...", "a: {b: 1, b: 2}", "'a': 1", "b: 'it''s'", "null: 1", "- true:", "c: 99999999999999999999",
    "d: x: y", "\u00e9: 1", "a: x\u2028y", "a:\tb", "a: b\r", "? a", "a: *b", "g: | ", "g: |2", "a:b", "-", "- - a",
    "u:   x: y", "v: - x", "w: &x y", "x: *none",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    yaml_lines.LINES.clear()
    yaml_lines.HEADS.clear()


def pieced_together(rng: random.Random) -> str:
    """Few lines many times, at any indentation; mostly where the line before lets one stand."""
    lines = []
    columns = [0]
    for line in rng.sample(LINES, rng.randint(1, 9)):
        if rng.randrange(40) == 0:
            line = rng.choice(STRANGE + LINES)
        at = columns[-1] if rng.randrange(3) else rng.choice([*columns, rng.randrange(6)])
        lines.append(" " * at + line)
        columns = [column for column in columns if column <= at]
        if line.endswith((":", "|", ">", ">-")):
            columns.append(at + rng.choice([2, 2, 2, 1, 4]))
        elif line.startswith("- ") and ":" in line:
            columns.append(at + 2)
    return "\n".join(lines) + "\n"


def written(rng: random.Random) -> str:
    return any_text(rng, SOURCES) if rng.randrange(8) == 0 else pieced_together(rng)


@settings(max_examples=examples(500))
@given(st.randoms(use_true_random=False))
def test_what_was_read_before_changes_nothing(rng: random.Random) -> None:
    texts = [written(rng) for _ in range(6)]
    alone = []
    for text in texts:
        forget()
        alone.append(repr(read_plain(text)))
    forget()
    for _ in range(2):
        assert [repr(read_plain(text)) for text in texts] == alone
    for text in texts:
        alike(text)


@settings(max_examples=examples(100))
@given(st.randoms(use_true_random=False), st.integers(0, 6), st.sampled_from([0, 5, 120]))
def test_what_is_forgotten_meanwhile_changes_nothing(rng: random.Random, most: int, longest: int) -> None:
    texts = [written(rng) for _ in range(6)]
    said = [repr(read_plain(text)) for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_lines, "MOST_KNOWN", most)
        patch.setattr(yaml_lines, "LONGEST_KNOWN", longest)
        forget()
        assert [repr(read_plain(text)) for text in texts] == said


def test_pieces_are_read_fast_often_enough_to_say_something() -> None:
    rng = random.Random(20261129)  # noqa: S311
    read = [read_plain(pieced_together(rng)) for _ in range(2000)]
    assert 200 < sum(one is not None for one in read) < 1800


@pytest.mark.parametrize(
    ("first", "then", "data"),
    [
        ("a:\n  b: c\n", "a: |\n  b: c\n", {"a": "b: c\n"}),
        ("a: |\n  b: c\n", "a:\n  b: c\n", {"a": {"b": "c"}}),
        ("b: c\n", "a: >-\n  b: c\n  b: c\n\n  # d\n", {"a": "b: c b: c\n# d"}),
        ("a:\n  - b\n", "a:\n  c:\n  - b\n", {"a": {"c": ["b"]}}),
        ("a:\n  - b: c\n", "a:\n  - b: c\n    b: c\n", None),
        ("a: b\n", "a: b\na: b\n", None),
        ("a: b\n", "a: b\n---\na: b\n", {"a": "b"}),
        ("a: b\n", "a: b\r\n", None),
        ("a:\n  b: c\n", "a: d\n  b: c\n", None),
        ("a: |\n  x y z\n", "a:\n  x y z\n", None),
        ("a: |\n  b: |\n    c\n", "a:\n  b: |\n    c\n", {"a": {"b": "c\n"}}),
    ],
)
def test_lines_mean_what_their_place_says(first: str, then: str, data: object) -> None:
    read_plain(first)
    read = read_plain(then)
    assert (None if read is None else read[0]) == data


def test_no_two_documents_share_what_could_be_changed() -> None:
    text = "a: [1, {b: []}]\nc:\n  - d: {}\n"
    first, second = read_plain(text), read_plain(text)
    assert first is not None
    assert first == second
    first[0]["a"] = first[0]["c"][0]["d"]["e"] = 1  # type: ignore[index, call-overload]
    assert second == [{"a": [1, {"b": []}], "c": [{"d": {}}]}] == read_plain(text)
