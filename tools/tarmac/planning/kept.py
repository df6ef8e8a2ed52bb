"""A plan with nothing to do that is kept, and whether it is still the plan that would be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tarmac.model.frozen import Frozen
from tarmac.model.plan import Breach, Plan, Verb
from tarmac.model.values import show_instant
from tarmac.planning.until import Until

# What changed so shortly before it was looked at may have changed again since, and show the same time: file systems
# note it by ticks, of up to two seconds.
SETTLED = timedelta(seconds=2)


class Ground(Frozen):
    """What a plan rests on besides the time: the commit and the folder in it that is the root, the commit at which the
    ledger ends (None: there is none), and the marks of its providers by name (providers/base.py)."""

    commit: str
    prefix: str
    ledger: str | None
    marks: Mapping[str, str]


class KeptPlan(Frozen):
    """A plan as it was made at `made`, which would come out the same until `until` (exclusive; None: for good) on the
    same ground. `platform` is the uid that its providers were opened with, `notes` are sentences for a person,
    `document` is the plan as JSON."""

    ground: Ground
    platform: str
    made: datetime
    until: datetime | None
    plan: Plan
    notes: tuple[str, ...]
    document: str

    def in_time(self, now: datetime) -> bool:
        """Whether it would come out the same at this instant. Of any before it was made nothing is known."""
        return self.made <= now and (self.until is None or now < self.until)


def is_idle(plan: Plan, breaches: Sequence[Breach]) -> bool:
    """Whether nothing is to do, to decide or to be looked at by anybody: no other plan is kept."""
    return not breaches and all(action.verb is Verb.NONE for action in plan.actions)


def why_passing(until: Until) -> str | None:
    """Why a plan is none to keep for long; None where it stands for some time."""
    if until.stands:
        return None
    return f"it is of {show_instant(until.at)} and of no other instant, as a rule or policy reads the time itself"


def why_unsettled(changes: Mapping[str, datetime], seen: datetime) -> str | None:
    """Why the marks of providers, looked at from `seen` on, vouch for nothing; None where they do. `changes` are the
    last ones by provider."""
    late = sorted(name for name, changed in changes.items() if changed > seen - SETTLED)
    if not late:
        return None
    return f"instances of provider {late[0]} changed within the last {SETTLED.seconds} seconds: write it again"


def why_unmarked(names: Iterable[str], marked: Iterable[str]) -> str | None:
    """Why a plan with these providers cannot be told to be the same without listing; None where it can."""
    left = sorted(set(names).difference(marked))
    return f"whether instances of provider {left[0]} changed is only told by listing them" if left else None
