"""The caret stands under the character that is meant."""

from __future__ import annotations

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from tarmac.model.shown import visible
from tarmac.reports.excerpt import excerpt
from tarmac.reports.report import ReportInput
from tarmac.reports.text import report
from tests.reports.given import FINDINGS, counted, given


@pytest.mark.parametrize(
    ("line", "column", "text", "indent"),
    [
        ("owner: payments", 8, "owner: payments", 7),
        ("\towner: payments", 2, "    owner: payments", 4),
        ("注文: x", 5, "注文: x", 6),
        ("e\u0301te\u0301: x", 7, "e\u0301te\u0301: x", 4),
        ("a\x1bb", 3, "a\\u001bb", 7),
        ("short", 6, "short", 5),
        ("short", 99, "short", 5),
        ("short", 0, "short", 0),
        ("windows\r", 1, "windows", 0),
    ],
)
def test_the_caret_counts_cells(line: str, column: int, text: str, indent: int) -> None:
    found = excerpt(line, column)
    assert (found.text, found.indent) == (text, indent)


@examples(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=400), st.data())
def test_a_long_line_is_cut_around_the_place(line: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(1, len(line)))
    found = excerpt(line, column)
    assert found.text[found.indent] == line[column - 1]
    assert len(found.text) <= 106
    assert found.text.removeprefix("...").removesuffix("...") in line
    if len(line) <= 100:
        assert found.text == line


@examples(st.text(st.characters(), max_size=600), st.integers(0, 700))
def test_an_excerpt_is_bounded_and_has_nothing_invisible(line: str, column: int) -> None:
    found = excerpt(line, column)
    assert len(found.text) < 900
    assert all(visible(char) == char for char in found.text)
    assert 0 <= found.indent < 110


def test_a_file_that_changed_meanwhile_shows_no_line() -> None:
    run = ReportInput(FINDINGS, counted(FINDINGS), lambda paths: iter([(paths[0], "one line")]))
    assert " | " not in report(run)


def test_colour_and_statistics_come_when_they_are_asked_for() -> None:
    plain = report(given())
    assert "\x1b" not in plain
    assert "\x1b[1;31merror\x1b[0m" in report(given(colour=True))
    assert "Findings by rule\n  2  warning  long\n  1  warning  hidden\n" in report(given(statistics=True))
    assert "Findings by rule" not in plain
