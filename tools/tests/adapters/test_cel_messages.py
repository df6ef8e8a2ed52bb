"""What the engine says, in words for a person: each of its sentences that we know of, and those that we do not."""

from __future__ import annotations

import pytest

from tarmac.adapters.cel_messages import OPTIONAL, compile_error, evaluation_error

NAMES = ("object", "now")


@pytest.mark.parametrize(
    ("text", "source", "said", "line", "column"),
    [
        (
            "ERROR: <input>:1:7: undeclared reference to 'objct' (in container '')",
            "true && objct",
            "nothing is called 'objct' here; an expression of this field reads object, now",
            1,
            7,
        ),
        # Of a dotted name the engine points at a dot; what nothing is called stands before it.
        (
            "ERROR: <input>:2:15: undeclared reference to 'objct.spec.type' (in container '')",
            "object.spec.a\n || objct.spec.type",
            "nothing is called 'objct' here; an expression of this field reads object, now",
            2,
            5,
        ),
        (
            "ERROR: <input>:1:6: undeclared reference to 'objct.spec' (in container '')",
            "objct.spec == 1",
            "nothing is called 'objct' here; an expression of this field reads object, now",
            1,
            1,
        ),
        (
            "ERROR: <input>:1:1: found no matching overload for 'f' applied to '(Xylophone)'",
            "a",
            "'f' cannot be used on (Xylophone)",
            1,
            1,
        ),
        (
            "ERROR: <input>:1:1: found no matching overload for 'X_a' applied to '(int)'",
            "a",
            "'X a' cannot be used on (int)",
            1,
            1,
        ),
        (
            "ERROR: <input>:1:9: undeclared reference to 'gone.a' (in container '')",
            "object.x",
            "nothing is called 'gone' here; an expression of this field reads object, now",
            1,
            9,
        ),
        (
            "ERROR: <input>:1:0: undeclared reference to 'a.b' (in container '')",
            "x",
            "nothing is called 'a' here; an expression of this field reads object, now",
            1,
            1,
        ),
        (
            "ERROR: <input>:3:4: undeclared reference to 'a.b' (in container '')",
            "a.b",
            "nothing is called 'a' here; an expression of this field reads object, now",
            3,
            4,
        ),
        (
            "INVALID_ARGUMENT: ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'",
            "1 + 'a'",
            "'+' cannot be used on (int, string)",
            1,
            3,
        ),
        (
            "ERROR: <input>:1:1: found no matching overload for '___' applied to '(int)'",
            "a",
            "'___' cannot be used on (int)",
            1,
            1,
        ),
        (
            "ERROR: <input>:1:1: found no matching overload for 'starts_with' applied to '(int)'",
            "a",
            "'starts with' cannot be used on (int)",
            1,
            1,
        ),
        (
            "ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '('} [INVALID_ARGUMENT]",
            "1 + ",
            "syntax error: mismatched input end",
            1,
            5,
        ),
        ("ERROR: <input>:1:2: re2find is odd [INVALID_ARGUMENT]\n | x", "a", "matches is odd", 1, 2),
        ("ERROR: <input>:-1:-1: something", "a", "the expression is no text that can be read", None, None),
        ("ERROR: <input>:0:1: something", "a", "the expression is no text that can be read", None, None),
        ("no place", "a", "the expression is no text that can be read", None, None),
        (
            "recursion limit exceeded",
            "a",
            "the expression is nested too deeply: at most 32 levels are read",
            None,
            None,
        ),
        (
            "ERROR: <input>:-1:0: max recursion depth",
            "a",
            "the expression is nested too deeply: at most 32 levels are read",
            None,
            None,
        ),
    ],
)
def test_what_does_not_compile(text: str, source: str, said: str, line: int | None, column: int | None) -> None:
    fault = compile_error(text, source, NAMES)
    assert str(fault) == said
    assert (fault.line, fault.column) == ((1, 1) if line is None else (line, column))


@pytest.mark.parametrize(
    ("text", "said", "missing"),
    [
        ('NOT_FOUND: Key not found in map : "a\nb"', 'the key "a\nb" is not there', True),
        ("INTERNAL: NOT_FOUND: Key not found in map : x", "NOT_FOUND: Key not found in map : x", False),
        (
            "INTERNAL: iteration budget exceeded",
            "it takes too many steps: at most 10,000 rounds of all(), map() and the like are done",
            False,
        ),
        ("UNKNOWN: Unable to convert function return value to x", OPTIONAL, False),
        ("INVALID_ARGUMENT: divide by zero", "divide by zero", False),
        ("INVALID_ARGUMENT: A: b\nmore", "A: b", False),
        ("UNKNOWN: No matching overloads found : _<_(int64, string)", "'<' cannot be used on (int, string)", False),
        ("UNKNOWN: No matching overloads found : re2find(int64)", "'matches' cannot be used on (int)", False),
        ("UNKNOWN: re2find(x) failed [INVALID_ARGUMENT]", "matches(x) failed", False),
        (
            "INVALID_ARGUMENT: Applying SELECT to non-message type",
            "a field is read from a value that is no mapping",
            False,
        ),
    ],
)
def test_what_goes_wrong_while_it_is_evaluated(text: str, said: str, missing: bool) -> None:
    fault = evaluation_error(text)
    assert (str(fault), fault.missing) == (said, missing)


def test_an_optional_is_told_how_to_end() -> None:
    assert OPTIONAL == "the result is an optional: end it by .orValue(...)"
