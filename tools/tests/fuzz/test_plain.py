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
from tarmac.model.json_value import JsonValue
from tests.examples import examples
from tests.fuzz.sources import sound_files
from tests.fuzz.texts import any_text, sound

SOURCES = sound_files()
SIGNS = [*":#-[]{}\"'|>&*!%@`,?~ \n.+=$<\\", ": ", " #", "- ", "\n\n", "---\n", "\n---\n", "...\n", "|-", ">-"]
SIGNS += ["''", '""', "null", "true", "0x1f", "1e3", ".5", "01", "-1", "<<: ", "\t", "\r", "[]", "{}", "  "]
SIGNS += ["\u0085", "\u2028", "\u00e9", "&a ", "*a", '\\"', "\\\\"]
NAMES = ("a", "b", "n-1", "N_")
# What the fast reader knows in quotes, and what it leaves to the strict one.
ESCAPED, NOT_PLAIN = ("\\\\", '\\"'), ("\\", '"', "\\n")


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


def named(rng: random.Random) -> str:
    """A sound file in which a few values have a name, and others behind them stand for these."""
    lines = rng.choice(SOURCES).split("\n")[: rng.choice([12, 30, 60])]
    parts = [line.partition(":") for line in lines]
    given = [at for at, (_, colon, value) in enumerate(parts) if colon and (not value or value[:2] in (" [", " {"))]
    names = [rng.choice(NAMES) for _ in range(2)]
    for at, name in zip(rng.sample(given, min(len(given), 2)), names, strict=False):
        key, colon, value = parts[at]
        lines[at] = f"{key}{colon} &{name}{value}"
        left = [later for later in range(at + 1, len(lines)) if parts[later][2][:1] == " " and later not in given]
        for later in rng.sample(left, min(len(left), rng.randint(0, 2))):
            said = f"*{name if rng.randrange(9) else 'b'}" + rng.choice(["", "", "", " ", " # note", "x", ":"])
            lines[later] = f"{parts[later][0]}: {said}"
    return "\n".join(lines) + "\n"


def quoted(rng: random.Random) -> str:
    """A sound file in which some texts stand in quotes, with quotes and backslashes in them."""
    lines = rng.choice(SOURCES).split("\n")[:30]
    for at, line in enumerate(lines):
        key, colon, value = line.partition(": ")
        if colon and value[:1].isalpha() and rng.randrange(3) == 0:
            where = rng.randint(0, len(value))
            value = value[:where] + rng.choice(ESCAPED if rng.randrange(4) else NOT_PLAIN) + value[where:]
            lines[at] = f'{key}: "{value}"'
    return "\n".join(lines) + "\n"


def written(rng: random.Random) -> str:
    kind = rng.randrange(6)
    return (named, quoted, sound, mutated, mutated, lambda rng: any_text(rng, SOURCES))[kind](rng)


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


@settings(max_examples=examples(600))
@given(st.randoms(use_true_random=False).map(written))
def test_both_read_the_same(text: str) -> None:
    alike(text)


def test_most_of_what_people_write_is_read_fast() -> None:
    assert sum(map(alike, SOURCES)) > len(SOURCES) * 0.7
    rng = random.Random(20261201)  # noqa: S311
    assert sum(alike(mutated(rng)) for _ in range(300)) > 60
    assert sum(alike(text) for text in (named(rng) for _ in range(500)) if ": *" in text) > 12
    assert sum(alike(text) for text in (quoted(rng) for _ in range(300)) if "\\" in text) > 45


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x\n  b: 1\nc: *x # note\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x\n- b\nc:\n  - d: *x\n", {"a": ["b"], "c": [{"d": ["b"]}]}),
        ("a:\n  - b: &x [1]\n    c: *x\n", {"a": [{"b": [1], "c": [1]}]}),
        ("a: &x [1]\nb: *x\nc: *x\n", {"a": [1], "b": [1], "c": [1]}),
        ("a: &x\n  b: &y {c: 1}\nd: *y\ne: *x\n", {"a": {"b": {"c": 1}}, "d": {"c": 1}, "e": {"b": {"c": 1}}}),
        ("a: &x\nb: 1\n", {"a": None, "b": 1}),
        ("a: &x   {b: 1}\n", {"a": {"b": 1}}),
        ('a: "x\\\\y \\"z\\""\nb: "\\\\\\\\n"\n', {"a": 'x\\y "z"', "b": "\\\\n"}),
        ("a: 'x\\y'\n", {"a": "x\\y"}),
    ],
)
def test_what_has_a_name_or_is_escaped_is_read_fast(text: str, data: JsonValue) -> None:
    assert read_plain(text) == [data]
    assert alike(text)


