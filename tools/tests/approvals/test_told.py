"""A decision as people and programs read it."""

from __future__ import annotations

import json

import pytest

from tarmac.model.facts import Decision, Ignored, State
from tarmac.reports.approvals import (
    APPROVALS,
    candidates,
    counted,
    error_report,
    ignored,
    json_report,
    text_report,
    unasked,
    unheard,
)

NOT_ASKED = "is not one of those who are asked here"
STALE = "what was approved has changed since: r.yaml"
TEAM = Decision(
    "group:default/one", State.PENDING, "1 of 2 have approved", ("resourcerequest:default/r", "README.md"), ("ben",),
    (Ignored("ana", STALE), Ignored("eve", NOT_ASKED), Ignored("fay", NOT_ASKED)), ("ana", "cem"),
)  # fmt: skip
FINOPS = Decision(
    "group:default/finops", State.APPROVED, "approved by fay", ("resourcerequest:default/r",), ("fay",),
    (Ignored("ana", NOT_ASKED), Ignored("ben", NOT_ASKED), Ignored("eve", NOT_ASKED)),
)  # fmt: skip
DEAR = Decision(
    "dear", State.PENDING, "group:default/one: 1 of 2 have approved", ("resourcerequest:default/r",),
    children=(TEAM, FINOPS), because=("cost.monthly 9.00 EUR > 5.00 EUR", "budget.exists"),
)  # fmt: skip
PAID = Decision("paid", State.APPROVED, "approved by fay", ("README.md",), children=(FINOPS,))
NEVER = Decision("never", State.SKIPPED, "it does not apply to this change")
LATER = Decision("later", State.SKIPPED, "it does not apply to this change")
DRAFT = Decision("draft", State.PENDING, "it is a draft: nothing is approved before it is ready")
BROKEN = Decision("broken", State.ERROR, "its `when` cannot be evaluated", candidates=("pat",))
WHOLE = Decision("approvals", State.PENDING, "dear (pending)", children=(DEAR, PAID, NEVER, DRAFT, BROKEN, LATER))


def test_the_tree_is_told_from_the_top() -> None:
    assert text_report(WHOLE) == (
        "pending: dear (pending)\n"
        "  pending dear\n"
        "    because cost.monthly 9.00 EUR > 5.00 EUR\n"
        "    because budget.exists\n"
        "    pending group:default/one: 1 of 2 have approved\n"
        "      for resourcerequest:default/r, README.md\n"
        "      does not count: ana, what was approved has changed since: r.yaml\n"
        "      could approve: ana, cem\n"
        "    approved group:default/finops: approved by fay\n"
        "      for resourcerequest:default/r\n"
        "  approved paid\n"
        "    approved group:default/finops: approved by fay\n"
        "      for resourcerequest:default/r\n"
        "  pending draft: it is a draft: nothing is approved before it is ready\n"
        "  error broken: its `when` cannot be evaluated\n"
        "    could mend it: pat\n"
        "  approved without being asked, so it does not count: eve\n"
        "  do not apply: never, later\n"
    )


def test_where_there_is_nothing_to_tell_nothing_is() -> None:
    assert text_report(Decision("approvals", State.APPROVED, "nobody needs to approve")) == (
        "approved: nobody needs to approve\n"
    )


def test_who_could_approve_is_told_where_it_is_asked_and_not_again_above() -> None:
    choice = Decision("1 of: a, b", State.PENDING, "nobody", ("x",), candidates=("ana",), children=(TEAM,))
    rule = Decision("rule", State.PENDING, "nobody", ("x",), children=(choice,))
    assert text_report(Decision("approvals", State.PENDING, "why", children=(rule,))).count("could approve: ana") == 1
    bare = Decision("a", State.APPROVED, "yes", ("x",))
    above = Decision("1 of: a, b", State.PENDING, "nobody", ("x",), candidates=("ana",), children=(bare,))
    assert "  could approve: ana\n" in text_report(Decision("approvals", State.PENDING, "why", children=(above,)))


