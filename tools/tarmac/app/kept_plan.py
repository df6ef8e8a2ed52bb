"""plan, kept: where nothing is to do, the next plan is told by what has not changed since.

Only what tells people is kept, never what acts: reconcile plans anew each time. A plan is told again where it would
come out the same, to the byte: by the same version of the tool, from the same commit, ledger and instances, before
anything that it was made of could say something else for the time alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tarmac.errors import ConfigurationError, OutsideError, ProviderError, UsageError
from tarmac.model.frozen import Frozen, replace
from tarmac.planning.kept import Ground, KeptPlan
from tarmac.providers.base import Mark, Marks

if TYPE_CHECKING:
    from tarmac.app.deps import Clock, Ledger, ProviderOpener
    from tarmac.app.plan import Deps, Planned
    from tarmac.planning.until import Until
    from tarmac.providers.base import Provider


class PlanStore(Protocol):
    """Where one plan is kept."""

    def read(self) -> KeptPlan | None:
        """The plan that is kept. Raises CacheFault for what is none."""
        ...

    def write(self, kept: KeptPlan) -> None:
        """Keep it instead. Raises OutsideError."""
        ...


class Roots(Protocol):
    """git, asked what is read."""

    def root_at(self, revision: str) -> tuple[str, str] | None:
        """The commit that the revision names, and the folder in it that is the root; None where the clone lacks
        history, which may come. Raises UsageError where it names none."""
        ...


class Sources(Frozen):
    """What a kept plan is held against, and where it is kept. `clock` is the real one. `trusted` says whether what is
    read there is our own: what a commit brings along is nobody's word."""

    store: PlanStore
    trusted: Callable[[], bool]
    git: Roots
    ledger: Ledger
    providers: ProviderOpener
    clock: Clock


def kept_plan(sources: Sources, revision: str, now: datetime) -> KeptPlan | None:
    """The plan that would be made of the revision at `now`, by what is kept; None where only planning tells, and what
    is wrong, if anything is."""
    try:
        kept = sources.store.read()
        if kept is None or not kept.in_time(now) or not sources.trusted():
            return None
        if sources.git.root_at(revision) != (kept.ground.commit, kept.ground.prefix):
            return None
        if sources.ledger.head().commit != kept.ground.ledger:
            return None
        marks = {name: _mark(sources.providers(name, kept.platform)) for name in kept.ground.marks}
    except (ConfigurationError, OutsideError, UsageError):
        return None
    texts = {name: None if mark is None else mark.text for name, mark in marks.items()}
    return kept if texts == kept.ground.marks else None


class _Marking:
    """Opens providers, and takes their marks before anybody lists their instances."""

    def __init__(self, opener: ProviderOpener) -> None:
        self._opener = opener
        self.marks: dict[str, Mark] = {}

    def __call__(self, name: str, platform: str) -> Provider:
        provider = self._opener(name, platform)
        mark = _mark(provider)
        if mark is not None:
            self.marks[name] = mark
        return provider


def plan_to_keep(deps: Deps, sources: Sources, revision: str, now: datetime) -> tuple[Planned, str]:
    """Plan anew, without asking the forge, and keep the plan where it can be kept; the sentence says so, or why not.

    Raises:
        UsageError, ConfigurationError: as make_plan.
        OutsideError: it cannot be written.
    """
    from tarmac.app.plan import make_plan
    from tarmac.app.proof import unasked
    from tarmac.model.values import show_instant
    from tarmac.planning.until import Until
    from tarmac.reports.plan_json import plan_json

    # In this order: what changes while the plan is made is another thing than what it says it rests on.
    seen, root, head = sources.clock.now(), sources.git.root_at(revision), deps.ledger.head()
    marking, until = _Marking(deps.providers), Until(now)
    proven = None if deps.proving is None else unasked(deps.proving, revision)
    planned = make_plan(replace(deps, providers=marking), revision, now, proven=proven, until=until)
    if root is None:
        return planned, "Not kept: the clone lacks history, and might tell more with it (fetch-depth: 0)."
    if (planned.plan.base, planned.head.commit) != (root[0], head.commit):
        return planned, "Not kept: the branch or the ledger moved on meanwhile: run again."
    why = _why_not(planned, until, marking.marks, seen)
    if why is not None:
        return planned, f"Not kept: {why}."
    document = plan_json(planned.plan, planned.breaches, planned.inventory)
    ground = Ground(*root, head.commit, {name: mark.text for name, mark in marking.marks.items()})
    sources.store.write(KeptPlan(ground, planned.platform, now, until.end, planned.plan, planned.notes, document))
    end = "" if until.end is None else f", at the latest until {show_instant(until.end)}"
    return planned, f"Kept: told again while nothing changes{end}."


def _why_not(planned: Planned, until: Until, marks: Mapping[str, Mark], seen: datetime) -> str | None:
    from tarmac.planning.kept import is_idle, why_passing, why_unmarked, why_unsettled

    if planned.unproved or planned.stopped is not None or not is_idle(planned.plan, planned.breaches):
        return "only a plan with nothing to do or to decide is"
    changes = {name: mark.changed for name, mark in marks.items()}
    return why_unmarked(planned.providers, marks) or why_unsettled(changes, seen) or why_passing(until)


def _mark(provider: Provider) -> Mark | None:
    """What the provider's instances are told by; None where it cannot say."""
    if not isinstance(provider, Marks):
        return None
    try:
        return provider.mark()
    except ProviderError:
        return None
