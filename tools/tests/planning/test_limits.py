"""The guard on removals, at its edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.frozen import replace
from tarmac.model.plan import Approval, Breach, Desired, Inventory, Limits, part_of
from tarmac.planning.limits import allowance, approvals, approved, breaches, limits
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, instance, wish
from tests.trees import catalog_of

USUAL = Limits(Fraction(1, 5), 10)


@pytest.mark.parametrize(
    ("live", "limits", "allowed"),
    [
        (0, USUAL, 3),
        (19, USUAL, 3),
        (20, USUAL, 4),
        (24, USUAL, 4),
        (25, USUAL, 5),
        (1000, USUAL, 10),
        (1000, Limits(Fraction(1, 5), 0), 0),
        (1000, Limits(Fraction(0), 10), 0),
        (1000, Limits(Fraction(1), 1), 3),
        (10**30, Limits(Fraction(1, 3), 10**29), 10**29),
    ],
)
def test_a_share_rounded_down_a_count_and_never_less_than_three(live: int, limits: Limits, allowed: int) -> None:
    assert allowance(live, limits) == allowed


def fleet(count: int) -> tuple[Desired, ...]:
    """Requests of as many teams and types, so that only the whole run and the provider count."""
    return tuple(
        wish(f"db-{n:02}", owner=f"group:default/team-{n}", type=f"type-{n}", path=f"requests/t{n}/x.yaml")
        for n in range(count)
    )


def after_removal(
    wishes: tuple[Desired, ...], gone: int, most: Limits = USUAL, approvals: tuple[Approval, ...] = ()
) -> tuple[Breach, ...]:
    world = Model()
    world.apply(world.plan(wishes), wishes)
    stranger = instance("stranger", wish("stranger"), platform=THEIRS)
    left = wishes[gone:]
    inventories = {"embedded": Inventory("embedded", (*world.instances.values(), stranger))}
    return breaches(
        world.plan(left, approvals=approvals),
        inventories,
        platform=OURS,
        limits=most,
        approvals=approvals,
        now=NOW,
        wanted=len(left),
    )


def test_exactly_at_the_limit_passes_and_one_more_does_not() -> None:
    assert after_removal(fleet(25), 5) == ()
    found = after_removal(fleet(25), 6)
    assert [(breach.scope, breach.live, breach.removals, breach.allowed) for breach in found] == [
        ("the whole run", 25, 6, 5),
        ("provider embedded", 25, 6, 5),
    ]


def test_strangers_do_not_raise_the_limit() -> None:
    assert after_removal(fleet(24), 5) != ()


def test_a_team_and_a_type_have_their_own_limits() -> None:
    one_team = tuple(wish(f"db-{n:02}") for n in range(4)) + fleet(40)[4:]
    scopes = {breach.scope for breach in after_removal(one_team, 4)}
    assert scopes == {"type postgres", "team group:default/payments"}


def test_zero_allows_none() -> None:
    assert after_removal(fleet(25), 1, Limits(Fraction(1, 5), 0)) != ()
    assert after_removal(fleet(25), 0, Limits(Fraction(1, 5), 0)) == ()


def test_an_empty_repository_removes_nothing_however_few_there_are() -> None:
    (breach,) = after_removal(fleet(2), 2)
    assert breach.scope.startswith("an empty repository")


def test_what_stays_only_because_it_is_protected_counts_too() -> None:
    kept = tuple(replace(want, protected=number < 3) for number, want in enumerate(fleet(25)))
    (whole, provider) = after_removal(kept, 6)
    assert (whole.removals, whole.allowed, len(whole.requests)) == (6, 5, 6)
    assert provider.removals == 6
    assert after_removal(kept, 5) == ()


def test_a_dated_approval_lets_what_it_names_through() -> None:
    wishes = fleet(25)
    given_until = Approval("go", tuple(want.path for want in wishes[:20]), NOW + DAY)
    assert after_removal(wishes, 20, approvals=(given_until,)) == ()
    assert after_removal(wishes, 23, approvals=(given_until,)) == ()
    assert after_removal(wishes, 20, approvals=(Approval("go", given_until.globs, NOW),)) != ()


@given(st.integers(0, 500), st.fractions(0, 1), st.integers(0, 50))
def test_more_live_never_allows_less(live: int, share: Fraction, count: int) -> None:
    limits = Limits(share, count)
    assert allowance(live, limits) <= allowance(live + 1, limits)


PLATFORM = """\
apiVersion: tarmac/v1
kind: Platform
metadata: {name: p, uid: platform-one}
spec: {deletionLimits: %s}
"""


@pytest.mark.parametrize(
    ("written", "share", "count"),
    [
        ('{share: "30%", count: 7}', Fraction(3, 10), 7),
        ('{share: "0%", count: 0}', Fraction(0), 0),
        ('{share: "25%"}', Fraction(1, 4), 10),
        ("{count: 1}", Fraction(1, 5), 1),
        ("{share: many, count: few}", Fraction(1, 5), 10),
        ("{share: 20, count: true}", Fraction(1, 5), 10),
        ("{count: -1}", Fraction(1, 5), 10),
        ("{count: 2.5}", Fraction(1, 5), 10),
        ("null", Fraction(1, 5), 10),
    ],
)
def test_the_platform_says_the_limits_and_what_it_says_wrongly_is_the_usual(
    written: str, share: Fraction, count: int
) -> None:
    assert limits(catalog_of({"policies/platform.yaml": PLATFORM % written})) == Limits(share, count)


def test_without_a_platform_the_limits_are_the_usual() -> None:
    assert limits(catalog_of({})) == USUAL


def approval_file(name: str, expires: str) -> str:
    return (
        f"apiVersion: tarmac/v1\nkind: DeletionApproval\nmetadata: {{name: {name}}}\n"
        f'spec: {{requests: ["requests/a/**", "requests/b.yaml"], reason: a test, expires: {expires}}}\n'
    )


def test_an_approval_holds_until_its_day_is_over_and_one_with_errors_or_no_day_never_does() -> None:
    catalog = catalog_of(
        {
            "policies/faulty.yaml": approval_file("faulty", '"2026-12-01"'),
            "policies/good.yaml": approval_file("good", '"2026-12-01"'),
            "policies/someday.yaml": approval_file("someday", "soon"),
        }
    )
    found = approvals(catalog, {"deletionapproval:default/faulty"})
    assert found == (Approval("good", ("requests/a/**", "requests/b.yaml"), datetime(2026, 12, 2, tzinfo=UTC)),)
    assert [one.name for one in approvals(catalog)] == ["faulty", "good"]


@pytest.mark.parametrize(
    ("path", "until", "passes"),
    [
        ("requests/a/x/y.yaml", NOW + DAY, True),
        ("requests/b.yaml", NOW + timedelta(microseconds=1), True),
        ("requests/b.yaml", None, True),
        ("requests/b.yaml", NOW, False),
        ("requests/c.yaml", NOW + DAY, False),
        ("requests/b.yaml.bak", None, False),
    ],
)
def test_an_approval_names_files_and_ends_at_its_instant(path: str, until: datetime | None, passes: bool) -> None:
    given_ = (Approval("other", (), None), Approval("go", ("requests/a/**", "requests/b.yaml"), until))
    assert approved(path, given_, NOW) is passes


def test_what_is_not_there_any_more_does_not_count() -> None:
    wishes = fleet(25)
    world = Model()
    world.apply(world.plan(wishes), wishes)
    left = list(world.instances)[:19]
    inventories = {"embedded": Inventory("embedded", tuple(world.instances[uid] for uid in left))}
    for uid in list(world.instances)[19:]:
        del world.instances[uid]
    # Six of the seven that go are gone already.
    made = world.plan(wishes[:18])
    found = breaches(made, inventories, platform=OURS, limits=USUAL, approvals=(), now=NOW, wanted=18)
    assert len([action for action in made.actions if action.verb.removes]) == 7
    assert found == ()


def test_a_team_whose_name_no_instance_carries_has_nothing_live() -> None:
    wishes = tuple(wish(f"db-{n:02}", type=f"type-{n}") for n in range(25))
    world = Model()
    world.apply(world.plan(wishes), wishes)
    # By the ledger they went over to another team, and their tags do not say so yet.
    world.states = {
        uid: replace(state, subject=replace(state.subject, owner="group:default/new"))
        for uid, state in world.states.items()
    }
    inventories = {"embedded": Inventory("embedded", tuple(world.instances.values()))}
    made = world.plan(wishes[4:])
    (found,) = breaches(made, inventories, platform=OURS, limits=USUAL, approvals=(), now=NOW, wanted=21)
    assert (found.scope, found.live, found.removals, found.allowed) == ("team group:default/new", 0, 4, 3)


def test_parts_of_one_request_count_once_and_it_is_named_by_what_goes() -> None:
    parts = tuple(
        wish(
            f"env-{number}",
            owner=f"group:default/t-{number}",
            type=f"type-{part}",
            request=part_of(f"resourcerequest:default/env-{number}", part),
            path=f"requests/{number}.yaml",
        )
        for number in range(8)
        for part in ("cache", "db")
    )
    at_the_limit = after_removal(parts, 2 * 3)
    assert at_the_limit == ()
    found = after_removal(parts, 2 * 4)
    assert [(one.scope, one.live, one.removals, one.allowed, len(one.requests)) for one in found] == [
        ("the whole run", 8, 4, 3, 8),
        ("type type-cache", 8, 4, 3, 4),
        ("type type-db", 8, 4, 3, 4),
        ("provider embedded", 8, 4, 3, 8),
    ]
    assert all(name.startswith("resourcerequest:default/env-") for name in found[0].requests)


def test_an_empty_repository_is_told_with_what_would_go() -> None:
    (found,) = after_removal(fleet(2), 2)
    assert found == Breach(
        "an empty repository: no request is left",
        2,
        2,
        0,
        ("resourcerequest:default/db-00", "resourcerequest:default/db-01"),
    )
    # Nothing there, nothing asked for: nothing to stop.
    assert after_removal((), 0) == ()