@pytest.mark.parametrize(
    ("state", "about", "what"),
    [
        (State.ERROR, (), "could mend it: pat"),
        (State.ERROR, ("x",), "could approve: pat"),
        (State.PENDING, (), "could approve: pat"),
    ],
)
def test_only_of_what_is_wrong_with_the_base_it_is_told_who_mends_it(
    state: State, about: tuple[str, ...], what: str
) -> None:
    node = Decision("base", state, "why", about, candidates=("pat",))
    assert f"    {what}\n" in text_report(Decision("approvals", state, "why", children=(node,)))


@pytest.mark.parametrize(("number", "more"), [(20, ""), (21, " and 1 more"), (23, " and 3 more")])
def test_of_long_lists_twenty_are_named(number: int, more: str) -> None:
    names = tuple(f"m{index:02}" for index in range(number))
    node = Decision("a", State.PENDING, "why", names)
    shown = text_report(Decision("approvals", State.PENDING, "why", children=(node,)))
    assert f"    for {', '.join(names[:20])}{more}\n" in shown


def test_what_is_long_or_cannot_be_seen_stays_in_its_line() -> None:
    long = "x" * 401
    node = Decision(long, State.PENDING, long, ("a\nb",), (), (Ignored("m\nn", long),), because=(long,))
    shown = text_report(Decision("approvals", State.PENDING, long, children=(node,)))
    cut = "x" * 400 + "..."
    assert shown == (
        f"pending: {cut}\n"
        f"  pending {cut}: {cut}\n"
        f"    because {cut}\n"
        "    for a\\u000ab\n"
        f"    does not count: m\\u000an, {cut}\n"
    )


def test_a_program_reads_every_rule_with_everybody() -> None:
    found = json.loads(json_report(WHOLE))
    assert list(found) == ["version", "state", "rules"]
    assert (found["version"], found["state"]) == (1, "pending")
    assert found["rules"][:2] == [
        {
            "rule": "dear",
            "state": "pending",
            "reason": "group:default/one: 1 of 2 have approved",
            "counted": ["ben", "fay"],
            "ignored": [{"login": "ana", "reason": STALE}, {"login": "eve", "reason": NOT_ASKED}],
            "candidates": ["ana", "cem"],
        },
        {
            "rule": "paid",
            "state": "approved",
            "reason": "approved by fay",
            "counted": ["fay"],
            "ignored": [{"login": name, "reason": NOT_ASKED} for name in ("ana", "ben", "eve")],
            "candidates": [],
        },
    ]
    assert [one["rule"] for one in found["rules"]] == ["dear", "paid", "never", "draft", "broken", "later"]
    assert json_report(WHOLE).startswith('{\n  "version": 1,')
    assert json_report(WHOLE).endswith("}\n")


def test_what_cannot_be_answered_is_an_answer_too() -> None:
    assert json.loads(error_report("torn")) == {
        "version": 1,
        "state": "error",
        "rules": [
            {"rule": "input", "state": "error", "reason": "torn", "counted": [], "ignored": [], "candidates": []}
        ],
    }


def test_who_is_told_of_a_part_and_of_the_whole() -> None:
    assert counted(DEAR) == ["ben", "fay"]
    assert ignored(TEAM) == [Ignored("ana", STALE), Ignored("eve", NOT_ASKED), Ignored("fay", NOT_ASKED)]
    assert unheard(TEAM) == [Ignored("ana", STALE)]
    assert unheard(FINOPS) == []
    assert unasked(WHOLE) == ["eve"]
    assert unasked(PAID) == ["ana", "ben", "eve"]


def test_who_could_approve_is_whoever_is_missing() -> None:
    assert candidates(DEAR) == ["ana", "cem"]
    assert candidates(Decision("a", State.APPROVED, "yes", candidates=("ana",))) == []
    assert candidates(Decision("a", State.SKIPPED, "no", candidates=("ana",))) == []
    met = Decision("a", State.APPROVED, "yes", candidates=("zoe",))
    assert candidates(Decision("b", State.REJECTED, "no", children=(met, TEAM))) == ["ana", "cem"]


def test_there_are_these_formats() -> None:
    assert dict(APPROVALS) == {"text": text_report, "json": json_report}
