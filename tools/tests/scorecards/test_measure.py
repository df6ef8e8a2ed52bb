"""What a scorecard gives: credits, levels in their order, scores, teams, and who was moved by what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.app.scorecard import judges, measured
from tarmac.catalog.index import Catalog
from tarmac.errors import ExpressionError
from tarmac.insights.scorecard import Group, Result, Standing, credit_of, moves
from tarmac.model.expressions import Fact
from tarmac.model.shown import visible
from tarmac.reports.scorecard import percent
from tests.rules.worlds import catalog_of

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
TEAM = "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: one}\nspec: {type: team, children: []}\n"


def card(*rules: str, levels: str = "[bronze, silver, gold]", shares: str = "") -> str:
    lines = "".join(f"    - {{{rule}}}\n" for rule in rules)
    return (
        "---\napiVersion: tarmac/v1\nkind: Scorecard\nmetadata: {name: ready}\nspec:\n"
        f"  appliesTo: {{kinds: [Component], types: [service]}}\n  levels: {levels}\n{shares}  rules:\n{lines}"
    )


def service(name: str, points: Mapping[str, str], owner: str = "one", kind: str = "service") -> str:
    """A component whose annotations the rules of these tests read."""
    notes = ", ".join(f'{key}: "{value}"' for key, value in points.items())
    return (
        "---\napiVersion: backstage.io/v1alpha1\nkind: Component\n"
        f"metadata: {{name: {name}, annotations: {{{notes}}}}}\n"
        f"spec: {{type: {kind}, lifecycle: production, owner: {owner}}}\n"
    )


def result(*documents: str) -> Result:
    catalog = catalog_of("".join((TEAM, *documents)))
    (found,) = measured(catalog, judges(catalog, Cel()), NOW)
    return found


def only(found: Result) -> Standing:
    (standing,) = found.standings
    return standing


def says(key: str) -> str:
    """An expression that is true where the annotation says yes."""
    return f'score: \'object.metadata.annotations["{key}"] == "yes"\''


LADDER = card(
    f"name: a, level: bronze, {says('a')}", f"name: b, level: silver, {says('b')}", f"name: c, level: gold, {says('c')}"
)


@pytest.mark.parametrize(
    ("points", "level", "missing"),
    [
        ({"a": "no", "b": "no", "c": "no"}, None, ["a"]),
        ({"a": "yes", "b": "no", "c": "no"}, "bronze", ["b"]),
        ({"a": "yes", "b": "yes", "c": "no"}, "silver", ["c"]),
        ({"a": "yes", "b": "yes", "c": "yes"}, "gold", []),
        # Nobody climbs over a rung.
        ({"a": "no", "b": "yes", "c": "yes"}, None, ["a"]),
        ({"a": "yes", "b": "no", "c": "yes"}, "bronze", ["b"]),
    ],
)
def test_levels_are_climbed_in_their_order(points: Mapping[str, str], level: str | None, missing: list[str]) -> None:
    standing = only(result(LADDER, service("shop", points)))
    assert standing.level == level
    assert [credit.rule.name for credit in standing.missing] == missing


def test_the_score_is_the_weighted_mean_of_all_credits() -> None:
    found = only(
        result(
            card(
                "name: a, level: bronze, score: 'true', weight: 3",
                "name: b, level: bronze, score: '50'",
                "name: c, level: silver, score: 'decimal(\"0.25\")', weight: 2",
                levels="[bronze, silver]",
            ),
            service("shop", {}),
        )
    )
    assert [credit.share for credit in found.credits] == [1, Fraction(1, 2), Fraction(1, 4)]
    assert found.score == Fraction(3 + Fraction(1, 2) + 2 * Fraction(1, 4)) / 6


@pytest.mark.parametrize(
    ("share", "level"), [("", None), ("  shares: {bronze: 66%}\n", None), ("  shares: {bronze: 65%}\n", "bronze")]
)
def test_a_rule_is_enough_from_its_levels_share_on(share: str, level: str | None) -> None:
    found = only(result(card("name: a, level: bronze, score: '65'", levels="[bronze]", shares=share), service("s", {})))
    assert found.level == level
    assert found.score == Fraction(65, 100)


@pytest.mark.parametrize(
    ("value", "worth"),
    [
        (True, Fraction(1)),
        (False, Fraction(0)),
        (0, Fraction(0)),
        (2, Fraction(2, 100)),
        (100, Fraction(1)),
        (Decimal(0), Fraction(0)),
        (Decimal("0.5"), Fraction(1, 2)),
        (Decimal(1), Fraction(1)),
    ],
)
def test_what_a_result_is_worth(value: Fact, worth: Fraction) -> None:
    assert credit_of(value) == worth


WRITE = ': write true or false, a percentage from 0 to 100, or decimal("0.5")'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1, "the score 1 would be one percent: write true, 100 or decimal(...)"),
        (-1, "the score -1 is no percentage from 0 to 100"),
        (101, "the score 101 is no percentage from 0 to 100"),
        (Decimal("-0.1"), f"the decimal -0.1 is not between 0 and 1{WRITE}"),
        (Decimal("1.1"), f"the decimal 1.1 is not between 0 and 1{WRITE}"),
        ("yes", f"the result is no score{WRITE}"),
        (None, f"the result is no score{WRITE}"),
        ([], f"the result is no score{WRITE}"),
        ({}, f"the result is no score{WRITE}"),
        ([True], f"the result is no score{WRITE}"),
    ],
)
def test_what_is_no_score_is_refused(value: Fact, said: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        credit_of(value)
    assert str(raised.value) == said


def test_what_goes_wrong_is_told_at_most_240_characters_long() -> None:
    (credit,) = only(
        result(
            card("name: a, level: bronze, score: 'entity(object.metadata.annotations.long) == object'"),
            service("s", {"long": "x" * 500}),
        )
    ).credits
    assert credit.error is not None
    assert len(credit.error) == len(visible("x" * 1000, 240))


@pytest.mark.parametrize(
    ("score", "error"),
    [
        ("object.metadata.annotations.nothing", None),
        ("object.metadata.name", "the result is no score"),
        ("object.metadata.name > 1", "cannot be used"),
        ("1", "one percent"),
        ("size(object.metadata.name) / 0", "divide by zero"),
    ],
)
def test_what_goes_wrong_gives_nothing_and_is_told_unless_a_key_is_missing(score: str, error: str | None) -> None:
    (credit,) = only(
        result(card(f"name: a, level: bronze, score: '{score}'", levels="[bronze]"), service("s", {}))
    ).credits
    assert not credit.share
    assert not credit.enough
    assert (credit.error is None) == (error is None)
    assert (error or "") in (credit.error or "")


def test_only_what_fits_is_measured() -> None:
    found = result(LADDER, service("shop", {}), service("site", {}, kind="website"))
    assert [str(standing.entity) for standing in found.standings] == ["component:default/shop"]


@pytest.mark.parametrize(
    ("field", "taken"),
    [("types: [job]", "job"), ("lifecycles: [beta]", "beta"), ("tiers: [critical]", "critical"), ("types: []", "all")],
)
def test_a_card_takes_what_it_applies_to(field: str, taken: str) -> None:
    parts = {
        "job": "type: job, lifecycle: production",
        "beta": "type: service, lifecycle: beta",
        "critical": "type: service, lifecycle: production, tarmac: {tier: critical}",
        "plain": "type: service, lifecycle: production, tarmac: {tier: standard}",
    }
    documents = [
        f"---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n"
        f"spec: {{{spec}, owner: one}}\n"
        for name, spec in parts.items()
    ]
    found = result(LADDER.replace("types: [service]", field), *documents)
    wanted = sorted(parts) if taken == "all" else [taken]
    assert [standing.entity.name for standing in found.standings] == wanted


def test_names_titles_weights_and_fixes_are_what_is_written_or_follow_from_it() -> None:
    text = card(
        "name: has-run-book, level: bronze, score: 'true', weight: 0",
        "name: b, title: Be kind, level: bronze, score: 'true', weight: 2, fix: smile",
        "name: c, level: bronze, score: 'false', weight: 1",
        "name: d, level: bronze, score: 'false', weight: 0.5",
    )
    titled = text.replace("{name: ready}", "{name: ready, title: Ready to go}")
    for document, title in ((text, "ready"), (titled, "Ready to go")):
        found = result(document, service("s", {}))
        assert (found.card.name, found.card.title) == ("ready", title)
        rules = [(rule.name, rule.title, rule.weight, rule.fix) for rule in found.card.rules]
        assert rules == [
            ("has-run-book", "has run book", 1, None), ("b", "Be kind", 2, "smile"), ("c", "c", 1, None),
            ("d", "d", 1, None),
        ]  # fmt: skip
        assert only(found).score == Fraction(3, 5)


def test_teams_and_the_organisation_are_the_mean_of_what_they_own() -> None:
    two = TEAM.replace("name: one", "name: two")
    found = result(
        two,
        LADDER,
        service("a", {"a": "yes", "b": "yes", "c": "yes"}),
        service("b", {"a": "yes", "b": "no", "c": "no"}),
        service("c", {"a": "no", "b": "no", "c": "no"}, owner="two"),
        service("d", {"a": "yes", "b": "no", "c": "no"}, owner="nobody"),
    )
    assert found.organization == Group(4, Fraction(5, 12), (("gold", 1), ("silver", 0), ("bronze", 2), (None, 1)))
    assert [(str(team), group.count, group.score) for team, group in found.teams] == [
        ("group:default/one", 2, Fraction(2, 3)),
        ("group:default/two", 1, Fraction(0)),
        ("None", 1, Fraction(1, 3)),
    ]


def test_a_move_names_the_rules_that_decided_it() -> None:
    high, low = {"a": "yes", "b": "yes", "c": "no"}, {"a": "yes", "b": "no", "c": "no"}
    before = result(LADDER, service("down", high), service("same", low), service("up", low), service("gone", low))
    after = result(LADDER, service("down", low), service("same", low), service("up", high), service("new", high))
    assert [
        (move.entity.name, move.before, move.after, move.down, [credit.rule.name for credit in move.because])
        for move in moves(before, after)
    ] == [("down", "silver", "bronze", True, ["b"]), ("up", "bronze", "silver", False, ["b"])]


def test_a_fall_of_several_levels_names_what_was_lost_on_all_of_them() -> None:
    before = result(LADDER, service("shop", {"a": "yes", "b": "yes", "c": "yes"}))
    after = result(LADDER, service("shop", {"a": "no", "b": "no", "c": "yes"}))
    (move,) = moves(before, after)
    assert (move.before, move.after, [credit.rule.name for credit in move.because]) == ("gold", None, ["a", "b"])


POINTS = st.fixed_dictionaries({key: st.sampled_from(["yes", "no"]) for key in "abc"})
RANK = {None: 0, "bronze": 1, "silver": 2, "gold": 3}


@given(POINTS, st.sampled_from("abc"))
def test_more_credit_never_lowers_a_level_or_a_score(points: dict[str, str], key: str) -> None:
    before = only(result(LADDER, service("shop", points)))
    after = only(result(LADDER, service("shop", points | {key: "yes"})))
    assert RANK[after.level] >= RANK[before.level]
    assert 0 <= before.score <= after.score <= 1
    assert (after.level == "gold") == (after.score == 1)


@given(st.lists(POINTS, min_size=1, max_size=6))
def test_every_entity_is_counted_once_and_moves_only_where_levels_differ(points: list[dict[str, str]]) -> None:
    found = result(LADDER, *(service(f"s{at}", one) for at, one in enumerate(points)))
    assert sum(count for _, count in found.organization.levels) == len(points) == found.organization.count
    assert sum(group.count for _, group in found.teams) == len(points)
    assert moves(found, found) == ()


@pytest.mark.parametrize(
    ("share", "shown"),
    [(Fraction(1), "100.0"), (Fraction(9999, 10000), "99.9"), (Fraction(2, 3), "66.6"), (Fraction(0), "0.0")],
)
def test_a_share_is_never_shown_as_more_than_it_is(share: Fraction, shown: str) -> None:
    assert percent(share) == shown


BROKEN = [
    (card("name: a, level: bronze, score: 'nobody'", levels="[bronze]"), "nobody"),
    (
        card("name: a, level: other, score: 'true'", levels="[bronze]"),
        "the rule a is of no level that the scorecard has",
    ),
    (card("name: a, level: bronze, score: '0.5'", levels="[bronze]"), "decimal"),
    (card("name: a, level: bronze, score: 'true'", shares="  shares: {bronze: much}\n"), "much"),
    (card("name: a, level: bronze"), ""),
    (card("level: bronze, score: 'true'").replace("level: bronze", "level: no"), "of no level"),
]


@pytest.mark.parametrize(("document", "said"), BROKEN)
def test_a_card_that_cannot_be_used_measures_nobody_and_is_named(document: str, said: str) -> None:
    catalog: Catalog = catalog_of(TEAM + document + service("shop", {}))
    found = judges(catalog, Cel())
    assert found.cards == ()
    ((name, reason),) = found.broken
    assert name == "ready"
    assert said in reason


@pytest.mark.parametrize(
    ("levels", "before", "after", "down", "because"),
    [
        # One level more, and one less, than one rung apart.
        ("[bronze, silver, gold]", "no no no", "yes no no", False, ["a"]),
        ("[bronze, silver, gold]", "yes no no", "no no no", True, ["a"]),
        ("[bronze, silver, gold]", "no no no", "yes yes no", False, ["a", "b"]),
        ("[bronze, silver, gold]", "yes no yes", "yes yes yes", False, ["b"]),
        ("[bronze, silver, gold]", "yes yes yes", "yes yes no", True, ["c"]),
        ("[bronze, silver, gold]", "yes yes no", "no no yes", True, ["a", "b"]),
    ],
)
def test_the_way_and_the_reasons_of_a_move(
    levels: str, before: str, after: str, down: bool, because: list[str]
) -> None:
    sides = [result(LADDER, service("shop", dict(zip("abc", words.split(), strict=True)))) for words in (before, after)]
    (move,) = moves(*sides)
    assert (move.down, [credit.rule.name for credit in move.because]) == (down, because)


def test_who_was_on_a_level_that_is_no_more_has_climbed_from_nothing() -> None:
    older = result(
        LADDER.replace("gold", "stone").replace("bronze, silver, stone", "stone, bronze, silver"),
        service("s", {"a": "no", "b": "no", "c": "yes"}),
    )
    newer = result(LADDER, service("s", {"a": "yes", "b": "no", "c": "no"}))
    (move,) = moves(older, newer)
    assert (move.before, move.after, move.down) == ("stone", "bronze", False)
    assert [credit.rule.name for credit in move.because] == ["a"]


def test_who_was_on_a_level_that_is_no_more_and_is_on_none_has_not_fallen() -> None:
    older = result(LADDER.replace("bronze", "stone"), service("s", {"a": "yes", "b": "no", "c": "no"}))
    newer = result(LADDER, service("s", {"a": "no", "b": "no", "c": "no"}))
    (move,) = moves(older, newer)
    assert (move.before, move.after, move.down, move.because) == ("stone", None, False, ())


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("name: a, level: gold, score: 'true'", "the rule a is of no level that the scorecard has"),
        ("name: a, score: 'true'", "the rule a is of no level that the scorecard has"),
        ("name: a, level: XX", "syntax error: mismatched input end"),
    ],
)
def test_why_a_card_cannot_be_used_is_said_in_these_words(rule: str, said: str) -> None:
    catalog = catalog_of(TEAM + card(rule, levels="[XX]"))
    assert judges(catalog, Cel()).broken == (("ready", said),)


@pytest.mark.parametrize(
    ("written", "weight"),
    [("3", 3), ("2.0", 2), ("0", 1), ("-4", 1), ("0.5", 1), ("heavy", 1), ("null", 1)],
)
def test_a_weight_is_a_whole_number_from_one_on(written: str, weight: int) -> None:
    found = result(card(f"level: bronze, score: 'true', weight: {written}"), service("s", {}))
    (rule,) = found.card.rules
    assert (rule.name, rule.title, rule.weight) == ("", "", weight)
