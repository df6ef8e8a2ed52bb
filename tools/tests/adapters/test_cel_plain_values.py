"""What is told of values without the engine, up to the last one that is, and the first one that is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from tarmac.adapters.cel_plain_values import (
    added,
    compared,
    days,
    element,
    equal,
    fact_of_plain,
    first_missing,
    has_key,
    instant,
    is_text,
    is_true,
    length,
    micros,
    multiplied,
    selected,
    text_of,
    within,
    written,
)
from tarmac.model.expressions import Unsure

LEAST, MOST = -(1 << 63), (1 << 63) - 1
FIXED = MappingProxyType({"a": 1})

TOLD: list[tuple[Any, tuple[Any, ...], Any]] = [
    (is_true, (True,), True),
    (is_true, (False,), False),
    (is_text, ("",), True),
    (is_text, ("a" * 2000,), True),
    (is_text, ("a" * 2001,), False),
    (is_text, ("a\0",), False),
    (is_text, ("\0XX",), False),
    (is_text, ("XX",), True),
    (is_text, (1,), False),
    (is_text, (["a"],), False),
    (text_of, ("a" * 2000,), "a" * 2000),
    (has_key, ({"a": 1}, "a"), True),
    (has_key, ({"a": 1}, "b"), False),
    (has_key, (FIXED, "a"), True),
    (has_key, (FIXED, "b"), False),
    (selected, ({"a": None}, "a"), None),
    (selected, (FIXED, "a"), 1),
    (element, ({"a": 1}, "a"), 1),
    (element, (FIXED, "a"), 1),
    (element, (["a", "b"], 0), "a"),
    (element, (["a", "b"], 1), "b"),
    (length, ("é",), 1),
    (length, ("a" * 2000,), 2000),
    (length, ([],), 0),
    (length, ([None],), 1),
    (length, ({"a": 1, "b": 2},), 2),
    (length, (FIXED,), 1),
    (instant, ("2026-03-01T10:20:30Z",), datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC)),
    (days, (2,), timedelta(days=2)),
    (days, (-3650000,), timedelta(days=-3650000)),
    (days, (3650000,), timedelta(days=3650000)),
    (written, (datetime(1000, 3, 1, 10, 20, 30, tzinfo=UTC),), "1000-03-01T10:20:30Z"),
    (written, ("a",), "a"),
    (added, (datetime(2026, 3, 1, tzinfo=UTC), timedelta(days=1)), datetime(2026, 3, 2, tzinfo=UTC)),
    (equal, ("a", "a"), True),
    (equal, ("a", "b"), False),
    (equal, (True, True), True),
    (equal, (True, False), False),
    (equal, (LEAST, LEAST), True),
    (equal, (MOST, MOST), True),
    (equal, (1, 2), False),
    (equal, (["a", "b"], ["a", "b"]), True),
    (equal, (["a", "b"], ["b", "a"]), False),
    (equal, (["a"] * 200, ["a"] * 200), True),
    (within, ("a", ["b", "a"]), True),
    (within, ("a", []), False),
    (within, ("a", ["b"] * 199 + ["a"]), True),
    (within, ("a", ["b" * 2000]), False),
    (compared, ("<", LEAST, MOST), True),
    (compared, ("<", 1, 1), False),
    (compared, ("<=", 1, 1), True),
    (compared, ("<=", 2, 1), False),
    (compared, (">", 1, 1), False),
    (compared, (">", 2, 1), True),
    (compared, (">=", 1, 1), True),
    (compared, (">=", 1, 2), False),
    (added, (1, 2), 3),
    (multiplied, (3, 4), 12),
    (multiplied, (MOST, 1), MOST),
    (multiplied, (LEAST, 1), LEAST),
    (micros, ("1.50",), 1_500_000),
    (micros, ("-0.000001",), -1),
    (fact_of_plain, (None,), None),
    (fact_of_plain, (True,), True),
    (fact_of_plain, (False,), False),
    (fact_of_plain, ("x",), "x"),
    (fact_of_plain, (["x"],), ["x"]),
    (fact_of_plain, (MOST,), MOST),
    (first_missing, ({"a": {}}, "a.b"), "b"),
    (first_missing, ({"a": {}}, " a.b.c "), "b"),
    (first_missing, ({"a": MappingProxyType({"b": {}})}, "a.b.c"), "c"),
    (first_missing, ({"a": {"b": 1}}, "a.b"), None),
    (first_missing, ({"a": {"b": 1}}, "a.b.c"), None),
    (first_missing, ({}, "a.b"), None),
    (added, (MOST, LEAST), -1),
    (added, ("a", "b"), "ab"),
    (added, ("a" * 1000, "a" * 1000), "a" * 2000),
    (added, ([1], ["a"]), [1, "a"]),
    (added, ([1] * 100, [1] * 100), [1] * 200),
]


@pytest.mark.parametrize(("asked", "values", "expected"), TOLD)
def test_what_is_beyond_doubt_is_told(asked: Any, values: tuple[Any, ...], expected: object) -> None:
    found = asked(*values)
    assert found == expected
    assert type(found) is type(expected)


NO_TRUTHS: tuple[Any, ...] = (None, 0, 1, "", "true", [], {})
UNSURE: list[tuple[Any, tuple[Any, ...]]] = [
    (instant, ("2026-02-30T00:00:00Z",)),
    (instant, ("2026-03-01",)),
    (instant, (1,)),
    (instant, ("2026-03-01T10:20:30ZX",)),
    (instant, ("X2026-03-01T10:20:30Z",)),
    (days, (3650001,)),
    (days, (-3650001,)),
    (days, (True,)),
    (days, ("1",)),
    (written, (datetime(999, 3, 1, tzinfo=UTC),)),
    (written, (1,)),
    (written, (timedelta(1),)),
    (added, (datetime(9999, 12, 31, tzinfo=UTC), timedelta(days=1))),
    (multiplied, (MOST, 2)),
    (multiplied, (LEAST, -1)),
    (multiplied, ("a", 2)),
    (multiplied, (2, "a")),
    (micros, ("0.0000001",)),
    (micros, ("x",)),
    (micros, ("9999999999999.99",)),
    (micros, (1,)),
    (fact_of_plain, ("a\0",)),
    (fact_of_plain, ([1],)),
    (fact_of_plain, (1.5,)),
    (fact_of_plain, ({},)),
    (fact_of_plain, (MOST + 1,)),
    (added, (timedelta(days=1), datetime(2026, 3, 1, tzinfo=UTC))),
    (added, (timedelta(1), timedelta(1))),
    (added, (datetime(2026, 3, 1, tzinfo=UTC), 1)),
    *((is_true, (value,)) for value in NO_TRUTHS),
    *((text_of, (value,)) for value in (None, 1, True, b"a", "a" * 2001, "a\0", "\0XX", ["a"])),
    *((has_key, (value, "a")) for value in (None, "a", ["a"], 1)),
    *((selected, (value, "b")) for value in (None, "b", ["b"], {"a": 1}, FIXED)),
    *((element, (["a", "b"], key)) for key in (2, -1, True, "0", 0.0, None)),
    *((element, ({"a": 1}, key)) for key in ("b", 0, True, None)),
    *((element, (value, "a")) for value in (None, "a", 1)),
    *((length, (value,)) for value in (None, 1, True, ("a",), "a" * 2001, "a\0")),
    *(
        (equal, (left, right))
        for left, right in ((1, True), (True, 1), (1, 1.0), ("1", 1), (None, None), (1.5, 1.5), ({}, {}))
    ),
    *((equal, (value, value)) for value in ("a\0", "a" * 2001, MOST + 1, LEAST - 1, [1], [["a"]], ["a"] * 201)),
    *(
        (within, ("a", value))
        for value in ("a", {"a": 1}, ("a",), ["a", 1], ["a", "b\0"], ["a", "b" * 2001], ["a"] * 201)
    ),
    *((within, (value, ["a"])) for value in (1, None, "a\0", ["a"])),
    *((compared, ("<", value, 1)) for value in (True, 0.5, "0", None, MOST + 1, LEAST - 1)),
    *((compared, ("<", 1, value)) for value in (True, 1.5, "2", None, MOST + 1, LEAST - 1)),
    (added, (MOST, 1)),
    (added, (LEAST, -1)),
    (added, (MOST + 1, -1)),
    (added, (-1, MOST + 1)),
    (added, (True, 1)),
    (added, (1.5, 1)),
    (added, ("a", 1)),
    (added, (1, "a")),
    (added, ("a" * 1000, "a" * 1001)),
    (added, ("a\0", "a")),
    (added, ([1], "a")),
    (added, ("a", [1])),
    (added, ([1], (1,))),
    (added, ([1] * 100, [1] * 101)),
    (added, ([1] * 101, [1] * 100)),
]


@pytest.mark.parametrize(("asked", "values"), UNSURE)
def test_of_what_more_could_be_meant_nothing_is_told(asked: Any, values: tuple[Any, ...]) -> None:
    with pytest.raises(Unsure):
        asked(*values)
