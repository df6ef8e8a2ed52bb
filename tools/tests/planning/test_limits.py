"""The guard on removals, at its edges."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.plan import Approval, Breach, Desired, Inventory, Limits
from tarmac.planning.limits import allowance, breaches
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, instance, wish

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
    wishes: tuple[Desired, ...], gone: int, limits: Limits = USUAL, approvals: tuple[Approval, ...] = ()
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
        limits=limits,
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
