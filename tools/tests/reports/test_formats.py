"""Every format: its golden file, its place in the table, and that it can always be written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from tarmac import __version__
from tarmac.model.findings import Finding, Severity, in_order
from tarmac.model.places import Place
from tarmac.reports import REPORTS, load
from tests.reports.given import EXEMPTED, FINDINGS, HOSTILE, OBSERVED, given, hostile

GOLDEN = Path(__file__).parent / "golden"
FOLDER = Path(__file__).parents[2] / "tarmac" / "reports"

any_text = st.one_of(st.text(st.characters()), st.sampled_from(HOSTILE))
any_finding = st.builds(
    Finding,
    any_text,
    st.sampled_from(Severity),
    any_text,
    st.builds(Place, any_text, st.integers(1, 9), st.integers(1, 99)),
    st.none() | any_text,
)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_as_its_golden_file(name: str) -> None:
    """The files are read before they are accepted: `golden/<format>.txt` is what its user would see."""
    expected = (GOLDEN / f"{name}.txt").read_text("utf-8").replace("TARMAC-VERSION", __version__)
    assert load(name)(given(exempted=EXEMPTED, observed=OBSERVED)) == expected


def test_every_format_has_a_golden_file_and_every_golden_file_a_format() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(REPORTS)


def test_every_file_that_holds_a_format_is_in_the_table() -> None:
    found = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == "report":
                takes = node.args.args[0].annotation
                if isinstance(takes, ast.Name) and takes.id == "ReportInput":
                    found.add(path.stem)
    assert found == set(REPORTS.values())


@pytest.mark.parametrize("name", REPORTS)
@examples(st.lists(any_finding, max_size=4))
def test_a_report_is_text_that_ends_with_a_line_and_is_the_same_twice(name: str, findings: list[Finding]) -> None:
    one = load(name)(given(in_order(findings)))
    assert one.encode("utf-8").endswith(b"\n")
    assert one == load(name)(given(in_order(findings)))


@pytest.mark.parametrize("name", sorted({*REPORTS} - {"json"}))
def test_a_message_without_end_is_cut_where_people_read_it(name: str) -> None:
    long = hostile("x" * 100_000)
    assert len(load(name)(given(long))) < 3 * 20_000


def test_a_run_without_findings_says_so_in_every_format() -> None:
    said = {name: load(name)(given(())) for name in REPORTS}
    assert said["text"] == "1,234 files, 1 entity: no findings\n"
    assert said["github"] == "tarmac check: 1,234 files, 1 entity: no findings\n"
    assert "### tarmac check: no findings" in said["markdown"]
    assert '"results": []' in said["sarif"]
    assert '"findings": []' in said["json"]
    assert 'tests="1" failures="0"' in said["junit"]


def test_what_was_there_before_a_change_is_counted_apart() -> None:
    base = given(FINDINGS)
    run = type(base)(base.findings, {**base.summary, "known": 12})
    assert load("text")(run).splitlines()[-1] == (
        "1,234 files, 1 entity: 3 errors, 3 warnings, 1 info by this change; 12 findings were there before"
    )
