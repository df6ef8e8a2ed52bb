"""Which findings an exemption takes off, until when, and what is said of exemptions themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from tarmac.adapters.schema_check import Gate
from tarmac.adapters.yaml_reader import read_documents
from tarmac.catalog.index import Catalog
from tarmac.model.findings import Finding, Severity
from tarmac.model.places import Place
from tarmac.model.refs import Ref
from tarmac.model.values import parse_instant
from tarmac.rules.exemption import Exempted, Outcome, apply, check, turns
from tests.rules.worlds import catalog_of

NOW = parse_instant("2026-12-01T06:00:00Z")
RULES = ("runs", "names")
HEAD = "apiVersion: tarmac/v1\nkind: Exemption\nmetadata: {name: %s}\nspec:\n"
REST = "  owner: group:default/one\n  approvers: [group:default/one]\n  reason: because\n"
THINGS = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: %s}
spec: {type: service, lifecycle: production, owner: one}
---
"""
REQUEST = """\
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: %s}
spec: {type: %s, owner: group:default/%s, environment: %s, config: {}}
---
"""


def exemption(
    name: str = "e", target: str = "component:default/a", rule: str = "runs", expires: str = "2026-12-31"
) -> str:
    """An exemption with a target; its rule stands in line 5, its target in 6, its day in 10."""
    body = f'  rule: {rule}\n  target: {target}\n{REST}  expires: "{expires}"\n---\n'
    return HEAD % name + body


def selection(select: str, name: str = "s", expires: str = "2026-12-31") -> str:
    """An exemption with a selection, in line 6."""
    return HEAD % name + f'  rule: runs\n  select: {{{select}}}\n{REST}  expires: "{expires}"\n---\n'


def world(*texts: str) -> Catalog:
    return catalog_of("".join(texts).removesuffix("---\n"), "policies/all.yaml")


def finding(entity: str | None = "component:default/a", rule: str = "runs") -> Finding:
    return Finding(rule, Severity.ERROR, "no", Place("catalog/a.yaml", 3, 1), entity)


def taken(base: Catalog, *findings: Finding, now: datetime = NOW) -> list[tuple[str | None, str, str]]:
    """(entity, exemption, until) of what is taken off; the rest is left, and nothing is lost or doubled."""
    outcome = apply(findings, base, now)
    both = [*outcome.left, *(one.finding for one in outcome.taken)]
    assert sorted(both, key=lambda one: one.order) == sorted(findings, key=lambda one: one.order)
    return [(one.finding.entity, one.exemption.name, f"{one.until:%Y-%m-%d %H:%M}") for one in outcome.taken]


def said(catalog: Catalog, *findings: Finding, base: Catalog | None = None, now: datetime = NOW) -> list[str]:
    """What is said of the exemptions: `line:column severity message | fix`."""
    judges = base or catalog
    outcome = apply(findings, judges, now, catalog)
    return [
        f"{one.place.line}:{one.place.column} {one.severity.value} {one.message} | {one.fix and one.fix.sentence}"
        for one in check(catalog, judges, RULES, outcome, now)
    ]


# --- with a target -----------------------------------------------------------------------------------------------


def test_it_takes_its_rule_off_its_target_and_nothing_else() -> None:
    base = world(exemption())
    others = (finding("component:default/b"), finding(rule="names"), finding(None))
    assert taken(base, finding(), *others) == [("component:default/a", "e", "2027-01-01 00:00")]
    assert taken(base, *others) == []


def test_its_last_day_is_a_whole_one() -> None:
    base = world(exemption())
    for now, number in [("2026-12-31T23:59:59Z", 1), ("2027-01-01T00:00:00Z", 0)]:
        assert len(taken(base, finding(), now=parse_instant(now))) == number


def test_one_that_ends_in_more_than_180_days_does_not_count() -> None:
    for expires, number in [("2027-05-29", 1), ("2027-05-30", 0)]:
        assert (
            len(taken(world(exemption(expires=expires)), finding(), now=parse_instant("2026-12-01T00:00:00Z")))
            == number
        )


def test_of_several_the_one_that_lasts_longest_is_named() -> None:
    texts = [exemption("short"), exemption("long", expires="2027-01-31"), exemption("other", expires="2027-01-15")]
    assert taken(world(*texts), finding()) == [("component:default/a", "long", "2027-02-01 00:00")]
    assert taken(world(*reversed(texts)), finding()) == [("component:default/a", "long", "2027-02-01 00:00")]
    same = [exemption("first"), exemption("second")]
    assert taken(world(*same), finding()) == [("component:default/a", "first", "2027-01-01 00:00")]


def test_what_is_said_of_exemptions_cannot_be_exempted() -> None:
    base = world(
        exemption(rule="exemption"), selection("kind: Component, atMost: 5").replace("runs", "exemption"), THINGS % "a"
    )
    assert taken(base, finding(rule="exemption")) == []


@pytest.mark.parametrize("fields", [{"target": "a"}, {"target": "'a b:c/d/e'"}, {"expires": "soon"}])
def test_one_that_is_not_right_takes_nothing_off(fields: Mapping[str, str]) -> None:
    assert taken(world(exemption(**fields)), finding()) == []


