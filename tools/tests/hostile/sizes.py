"""Too much of something: levels, aliases, keys, documents, characters."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.cases import ENTITY, HEAD, Case, put, text

DEEP = 50_000


def _alias_bomb(levels: int, width: int) -> str:
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def _merge_bomb(levels: int, width: int) -> str:
    lines = ["m0: &m0 {a: 1}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * width)}]}}" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def _many_findings() -> str:
    return HEAD + "spec:\n" + "".join(f"  k{n}: !x 1\n" for n in range(4_500))


def _every_private_character() -> str:
    private = "".join(map(chr, range(0xE000, 0xF900)))
    return f'{HEAD}spec: {{a: "{private}", b: "x\x85y"}}\n'


def _sparse(root: Path) -> None:
    with put(root, b"").open("wb") as file:
        file.truncate(100 * 1024 * 1024)


def _scalar_of_100_mb(root: Path) -> None:
    with put(root, b"").open("wb") as file:
        file.write(HEAD.encode() + b"spec:\n  target: ")
        for _ in range(100):
            file.write(b"x" * 1024 * 1024)


CASES: tuple[Case, ...] = (
    # --- nesting: libyaml's composer recurses in C -------------------------------------------------------------------
    text("levels of brackets", b"[" * DEEP),
    text("levels of brackets, all closed", b"[" * DEEP + b"]" * DEEP),
    text("levels of braces", b"{a: " * DEEP),
    text("levels of braces as keys", b"{" * DEEP),
    text("levels of list items", b"- " * DEEP),
    text("levels of complex keys", b"? " * DEEP),
    text("levels of list items and keys in turn", b"- ? " * DEEP),
    text("levels by indentation", "".join(f"{' ' * n}a:\n" for n in range(1_400))),
    text("levels of brackets with blanks between", b"[ " * DEEP),
    text("levels of brackets on a line each", b"[\n" * DEEP),
    text("levels of quotes in quotes", HEAD + "spec: {a: " + "\"'" * DEEP + "}\n"),
    text("levels of anchors", "".join(f"&a{n} " for n in range(DEEP)) + "x\n"),
    text("levels of anchors in brackets", "".join(f"[&a{n} " for n in range(DEEP))),
    text("flow deep inside a block", HEAD + "spec:\n  a:\n    b:\n      c: " + "[" * DEEP),
    text("sixty-five levels in a small file", "a: " + "[" * 64 + "]" * 64 + "\n"),
    text("three thousand levels in a small file", b"[" * 3_000 + b"]" * 1_000),
    # --- bombs -------------------------------------------------------------------------------------------------------
    text("alias bomb", _alias_bomb(12, 9)),
    text("alias bomb of keys", _alias_bomb(12, 9).replace("[", "{k: [").replace("]", "]}")),
    text("alias of an alias, wide", "a: &a [x]\nb: [" + "*a, " * 12_000 + "]\n"),
    text("merge bomb", _merge_bomb(14, 8)),
    text("merge bomb of 973 bytes", _merge_bomb(30, 3)),
    text("an alias inside its own value", "a: &a {b: *a}\n"),
    text("an alias as its own key", "&a {*a : 1}\n"),
    text("two values that hold each other", "a: &a [&b [*a, *b]]\n"),
    text("an anchor of 500,000 characters", HEAD + "spec: &" + "a" * 500_000 + " {}\n"),
    text("an alias of 500,000 characters", HEAD + "spec: *" + "a" * 500_000 + "\n"),
    text("4,500 anchors", HEAD + "spec:\n" + "".join(f"  k{n}: &a{n} x\n" for n in range(4_500))),
    text("one anchor 4,500 times", HEAD + "spec:\n" + "".join(f"  k{n}: &a x\n" for n in range(4_500))),
    # --- many of one thing -------------------------------------------------------------------------------------------
    text("200,000 keys", lambda: "".join(f"k{n}:\n" for n in range(140_000))),
    text("200,000 keys in braces", lambda: "{" + ",".join(map(str, range(150_000))) + "}"),
    text("300,000 items", b"- a\n" * 250_000),
    text("500,000 items in brackets", b"[" + b"1," * 500_000 + b"]"),
    text("one key 4,500 times", HEAD + "spec:\n" + "  a: 1\n" * 4_500),
    text("4,500 keys, each twice", HEAD + "spec:\n" + "".join(f"  k{n}: 1\n" for n in range(2_250)) * 2),
    text("100,000 empty documents", b"---\n" * 100_000),
    text("200,000 ends of documents", b"...\n" * 200_000),
    text("100,000 broken documents", b"---\n[\n" * 100_000),
    text("50,000 documents that are texts", b"--- a\n" * 50_000),
    text("9,000 entities", lambda: f"---\n{ENTITY}" * 9_000),
    text("4,500 findings", _many_findings),
    text("4,900 broken documents", b"---\n[\n" * 4_900),
    text("4,900 documents that cannot say what they are", b"---\n- a\n" * 4_900),
    text("a broken document before sound ones", "a: [\n" + f"---\n{ENTITY}" * 500),
    text("broken and sound documents in turn", f"---\n[\n---\n{ENTITY}" * 90),
    text("10,000 tag directives", "".join(f"%TAG !a{n}! x\n" for n in range(10_000)) + "---\na: 1\n"),
    text("as many tag directives in one document", "".join(f"%TAG !a{n}! x\n" for n in range(90)) + "---\na: 1\n"),
    text("every private character and a NEL", _every_private_character),
    text("3,000 entities, each broken", "---\nkind: Location\napiVersion: x\n" * 3_000),
    text("100,000 tags", b"[" + b"!,a " * 100_000 + b"]"),
    text("100,000 directives", b"%A\n" * 100_000 + b"---\na: 1\n"),
    text("300,000 tabs in indentation", b"a:\n" + b"\t\n" * 100_000 + b"\tb: 1\n" * 20_000),
    # --- one long thing ----------------------------------------------------------------------------------------------
    Case("a scalar of 100 MB", _scalar_of_100_mb),
    Case("100 MB of nothing", _sparse),
    text("a scalar of 1 MB", lambda: HEAD + "spec:\n  x: " + "x" * 1_000_000 + "\n"),
    text("a quoted scalar of 1 MB of escapes", lambda: HEAD + 'spec:\n  x: "' + "\\x41" * 250_000 + '"\n'),
    text("a folded scalar of 200,000 lines", lambda: HEAD + "spec:\n  x: >\n" + "    a\n" * 170_000),
    text("a plain scalar over 200,000 lines", lambda: HEAD + "spec:\n  x: a\n" + "   a\n" * 200_000),
    text("a quoted scalar over 300,000 lines", lambda: HEAD + 'spec:\n  x: "' + "\n" * 900_000 + '    "\n'),
    text("a block scalar of blank lines", lambda: HEAD + "spec:\n  x: |\n" + "\n" * 900_000),
    text("a comment of 1 MB", lambda: ENTITY + "# " + "x" * 1_000_000 + "\n"),
    text("300,000 comments", lambda: ENTITY + "#\n" * 500_000),
    text("a line of 1 MB of blanks", lambda: ENTITY + " " * 1_000_000),
    text("1 MB of line feeds", lambda: "\n" * 1_000_000 + ENTITY),
    text("a key of 1,025 characters", HEAD + "spec:\n  " + "k" * 1_025 + ": 1\n"),
    text("a key of 1 MB", lambda: HEAD + "spec:\n  " + "k" * 1_000_000 + ": 1\n"),
    text("a quoted key of 1 MB", lambda: HEAD + 'spec:\n  "' + "k" * 1_000_000 + '": 1\n'),
    text("a complex key of 1 MB", lambda: HEAD + "spec:\n  ? " + "k" * 1_000_000 + "\n  : 1\n"),
    text("a million digits", lambda: HEAD + "spec:\n  x: " + "9" * 1_000_000 + "\n"),
    text("a million digits in hexadecimal", lambda: HEAD + "spec:\n  x: 0x" + "f" * 1_000_000 + "\n"),
    text("an exponent of 100,000 digits", lambda: HEAD + "spec:\n  x: 1e" + "9" * 100_000 + "\n"),
    text("a tag of 500,000 characters", lambda: HEAD + "spec: !<" + "x" * 500_000 + "> {}\n"),
    text("a tag of 100,000 escapes", lambda: HEAD + "spec: !" + "%41" * 100_000 + " {}\n"),
    text("500,000 quotes", lambda: HEAD + "spec:\n  x: '" + "''" * 400_000 + "'\n"),
    text("numbers that need care", HEAD + "spec:\n" + "".join(f"  k{n}: {n}.{n}e-{n}\n" for n in range(4_500))),
)
