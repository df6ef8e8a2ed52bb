"""Whatever a repository holds, each format stays what it is: its own readers find the findings, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tarmac.model.findings import Finding, Observed, Severity, in_order
from tarmac.model.places import Place
from tarmac.model.shown import visible
from tarmac.reports import REPORTS, load
from tests.reports.given import FINDINGS, HOSTILE, given, hostile, hostile_exempted

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA)
COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^:\r\n]*)::(?P<data>[^\r\n]*)")

everything = pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
any_text = st.text(st.characters(), max_size=40)


def written(name: str, text: str) -> str:
    """The report of findings with `text` in every place."""
    return load(name)(given(hostile(text)))


def unescaped(text: str) -> str:
    """What GitHub's runner reads from a property or from data."""
    for escape, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escape, char)
    return text


@everything
@pytest.mark.parametrize("colour", [False, True])
def test_text_has_its_own_lines_only_and_nothing_invisible(text: str, colour: bool) -> None:
    said = load("text")(given(hostile(text), colour=colour, statistics=True))
    plain = re.sub(r"\x1b\[[0-9;]+m", "", said) if colour else said
    assert [char for char in plain if visible(char) != char] == ["\n"] * (3 * 3 + 6)


@examples(any_text)
def test_text_is_one_block_a_finding_whatever_it_says(text: str) -> None:
    said = load("text")(given(hostile(text)))
    assert said.count("\n") == 3 * 3 + 1


@everything
def test_github_gets_a_command_a_finding_and_nothing_else_that_looks_like_one(text: str) -> None:
    *commands, last = written("github", text).splitlines()
    assert len(commands) == 3
    for line, name in zip(commands, ("error", "warning", "notice"), strict=True):
        command = COMMAND.fullmatch(line)
        assert command is not None
        assert command["name"] == name
        properties = dict(part.split("=", 1) for part in command["properties"].split(","))
        assert set(properties) == {"file", "line", "col", "title"}
        assert unescaped(properties["title"]) == visible(text)
        assert unescaped(command["data"]) == f"{visible(text, 2000)}\nFix: {visible(text, 2000)}"
    assert last == "tarmac check: 1,234 files, 1 entity: 1 error, 1 warning, 1 info"


@examples(any_text)
def test_github_reads_back_what_was_said(text: str) -> None:
    command = COMMAND.fullmatch(written("github", text).split("\n")[0])
    assert command is not None
    assert unescaped(command["data"]).partition("\nFix: ")[0] == visible(text, 2000)


@everything
def test_junit_is_xml_that_says_the_same(text: str) -> None:
    said = written("junit", text)
    assert said.isascii()
    root = ElementTree.fromstring(said)  # noqa: S314  # our own output is what is tested
    assert [(child.tag, child.get("name")) for child in root] == [("testsuite", visible(text, 1000))]
    assert len(root.findall("./testsuite/testcase")) == 3
    failure = root.find("./testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == visible(text, 2000)
    assert [len(element) for element in root.iter() if element.tag in ("failure", "skipped")] == [0, 0, 0]


@examples(any_text)
def test_junit_can_be_parsed_whatever_it_holds(text: str) -> None:
    root = ElementTree.fromstring(written("junit", text))  # noqa: S314
    skipped = root.find("./testsuite/testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") in {f"{kind}: {visible(text, 2000)} Fix: {visible(text, 2000)}" for kind in Severity}


@everything
def test_sarif_keeps_to_its_schema(text: str) -> None:
    said = written("sarif", text)
    assert said.isascii()
    assert [fault.message for fault in VALIDATOR.iter_errors(json.loads(said))] == []


@everything
def test_what_is_exempted_is_as_inert_as_what_is_not(text: str) -> None:
    taken = hostile_exempted(text)
    said = {name: load(name)(given((), exempted=taken)) for name in REPORTS}
    assert [char for char in said["text"] if visible(char) != char] == ["\n"] * (1 + 3 + 1 + 1)
    lines = said["github"].splitlines()
    assert len(lines) == 4
    assert all(line.startswith("tarmac check: ") and "##[" not in line for line in lines)
    root = ElementTree.fromstring(said["junit"])  # noqa: S314  # our own output is what is tested
    assert [child.get("name") for child in root] == ["tarmac check", "exempted"]
    assert len(root.findall("./testsuite/testcase/skipped")) == 3
    assert [fault.message for fault in VALIDATOR.iter_errors(json.loads(said["sarif"]))] == []
    assert len(re.findall(r"^- <code>[^<\n]*</code>$", said["markdown"], re.MULTILINE)) == 3
    assert set(re.findall(r"<[^>]*>", said["markdown"])) == {
        "<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>",
    }  # fmt: skip
    assert len(json.loads(said["json"])["exempted"]) == 3


@everything
def test_what_is_observed_is_as_inert(text: str) -> None:
    rows = (Observed(text, Severity.ERROR, 2),)
    said = {name: load(name)(given((), observed=rows)) for name in REPORTS}
    assert [char for char in said["text"] if visible(char) != char] == ["\n"] * (1 + 1 + 1 + 1)
    assert all(line.startswith("tarmac check: ") and "##[" not in line for line in said["github"].splitlines())
    root = ElementTree.fromstring(said["junit"])  # noqa: S314  # our own output is what is tested
    assert [child.get("name") for child in root] == ["tarmac check", "observed"]
    assert [fault.message for fault in VALIDATOR.iter_errors(json.loads(said["sarif"]))] == []
    assert len(re.findall(r"^- <code>[^<\n]*</code>$", said["markdown"], re.MULTILINE)) == 1
    (row,) = json.loads(said["json"])["observed"]
    assert (row["severity"], row["count"]) == ("error", 2)


def test_sarif_of_the_golden_findings_keeps_to_its_schema_and_the_schema_can_say_no() -> None:
    log = json.loads(load("sarif")(given(FINDINGS)))
    assert list(VALIDATOR.iter_errors(log)) == []
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert list(VALIDATOR.iter_errors(log))


@examples(any_text)
def test_sarif_uris_lead_back_to_the_path_and_name_no_scheme(text: str) -> None:
    log = json.loads(written("sarif", text))
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]*", uri)
    assert unquote_to_bytes(uri).decode("utf-8", "surrogatepass") == text