# --- with a selection --------------------------------------------------------------------------------------------

REQUESTS = (
    REQUEST % ("a", "disk@1.0.0", "one", "staging"),
    REQUEST % ("b", "disk@2.0.0", "one", "production"),
    REQUEST % ("c", "cache@1.0.0", "two", "staging"),
)
ALL = tuple(finding(f"resourcerequest:default/{name}") for name in "abc")


@pytest.mark.parametrize(
    ("select", "names"),
    [
        ("kind: ResourceRequest, atMost: 3", "abc"),
        ("kind: resourcerequest, atMost: 3.0", "abc"),
        ("kind: ResourceRequest, owner: group:default/one, atMost: 3", "ab"),
        ("kind: ResourceRequest, owner: one, atMost: 2", "ab"),
        ("kind: ResourceRequest, type: disk, atMost: 3", "ab"),
        ("kind: ResourceRequest, type: disk@2.0.0, atMost: 3", "b"),
        ("kind: ResourceRequest, environment: staging, atMost: 3", "ac"),
        ("kind: ResourceRequest, owner: two, environment: staging, atMost: 1", "c"),
        ("kind: ResourceRequest, owner: two, type: disk, atMost: 3", ""),
        ("kind: Component, atMost: 3", ""),
        ("kind: ResourceRequest, atMost: 2", ""),
        ("kind: ResourceRequest, owner: 'a b:c/d', atMost: 3", ""),
        ("kind: ResourceRequest, atMost: true", ""),
        ("kind: ResourceRequest", ""),
        ("atMost: 3", ""),
    ],
)
def test_a_selection_takes_what_fits_in_every_way(select: str, names: str) -> None:
    base = world(selection(select), *REQUESTS)
    assert [entity for entity, _, _ in taken(base, *ALL)] == [f"resourcerequest:default/{name}" for name in names]


def test_a_selection_counts_entities_and_not_findings() -> None:
    twice = (
        finding("resourcerequest:default/a"),
        Finding("runs", Severity.INFO, "x", Place("x"), "resourcerequest:default/a"),
    )
    assert len(taken(world(selection("kind: ResourceRequest, atMost: 1"), *REQUESTS), *twice)) == 2


def test_a_selection_has_its_rule_its_day_and_its_entities() -> None:
    one = world(selection("kind: ResourceRequest, atMost: 3"), *REQUESTS)
    until = "2027-01-01 00:00"
    assert taken(one, ALL[0]) == [("resourcerequest:default/a", "s", until)]
    assert (
        taken(one, finding("resourcerequest:default/a", "names"), finding("resourcerequest:default/z"), finding(None))
        == []
    )
    assert taken(one, ALL[0], now=parse_instant("2027-01-01T00:00:00Z")) == []


def test_a_target_goes_before_a_selection_and_the_longest_selection_before_others() -> None:
    target = exemption("t", "resourcerequest:default/a", expires="2026-12-02")
    short, long = (
        selection("kind: ResourceRequest, atMost: 3", "short"),
        selection("kind: ResourceRequest, atMost: 3", "long", "2027-02-01"),
    )
    assert taken(world(long, target, *REQUESTS), ALL[0]) == [("resourcerequest:default/a", "t", "2026-12-03 00:00")]
    for texts in [(short, long), (long, short)]:
        assert taken(world(*texts, *REQUESTS), ALL[0]) == [("resourcerequest:default/a", "long", "2027-02-02 00:00")]


def test_the_entities_are_those_of_the_judged_catalog() -> None:
    base, judged = world(selection("kind: ResourceRequest, atMost: 3")), world(*REQUESTS)
    assert apply(ALL, base, NOW).taken == ()
    assert len(apply(ALL, base, NOW, judged).taken) == 3


def test_what_too_many_need_counts_for_none_and_says_how_many() -> None:
    base = world(selection("kind: ResourceRequest, atMost: 2"), *REQUESTS)
    outcome = apply(ALL, base, NOW)
    assert (outcome.left, outcome.taken) == (ALL, ())
    assert outcome.exceeded == {Ref.of("exemption", "s"): 3}
    assert apply(ALL[:2], base, NOW) == Outcome(
        (), tuple(Exempted(one, Ref.of("exemption", "s"), parse_instant("2027-01-01T00:00:00Z")) for one in ALL[:2]), {}
    )


# --- what is said of them ----------------------------------------------------------------------------------------

HERE = THINGS % "a"


def test_nothing_is_said_of_one_that_is_needed() -> None:
    assert said(world(exemption(), HERE), finding()) == []
    assert said(world(selection("kind: Component, atMost: 1"), HERE), finding()) == []


def test_a_rule_that_does_not_exist_is_an_error() -> None:
    assert said(world(exemption(rule="runz"), HERE), finding()) == [
        "5:9 error rule runz is neither a built-in rule nor a policy | write runs"
    ]
    assert said(world(exemption(rule="other"), HERE), finding()) == [
        "5:9 error rule other is neither a built-in rule nor a policy | write the word in brackets behind the finding"
    ]


