"""What the expression engine says of an error, in words for a person, at its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tarmac.errors import ExpressionError
from tarmac.model.patterns import lazily

# `matches` goes by this name, see tarmac.adapters.cel.
OWN_MATCHES = "re2find"
OPTIONAL = "the result is an optional: end it by .orValue(...)"

_COMPILE_ERROR = lazily(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNDECLARED = lazily(r"undeclared reference to '([^']*)'")
_OVERLOAD = lazily(r"found no matching overload for '([^']*)' applied to '(.*)'")
_NO_OVERLOAD = lazily(r"No matching overloads found : (\S+?)\((.*)\)")
_STATUS = lazily(r"[A-Z_]+: ")
_KEY_MISSING = lazily(r"NOT_FOUND: Key not found in map : (.*)", re.DOTALL)


def compile_error(text: str, source: str, names: Sequence[str]) -> ExpressionError:
    found = _COMPILE_ERROR.search(text)
    if found is None or int(found[1]) < 1:
        if "recursion" in text:
            return ExpressionError("the expression is nested too deeply: at most 32 levels are read")
        return ExpressionError("the expression is no text that can be read")
    message = found[3].strip().replace(OWN_MATCHES, "matches").removesuffix(" [INVALID_ARGUMENT]")
    line, column = int(found[1]), max(1, int(found[2]))
    unknown = _UNDECLARED.match(message)
    if unknown is not None:
        # Of `a.b.c` the engine says all and points at a dot; it is `a` that nothing is called.
        name = unknown[1].partition(".")[0]
        lines = source.split("\n")
        if "." in unknown[1] and line <= len(lines):
            column = lines[line - 1].rfind(name, 0, column) + 1 or column
        message = f"nothing is called {name!r} here; an expression of this field reads {', '.join(names)}"
        return ExpressionError(message, line=line, column=column)
    return ExpressionError(_plain(message), line=line, column=column)


def _plain(message: str) -> str:
    overload = _OVERLOAD.match(message)
    if overload is not None:
        return _unusable(overload[1], overload[2].strip("()"))
    if message.startswith("Syntax error: "):
        fault = message.removeprefix("Syntax error: ").partition(" expecting ")[0].replace("'<EOF>'", "end")
        return f"syntax error: {fault}"
    return message


def _unusable(function: str, types: str) -> str:
    operation = function.strip("_").replace("_", " ").strip() or function
    return f"{operation!r} cannot be used on ({types})"


def missing_key(key: str) -> ExpressionError:
    return ExpressionError(f"the key {key} is not there", missing=True)


def evaluation_error(text: str) -> ExpressionError:
    missing = _KEY_MISSING.match(text)
    if missing is not None:
        return missing_key(missing[1])
    if "budget exceeded" in text:
        return ExpressionError("it takes too many steps: at most 10,000 rounds of all(), map() and the like are done")
    if "Unable to convert function return value" in text:
        return ExpressionError(OPTIONAL)
    message = _STATUS.sub("", text, count=1).partition("\n")[0].replace(OWN_MATCHES, "matches")
    message = message.removesuffix(" [INVALID_ARGUMENT]").replace("int64", "int")
    overload = _NO_OVERLOAD.match(message)
    if overload is not None:
        return ExpressionError(_unusable(overload[1], overload[2]))
    select = "Applying SELECT to non-message type"
    return ExpressionError(message.replace(select, "a field is read from a value that is no mapping"))