@examples(any_text)
def test_sarif_messages_hold_no_placeholder_and_no_link(text: str) -> None:
    log = json.loads(written("sarif", text))
    said = log["runs"][0]["results"][0]["message"]["text"]
    assert not re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)", said)
    assert "](" not in said


def tokens(text: str) -> Iterator[Token]:
    """Every token of a Markdown text, those inside lines too."""
    for token in MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(text):
        yield token
        yield from token.children or ()


@everything
def test_markdown_shows_rows_and_no_structure_of_anybody_elses(text: str) -> None:
    found = list(tokens(written("markdown", text)))
    assert sum(token.type == "list_item_open" for token in found) == 3
    assert {token.type for token in found if token.tag in ("a", "img", "em", "strong", "s", "table", "code")} == set()
    html = {tag for token in found if token.type.startswith("html") for tag in re.findall(r"<[^>]*>?", token.content)}
    assert html <= {"<code>", "</code>", "<br>", "<details>", "</details>", "<summary>", "</summary>"}


@everything
def test_markdown_mentions_nobody_and_links_nowhere(text: str) -> None:
    said = written("markdown", text)
    assert "@" not in said
    assert "#" not in re.sub(r"&#[0-9]+;|^#+ ", "", said, flags=re.MULTILINE)
    assert "://" not in said
    assert "www." not in said


@everything
def test_json_says_it_all_and_any_reader_takes_it(text: str) -> None:
    said = written("json", text)
    assert said.isascii()
    row = json.loads(said)["findings"][0]
    if "\ud800" in text:
        assert row["message"] == "\\ud800 lone \\udcff"
    else:
        assert (row["message"], row["path"], row["rule"], row["entity"], row["fix"]) == (text,) * 5


def many(number: int, severity: Severity) -> list[Finding]:
    """So many findings in one file."""
    return [Finding("rule", severity, "x" * 900, Place("a.yaml", line)) for line in range(1, number + 1)]


def test_github_shows_the_worst_within_its_limits_and_counts_the_rest() -> None:
    findings = in_order([*many(12, Severity.ERROR), *many(11, Severity.WARNING), *many(20, Severity.INFO)])
    lines = load("github")(given(findings)).splitlines()
    names = [line.split(" ", 1)[0] for line in lines[:-1]]
    assert names == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert "2 more errors and 1 more warning and 11 more infos" in lines[-2]


def test_sarif_keeps_the_gravest_five_thousand_and_counts_the_rest() -> None:
    findings = in_order([*many(5990, Severity.WARNING), *many(20, Severity.ERROR)])
    run = json.loads(load("sarif")(given(findings)))["runs"][0]
    levels = [result["level"] for result in run["results"]]
    assert (levels.count("error"), levels.count("warning")) == (20, 4980)
    assert "1,010 findings left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_markdown_stays_within_its_limit_and_counts_the_rest() -> None:
    findings = in_order([*many(600, Severity.ERROR), *many(600, Severity.WARNING)])
    said = load("markdown")(given(findings))
    assert 900 * 1024 < len(said.encode("utf-8")) <= 1000 * 1024
    rows = said.count("\n- ")
    assert f"{1200 - rows:,} more findings would not fit here" in said
    assert said.count("<details>") == said.count("</details>")
