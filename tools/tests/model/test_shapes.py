"""The forms of texts in the models are those that the functions of model/values read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.schema_check import compiled
from tarmac.model import base, slo, values
from tarmac.model.base import Shape
from tarmac.model.values import BadValue

SAMPLES = {
    "amount": ["0", "0.5", "120.50", "00.5", "1e3", ".5", "5.", "-1", "1,000", " 1", "1\n", "9" * 15, "9" * 16,
               "0." + "1" * 13],
    "duration": ["30m", "12h", "14d", "2w", "0d", "01d", "1M", "1.5h", "1d ", "1d\n", "999999d", "1000000d", "d", ""],
    "percent": ["0%", "20%", "99.9%", "020%", "5", "5 %", "10000%", "0.1234567%", "%", "5%\n"],
    "day": ["2026-12-31", "2026-02-29", "2024-02-29", "2026-13-01", "2026-1-1", "2026-12-31\n", "20261231"],
}  # fmt: skip
PAIRS: dict[str, tuple[Any, Callable[[str], object]]] = {
    "amount": (base.AmountText, values.parse_amount),
    "duration": (base.DurationText, values.parse_duration),
    "percent": (base.PercentText, values.parse_percent),
    "day": (base.DayText, values.parse_day),
}
texts = st.text(alphabet="0123456789.%-mhdw \n", max_size=12)


def fits(annotated: Any, text: str) -> bool:
    """Whether the text is of the form."""
    (shape,) = (item for item in get_args(annotated) if isinstance(item, Shape))
    schema: dict[str, Any] = {"type": "string", **shape.more}
    for key, value in (("pattern", shape.pattern), ("minLength", shape.min_length), ("maxLength", shape.max_length)):
        if value is not None:
            schema[key] = value
    return compiled(schema).is_valid(text)


def reads(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except BadValue:
        return False
    return True


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, found in SAMPLES.items() for text in found])
def test_the_form_is_what_the_function_reads(name: str, text: str) -> None:
    annotated, parse = PAIRS[name]
    # Negative amounts are read (a credit in billing data), but nobody may write one into a budget or a price.
    assert fits(annotated, text) == (reads(parse, text) and not text.startswith("-"))


@given(st.sampled_from(sorted(PAIRS)), texts)
def test_the_form_is_what_the_function_reads_for_any_text(name: str, text: str) -> None:
    annotated, parse = PAIRS[name]
    assert not fits(annotated, text) or reads(parse, text)


@pytest.mark.parametrize(
    ("annotated", "right", "wrong"),
    [
        (base.Name, ["a", "A.b_c-d", "a--b", "x" * 63], ["", "-a", "a-", "x" * 64, "a b", "a\n", "é"]),
        (base.Namespace, ["a", "a--b", "x" * 63], ["", "A", "a_b", "-a", "a.b", "x" * 64, "a\n"]),
        (
            base.Key,
            ["a", "a/b", "a.b-c/D_e", "x" * 63 + "/" + "y" * 63, ".".join(["x" * 62] * 4) + "/y"],
            ["", "/", "a/", "/a", "a/b/c", "A/b", "a..b/c", "x" * 64 + "/y", "a/" + "y" * 64,
             ".".join(["x" * 63] * 4) + "/y"],
        ),
        (base.LabelValue, ["", "a", "CC-1001"], [" ", "a b", "-", "x" * 64]),
        (base.Tag, ["a", "c++", "c#", "a:b", "a-b"], ["", "A", "a--b", "a-", "a_b", "x" * 64]),
        (base.Visible, ["a", " a ", "\u200b", "\x85"], ["", " ", "\n\t", "\u00a0", "\u3000", "\ufeff"]),
        (
            base.Url,
            ["https://a.example", "http:a", "mailto:a@b", "file:///x", "x:y", " https://a/b c\n",
             "https://[::1]:8080/", "https://é"],
            ["", "a.example", "//a.example", "https://", "http://a b", "https://a:99999", "1a:b", "https://[", ":"],
        ),
        (base.SemVer, ["0.0.1", "1.2.3-rc.1"], ["1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3 "]),
        (base.Currency, ["EUR"], ["eur", "EURO", ""]),
        (base.Slug, ["a", "on-call", "eu1"], ["", "A", "1a", "a-", "a_b"]),
        (base.Glob, ["requests/legacy/**", "*.yaml"], ["", "/etc", "a\\b", "a\nb"]),
        (slo.TimeZone, ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+1"], ["", "/", "A B", "../x"]),
    ],
)  # fmt: skip
def test_forms(annotated: Any, right: list[str], wrong: list[str]) -> None:
    assert [text for text in right if not fits(annotated, text)] == []
    assert [text for text in wrong if fits(annotated, text)] == []