def test_what_is_said_of_exemptions_cannot_be_exempted_either() -> None:
    assert said(world(exemption(rule="exemption"), HERE), finding()) == [
        "5:9 error what is said of exemptions cannot be exempted | remove it, and mend the other"
    ]


def test_one_that_has_expired_is_a_warning() -> None:
    expired = "the exemption from runs has expired, and no longer counts | remove it, or have a later day approved"
    assert said(world(exemption(expires="2026-11-30"), HERE), finding()) == [f"10:12 warning {expired}"]
    assert said(world(exemption(expires="2026-12-01"), HERE), finding()) == []
    at_its_end = parse_instant("2027-01-01T00:00:00Z")
    assert said(world(exemption(), HERE), finding(), now=at_its_end) == [f"10:12 warning {expired}"]


def test_one_that_ends_too_far_away_is_an_error() -> None:
    midnight = parse_instant("2026-12-01T00:00:00Z")
    assert said(world(exemption(expires="2027-05-29"), HERE), finding(), now=midnight) == []
    assert said(world(exemption(expires="2027-05-30"), HERE), finding(), now=midnight) == [
        "10:12 error the exemption from runs ends more than 180 days from now, so it does not count"
        " | write a day that is at most 180 days away"
    ]


def test_one_that_nothing_needs_is_a_warning() -> None:
    assert said(world(exemption(), HERE)) == [
        "6:11 warning nothing needs this exemption: runs finds no fault in component:default/a | remove it"
    ]
    assert said(world(selection("kind: Component, atMost: 1"), HERE)) == [
        "6:11 warning nothing needs this exemption: runs finds no fault in what it selects | remove it"
    ]


def test_one_that_too_many_need_is_an_error() -> None:
    assert said(
        world(selection("kind: Component, atMost: 1"), HERE, THINGS % "b"), finding(), finding("component:default/b")
    ) == [
        "6:37 error 2 entities need this exemption and it takes at most 1, so it counts for none"
        " | mend what is new, or have a larger number approved"
    ]


def test_of_a_target_that_does_not_exist_the_reference_rule_speaks() -> None:
    assert said(world(exemption(target="component:default/z"), HERE)) == []
    assert said(world(exemption(target="z"), HERE)) == []


def test_whether_it_is_needed_is_told_only_where_all_was_judged_and_the_base_has_it() -> None:
    catalog = world(exemption(), HERE)
    assert said(catalog.focused([Ref.of("exemption", "e")])) == []
    assert said(catalog, base=world(HERE)) == []
    assert said(catalog, base=world(exemption(expires="2026-12-30"), HERE)) == []
    assert len(said(catalog, base=world(exemption(), HERE))) == 1
    assert said(catalog.focused([])) == []


@pytest.mark.parametrize(
    ("expires", "instants"),
    [
        ("2026-12-31", ["2027-01-01T00:00:00Z", "2026-07-05T00:00:00Z"]),
        ("0001-06-29", ["0001-06-30T00:00:00Z", "0001-01-01T00:00:00Z"]),
        ("0001-06-28", ["0001-06-29T00:00:00Z"]),
        ("2026-02-30", []),
    ],
)
def test_it_begins_and_ceases_to_count_at_instants_that_are_told(expires: str, instants: list[str]) -> None:
    one, other = world(exemption(expires=expires)), world(exemption("f"))
    found = list(turns(one))
    assert found == [parse_instant(text) for text in instants]
    assert list(turns(one, other)) == [*found, *turns(other)]
    spans = [
        (said(one, finding(), now=turn - before), taken(one, finding(), now=turn - before))
        for turn in found
        if turn.year > 1
        for before in (timedelta(days=30), timedelta(microseconds=1), timedelta())
    ]
    assert [spans[at] == spans[at + 1] != spans[at + 2] for at in range(0, len(spans), 3)] == [True] * (len(spans) // 3)


def test_a_day_that_is_none_is_for_the_format_to_say() -> None:
    assert said(world(exemption(expires="soon"), HERE)) == [
        "6:11 warning nothing needs this exemption: runs finds no fault in component:default/a | remove it"
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (exemption(), 0),
        (selection("kind: Component, atMost: 5"), 0),
        (selection("kind: Component, owner: one, type: service, environment: staging, atMost: 50"), 0),
        (selection("kind: Component, atMost: 51"), 1),
        (selection("kind: Component, atMost: 0"), 1),
        (selection("kind: Component"), 1),
        (selection("atMost: 5"), 1),
        (selection("kind: Component, atMost: 5, name: a"), 1),
        (selection("kind: Component, atMost: 5").replace("  rule:", "  target: component:default/a\n  rule:"), 1),
        (exemption().replace("  target: component:default/a\n", ""), 1),
    ],
)
def test_the_format_takes_a_target_or_a_bounded_selection(text: str, faults: int) -> None:
    documents, findings = read_documents("policies/e.yaml", text.removesuffix("---\n").encode())
    assert findings == ()
    assert len([problem for document in documents for problem in Gate().problems(document)]) == faults
