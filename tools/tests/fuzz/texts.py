"""YAML texts from a seed: sound ones in every style, sound ones with small changes, and soups of tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence

TOKENS = (
    "a", "b", "key", "x y", "1", "-1", "0", "007", "0x1F", "0o17", "1.5", ".5", "1e3", "-", "- ", "? ", ": ", ":", ",",
    "[", "]", "{", "}", "&a ", "*a", "&b ", "*b ", "!", "!!str ", "!x", "|", ">", "|-", ">+", "|2", "'", '"', "''",
    '"\\n"', "\\", "#", " # c", "\n", "\n  ", "\n    ", "\n- ", "\n---\n", "\n...\n", "---", "...", "%YAML 1.2\n---\n",
    "\t", "\n\t", "\r\n", " ", "  ", "<<: ", "~", "null", "true", "False", "no", "=", "@", "`", "%", "a: b", "\na: b",
    "\n  c: d", "a:b", "- a\n- b", "[a, b]", "{a: b}", "{a, b: c}", "[a: b]", "? a\n: b", '"a": 1', "'a' : 1", "\u00e9",
    "\u2028", "\x85", "\ufeff", "\U0001f600", "\u00a0", "2026-01-01", ".inf", ".nan", "1_000", "+", "0b1",
    "\"a\\\n b\"", "[a,", "[?x]", "{a :b}", "[-]", "[a]#c", "'a'#c", "|#c", "&a\n", "? [a]",
)  # fmt: skip
PLAINS = (
    "a", "x y", "a-b", "a:b", "a#b", "http://x/y?z=1", "1", "-7", "+7", "007", "0x1F", "0o17", "1.50", "1e3", ".5",
    "5.", "~", "null", "true", "no", "on", "2026-01-01", "12:30:45", "1_000", "0b11", "-x", "?x", ":x", "a, b",
    "group:default/a", "\u00fc", "\U0001f600 z", "a]b", "it's", 'say "x"', "1.2.3", "-", "--x", "a  b",
    "9223372036854775807", "0.1", "1.0",
)  # fmt: skip
KEYS = ("a", "b", "c", "apiVersion", "kind", "metadata", "name", "spec", "1", "true", "x y", "a.b/c", "\u00fc")


def soup(rng: random.Random) -> str:
    """Tokens in any order."""
    return "".join(rng.choice(TOKENS) for _ in range(rng.randint(1, 14)))


def sound(rng: random.Random) -> str:
    """One to three documents, mostly mappings, in mixed styles. Mostly sound: a style may not fit its place."""
    documents = ["\n".join(_block_map(rng, rng.randint(1, 4), 0, 3)) + "\n" for _ in range(rng.randint(1, 3))]
    start = rng.choice(("", "", "---\n", "# first\n---\n", "--- # here\n"))
    text = start + rng.choice(("---\n", "...\n---\n", "---\n# between\n")).join(documents)
    return text.replace("\n", "\r\n") if rng.random() < 0.05 else text


def mutated(rng: random.Random, sources: Sequence[str]) -> str:
    """A part of one of the sources with a few small changes."""
    lines = rng.choice(sources).split("\n")
    start = rng.randrange(len(lines))
    text = "\n".join(lines[start : start + rng.randint(1, 25)])
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(text) + 1)
        change = rng.randrange(5)
        if change == 0:
            text = text[:at] + text[at + 1 :]
        elif change == 1:
            text = text[:at] + rng.choice(TOKENS) + text[at:]
        elif change == 2:
            end = min(len(text), at + rng.randint(1, 20))
            text = text[:at] + text[at:end] * 2 + text[end:]
        elif change == 3:
            text = text[:at] + rng.choice(" \n:-#'\"[]{},&*!|>%@\t") + text[at + 1 :]
        else:
            line_start = text.rfind("\n", 0, at) + 1
            text = text[:line_start] + rng.choice(("  ", " ", "")) + text[line_start:].lstrip(" ")
    return text


def any_text(rng: random.Random, sources: Sequence[str]) -> str:
    """One of the three, the middle ones oftener."""
    kind = rng.randrange(6)
    if kind == 0:
        return soup(rng)
    return mutated(rng, sources) if kind < 4 else sound(rng)


def _block_map(rng: random.Random, size: int, indent: int, depth: int) -> list[str]:
    keys = rng.sample(KEYS, size)
    lines = []
    for key in keys:
        written = rng.choice((key, key, key, f'"{key}"', f"'{key}'"))
        lines += _pair(rng, f"{' ' * indent}{written}:", indent, depth)
        if rng.random() < 0.1:
            lines.append(rng.choice(("", f"{' ' * indent}# note", "  ")))
    return lines


def _pair(rng: random.Random, head: str, indent: int, depth: int) -> list[str]:
    shape = rng.randrange(10)
    if depth and shape == 0:
        return [head, *_block_map(rng, rng.randint(1, 3), indent + rng.choice((1, 2, 4)), depth - 1)]
    if depth and shape == 1:
        return [head, *_block_list(rng, indent + rng.choice((0, 2)), depth - 1)]
    if shape == 2:
        return [f"{head} {_flow(rng, 3)}"]
    if shape == 3:
        header = rng.choice(("|", ">", "|-", ">-", "|+", ">+", "|2", "|  # c"))
        body = rng.choice((["x"], ["x", "", "y"], ["x ", "  y", "z"], ["x", "y"], ["# x", "- y", "a: b"], [" x", "y"]))
        return [f"{head} {header}", *(f"{' ' * (indent + 2)}{line}" if line else "" for line in body)]
    if shape == 4:
        return [f"{head} {_quoted(rng)}", *([] if rng.random() < 0.8 else [" " * (indent + 2)])]
    if shape == 5:
        first, second = rng.choice(("a", "b c", "1")), rng.choice(("d", "2", "# e"))
        return [f"{head} {first}", f"{' ' * (indent + 1)}{second}"]
    comment = "" if rng.random() < 0.85 else " # c"
    return [f"{head} {rng.choice(PLAINS)}{comment}"]


def _block_list(rng: random.Random, indent: int, depth: int) -> list[str]:
    lines = []
    for _ in range(rng.randint(1, 3)):
        dash = f"{' ' * indent}-"
        shape = rng.randrange(4)
        if shape == 0 and depth:
            inner = _block_map(rng, rng.randint(1, 2), indent + 2, depth - 1)
            lines += [f"{dash} {inner[0].lstrip(' ')}", *inner[1:]]
        elif shape == 1:
            lines.append(f"{dash} {_flow(rng, 2)}")
        else:
            lines.append(f"{dash} {rng.choice((rng.choice(PLAINS), _quoted(rng), ''))}")
    return lines


def _flow(rng: random.Random, depth: int) -> str:
    shape = rng.randrange(5) if depth else rng.randrange(2)
    if shape == 0:
        return _quoted(rng)
    if shape == 1:
        return rng.choice([plain for plain in PLAINS if not set(plain) & set(",[]{}:#")])
    items = [_flow(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    gap = rng.choice((", ", ",", " , ", ",\n     "))
    if shape == 2:
        return f"[{gap.join(items)}{rng.choice(('', ',')) if items else ''}]"
    pairs = [
        f"{key}{rng.choice((': ', ': ', ' : '))}{item}"
        for key, item in zip(rng.sample(KEYS, len(items)), items, strict=True)
    ]
    return f"{{{gap.join(pairs)}}}"


def _quoted(rng: random.Random) -> str:
    parts = ("a", " ", "b: c", "#", "1", ", ", "]", "-", "\u00fc", "\U0001f600", "%")
    inner = "".join(rng.choice(parts) for _ in range(4))
    if rng.random() < 0.5:
        return f"'{inner}{rng.choice(('', chr(39) * 2))}'"
    escape = rng.choice(("", r"\n", r"\u00e9", r"\"", r"\x41", r"\/"))
    return f'"{inner}{escape}"'
