"""The fast reader beside the strict one: what it takes is taken there too, and is the same data in the same places."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters.yaml_gate import decode
from tarmac.adapters.yaml_plain import read_plain
from tarmac.adapters.yaml_reader import read_documents
from tarmac.adapters.yaml_strict import read_strictly
from tests.fuzz.sources import sound_files
from tests.fuzz.texts import any_text, sound

SOURCES = sound_files()
SIGNS = [*":#-[]{}\"'|>&*!%@`,?~ \n.+=$<\\", ": ", " #", "- ", "\n\n", "---\n", "\n---\n", "...\n", "|-", ">-"]
SIGNS += ["''", '""', "null", "true", "0x1f", "1e3", ".5", "01", "-1", "<<: ", "\t", "\r", "[]", "{}", "  "]
SIGNS += ["\u0085", "\u2028", "\u00e9"]


def mutated(rng: random.Random) -> str:
    """A sound file with a few faults in the places where readers differ: indentation, signs, the order of lines."""
    lines = rng.choice(SOURCES).splitlines(keepends=True)[: rng.choice([4, 12, 60])]
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(lines))
        line = lines[at]
        match rng.randrange(7):
            case 0:
                lines[at] = " " * rng.randint(1, 3) + line
            case 1:
                lines[at] = line[rng.randint(1, 3) :]
            case 2:
                lines.insert(at, rng.choice(rng.choice(SOURCES).splitlines(keepends=True)))
            case 3 if len(lines) > 1:
                del lines[at]
            case 4:
                other = rng.randrange(len(lines))
                lines[at], lines[other] = lines[other], line
            case _:
                where = rng.randint(0, len(line))
                lines[at] = line[:where] + rng.choice(SIGNS) + line[where + rng.randint(0, 2) :]
    return "".join(lines)


def written(rng: random.Random) -> str:
    kind = rng.randrange(4)
    return mutated(rng) if kind > 1 else sound(rng) if kind else any_text(rng, SOURCES)


def alike(given: str) -> bool:
    """Whether the fast reader took the text; where it did, the strict one says the same."""
    text, _ = decode("x.yaml", given.encode("utf-8", "surrogatepass"))
    fast = read_plain(text) if text is not None and text.endswith("\n") else None
    if text is None or fast is None:
        return False
    strict, findings = read_strictly("x.yaml", text, len(text))
    assert not findings, (text, findings)
    assert repr(fast) == repr([document.data for document in strict]), text
    here, _ = read_documents("x.yaml", text.encode())
    assert [document.places.root for document in here] == [document.places.root for document in strict], text
    return True


@settings(max_examples=600)
@given(st.randoms(use_true_random=False).map(written))
def test_both_read_the_same(text: str) -> None:
    alike(text)


def test_most_of_what_people_write_is_read_fast() -> None:
    assert sum(map(alike, SOURCES)) > len(SOURCES) * 0.7
    rng = random.Random(20261201)  # noqa: S311
    assert sum(alike(mutated(rng)) for _ in range(300)) > 60


OTHERS = (
    "a: 1\na: 2\n", "a: b\n  c: d\n", "a:\n  - b\n  c: d\n", "- a\n", "a: b: c\n", "null: 1\n", "a: |\nb: 1\n",
    "a: >-\n  one\n   two\n", "a: |\n    one\n  two\n", "a: [b: c]\n", "a: {b}\n", "a: [b,]\n", "a: {b: 1, b: 2}\n",
    "a: *b\n", "a: &b c\n", "a: !!str b\n", "a: 'it''s'\n", 'a: "\\n"\n', "a: 1\n---\n", "---\n---\na: 1\n",
    "a: 99999999999999999999\n", "a:\n\t- b\n", "a: b\n  c\n", "a: |\n  one  \n \n", "%YAML 1.1\n---\na: 1\n",
    "a:b\n", "a: |2\n  b\n", "a: b #c\n  d\n", "a: [b\n", "a: - b\n", "a: ? b\n", "a: `b\n", "a: @b\n", "a: %b\n",
    "a: 1\n...\n", "a: .inf\n", " a: 1\nb: 2\n", "a:\n - b\n- c\n", "a: [[[[[[[[[1]]]]]]]]]\n", "a: ]\n",
    "? a\n: b\n", "a\n", "\n",
)  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_of_another_sort_is_left_to_the_strict_reader(text: str) -> None:
    assert read_plain(text) is None


def test_what_is_long_or_deep_is_left_to_the_strict_reader() -> None:
    assert read_plain("a: b\n" + "# c\n" * 4000) is None
    deep = "".join(f"{' ' * depth}a{depth}:\n" for depth in range(60))
    assert read_plain(deep) is None
    assert read_plain("".join(f"{' ' * depth}a{depth}:\n" for depth in range(20))) is not None
