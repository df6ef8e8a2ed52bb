"""What to write instead of an expression that does not compile, told from what stands at the place of the error."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tarmac.model.shown import nearest, one_of, visible

_UNKNOWN = re.compile(r"nothing is called '([^']+)'")
LOOPS = ("all", "exists", "exists_one", "filter", "map")
_MEMBERS = (
    *LOOPS,
    *(
        "contains",
        "endsWith",
        "getDate",
        "getDayOfWeek",
        "getFullYear",
        "getHours",
        "getMonth",
        "hasValue",
        "lowerAscii",
    ),
    *("matches", "optFlatMap", "optMap", "or", "orValue", "plus", "size", "startsWith", "value"),
)
_GLOBALS = (
    *("bool", "days", "decimal", "duration", "dyn", "has", "int", "money", "size", "span", "string", "timestamp"),
)
_WORDS = {"and": "&&", "or": "||", "is": "==", "eq": "==", "ne": "!="}
_NAMES = {
    "True": "true",
    "False": "false",
    "None": "null",
    "nil": "null",
    "len": "size",
    "TRUE": "true",
    "FALSE": "false",
}
_INDEX = re.compile(r"\.([0-9]+)")
_PATH = re.compile(r"[A-Za-z_][\w.]*\Z")
_WORD = re.compile(r"[A-Za-z_]\w*")
_SIGNS = (("===", "=="), ("==", "=="), ("<>", "!="), ("=", "=="), ("&", "&&"), ("|", "||"))
_OPERATORS = ("&&", "||", "==", "!=", "<", ">", "<=", ">=")
# How far around the error is looked.
_AROUND = 120


def suggest(message: str, source: str, offset: int, names: Sequence[str]) -> tuple[str, int, str]:
    """(message, offset, fix) in the words of who wrote the expression; `names` are the facts and functions that it may
    read, `offset` counts characters from 0."""
    unknown = _UNKNOWN.match(message)
    if unknown is not None:
        return _unknown(message, unknown[1], source, offset, names)
    if not message.startswith("syntax error"):
        return message, offset, "correct the expression at this place"
    return message, offset, _sign(source, offset) or _bracket(message) or "correct the expression at this place"


def _unknown(message: str, name: str, source: str, offset: int, names: Sequence[str]) -> tuple[str, int, str]:
    begins = offset if source.startswith(name, offset) else source.rfind(name, 0, offset + 1)
    if begins < 0:
        return message, offset, _read(name, names)
    before, behind = source[max(0, begins - _AROUND) : begins].rstrip(), source[begins + len(name) :].lstrip()
    loop = re.search(r"\.\s*([A-Za-z_]\w*)\s*\(\Z", before)
    if loop is not None and behind.startswith(",") and loop[1] not in LOOPS:
        near = nearest(loop[1], LOOPS)
        at = source.rfind(loop[1], 0, begins)
        said = f"there is no {visible(loop[1])}() over a list" + (f"; did you mean {near}?" if near else "")
        return said, at, f"write {near or one_of(LOOPS)}"
    if name in _NAMES:
        return message, begins, f"write {_NAMES[name]}"
    if behind.startswith("("):
        known = _MEMBERS if before.endswith(".") else (*_GLOBALS, *names)
        if name in known:
            empty = not before.endswith(".") and re.match(r"\(\s*\)", behind) is not None
            fix = (
                f"write {name} without brackets if it is a value, else what it takes"
                if empty
                else "look up what it takes"
            )
            return f"{name}() is not used on this, or not with so much in its brackets", begins, fix
        near = nearest(name, known)
        said = f"there is no function {visible(name)}()" + (f"; did you mean {near}?" if near else "")
        return said, begins, f"write {near}" if near else "use a function that there is"
    dashed = re.search(r"\.([A-Za-z_]\w*(?:-[A-Za-z_]\w*)*)-\Z", source[max(0, begins - _AROUND) : begins])
    if dashed is not None:
        key = f"{dashed[1]}-{name}"
        return message, begins, f'write ["{visible(key)}"] for the key {visible(key)}: in a name, - is minus'
    return message, begins, _read(name, names)


def _read(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    return f"write {near}" if near else f"write one of {one_of(tuple(names))}"


def _sign(source: str, offset: int) -> str | None:
    """What stands for a sign or word of another language."""
    here = source[offset : offset + _AROUND]
    number = _INDEX.match(here)
    if number is not None:
        path = _PATH.search(source[max(0, offset - _AROUND) : offset])
        return f"write {visible(path[0] if path else '')}[{visible(number[1], 10)}]"
    word = _WORD.match(here)
    if word is not None and word[0] in _WORDS:
        return f"write {_WORDS[word[0]]} for {word[0]}"
    if re.search(r"(?<!\w)not\s*\Z", source[max(0, offset - _AROUND) : offset]):
        return "write ! for not"
    if here[:1] in ('"', "'"):
        return "close the quote"
    start = offset
    while start > 0 and source[start - 1] in "=<>&|":
        start -= 1
    signs = re.match(r"[!=<>&|]*", source[start : offset + _AROUND])
    run = signs[0] if signs else ""
    if run in _OPERATORS and not source[start + len(run) :].strip():
        return f"write what comes behind {run}, or take it out"
    for sign, right in _SIGNS:
        if sign != right and run == sign:
            return f"write {right} for {sign}"
    return None


def _bracket(message: str) -> str | None:
    found = re.search(r"missing '([)\]}])' at end", message)
    if found is not None:
        return f"add the {found[1]} that is missing"
    found = re.search(r"extraneous input '([)\]}])'", message)
    return None if found is None else f"take the {found[1]} out, or add the bracket that it closes"