OTHERS = (
    "a: 1\na: 2\n", "a: b\n  c: d\n", "a:\n  - b\n  c: d\n", "- a\n", "a: b: c\n", "null: 1\n", "a: |\nb: 1\n",
    "a: >-\n  one\n   two\n", "a: |\n    one\n  two\n", "a: [b: c]\n", "a: {b}\n", "a: [b,]\n", "a: {b: 1, b: 2}\n",
    "a: *b\n", "a: &b c\n", "a: !!str b\n", "a: 'it''s'\n", 'a: "\\n"\n', "a: 1\n---\n", "---\n---\na: 1\n",
    "a: 99999999999999999999\n", "a:\n\t- b\n", "a: b\n  c\n", "a: |\n  one  \n \n", "%YAML 1.1\n---\na: 1\n",
    "a:b\n", "a: |2\n  b\n", "a: b #c\n  d\n", "a: [b\n", "a: - b\n", "a: ? b\n", "a: `b\n", "a: @b\n", "a: %b\n",
    "a: 1\n...\n", "a: .inf\n", " a: 1\nb: 2\n", "a:\n - b\n- c\n", "a: [[[[[[[[[1]]]]]]]]]\n", "a: ]\n",
    "? a\n: b\n", "a\n", "\n", "a: &x b\nc: *x\n", "a: &x\nc: *x\n", "a: &x\n  b: *x\n", "a: *x\nb: &x [1]\n",
    "a: &x {b: 1}\nc: &y\n  d: *x\n", "a: &x {b: 1}\nc: &y\n  - d: *x\n", "a: &x {b: 1}\n---\nc: *x\n",
    "a: &x {b: 1}\nc:\n  - *x\n", "a: &x.y {b: 1}\n", "a: &1 {b: 1}\n", "&x a: 1\n", "a: &x !t {b: 1}\n", "*x : 1\n",
    "a: &x &y {b: 1}\n", "a: &x |\n  b\n", "a: &x 'b'\n", "a: &x {b: 1}\nc: *x d\n", "a: &x {b: 1}\nc: {d: *x}\n",
    "a: &x {b: 1}\n<<: *x\n", "a: &x {b: 1}\nc: *x:\n", "a: &x {b: 1}\na: *x\n", "a: &x {b: *x}\n", "&x\na: 1\n",
    'a: "\\x41"\n', 'a: "\\/"\n', 'a: "b\\"\n', 'a: "b\\\\"c"\n', "- a: &x [1]\n", 'a: ["\\\\"]\n',
    f"a: &{'x' * 42} [1]\n", "a: &x [1]\nb: &x [2]\n",
)  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_of_another_sort_is_left_to_the_strict_reader(text: str) -> None:
    assert read_plain(text) is None


def test_what_is_long_or_deep_is_left_to_the_strict_reader() -> None:
    assert read_plain("a: b\n" + "# c\n" * 4000) is None
    deep = "".join(f"{' ' * depth}a{depth}:\n" for depth in range(60))
    assert read_plain(deep) is None
    assert read_plain("".join(f"{' ' * depth}a{depth}:\n" for depth in range(20))) is not None
