"""reconcile: make the world as the repository says, as far as it may be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from datetime import datetime

from tarmac.app.deps import Git
from tarmac.app.executor import LEASE, Executed, execute
from tarmac.app.notices import Told, tell_once, unwell
from tarmac.app.plan import DEFAULT_REVISION, Deps, Planned, make_plan, where
from tarmac.app.proof import proved
from tarmac.app.steps import Job, used_providers
from tarmac.app.upkeep import keep_up
from tarmac.errors import LedgerConflict, StalePlan, UsageError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.ledger import Head
from tarmac.model.notice import Topic
from tarmac.model.plan import Action, Outcome, Result, SavedPlan, Upkeep, Verb
from tarmac.model.values import show_instant
from tarmac.planning.figures import gauges
from tarmac.planning.notices import notices
from tarmac.planning.rotation import not_replaced
from tarmac.providers.base import Prepares


class Reconciled(Frozen):
    """The plan, and how it went: `executed` is None when nothing was applied (not asked for, or refused). `upkeep` is
    what was done beside the plan."""

    planned: Planned
    run: str
    executed: Executed | None
    upkeep: tuple[Upkeep, ...] = ()
    told: Told | None = None

    @property
    def failed(self) -> bool:
        """Whether a limit stopped the run, an action or the upkeep failed, something merged is not proved to be
        approved, or a credential stays that somebody asked to be replaced."""
        outcomes = () if self.executed is None else self.executed.outcomes
        failures = [outcome.result is Result.FAILED for outcome in outcomes]
        failures += [kept.failure is not None for kept in self.upkeep]
        unproved = bool(self.planned.unproved) or self.planned.stopped is not None
        return unproved or bool(self.planned.breaches) or any(failures) or bool(self.not_replaced)

    @property
    def not_replaced(self) -> tuple[Action, ...]:
        """The steps of requests whose credential somebody asked to be replaced at once, which leave them theirs."""
        return tuple(not_replaced(self.planned.desired.values(), self.planned.plan.actions))


def reconcile(
    deps: Deps,
    revision: str,
    now: datetime,
    *,
    apply: bool,
    made_up_time: bool,
    chosen: bool = True,
    saved: SavedPlan | None = None,
    rotate: Collection[str] = (),
    health: bool = False,
    stop: Callable[[], bool],
    planned: Callable[[Planned], None],
    tell: Callable[[Outcome], None],
) -> Reconciled:
    """Plan, and with `apply` execute, unless a limit is broken: then nothing is done at all.

    `made_up_time` says that `now` is not the clock's, `chosen` that a person named the revision outright: otherwise
    only what is merged is applied. `saved` is the plan that a person has seen: nothing else is applied. `rotate` names
    requests whose credential is to be replaced whatever its age. With `health` each instance is asked for it.
    `planned` hears the plan before anything is done, `tell` each outcome.

    Raises:
        LedgerConflict: another run is at work.
        StalePlan: the plan is no longer the saved one.
        UsageError: `apply` at a made-up time with a provider that others see too, or of what is not merged.
        ProviderError: a provider cannot work as it is opened; nothing was begun.
    """
    with deps.only_run() if apply else nullcontext():
        if apply and not chosen:
            _must_be_merged(deps.git)
        clock = None if deps.clock is None else deps.clock.now
        if apply:
            _must_be_free(deps, deps.ledger.head(), now if clock is None else clock())
        made = make_plan(deps, revision, now, rotate, proved(deps, revision, now, apply=apply))
        job = Job(made.plan, made.desired, made.states, made.head, made.platform, now, deps.holder, clock, made_up_time)
        if apply:
            _must_be_free(deps, made.head, job.real_instant())
        if saved is not None:
            _must_be_as_saved(made, saved)
        planned(made)
        if not apply:
            return Reconciled(made, job.run, None)
        if made.breaches:
            told = _told(deps, made, made.head, None, job.instant(), None)
            return Reconciled(made, job.run, None, told=told)
        _prepare(made, made_up_time)
        paths = {action.path for action in made.plan.effects if action.verb in (Verb.CREATE, Verb.RETRY, Verb.REPLACE)}
        job = replace(job, merged=deps.merged(made.plan.base, paths))
        executed = execute(job, made.providers, deps.ledger, stop, tell, deps.pace)
        executed = replace(executed, head=_figures_kept(deps, made, executed, job.instant()))
        upkeep = tuple(keep_up(made.providers.values(), now, made_up_time=made_up_time, stop=stop))
        sick = dict(unwell(made.providers, made.states.values(), stop)) if health else None
        told = _told(deps, made, executed.head, executed, job.instant(), sick)
        executed = executed if told is None else replace(executed, head=told.head)
        return Reconciled(made, job.run, executed, upkeep, told)


def _must_be_as_saved(made: Planned, saved: SavedPlan) -> None:
    """Raises StalePlan where the plan of now is another than the one that was saved."""
    again = "look at a new one: tarmac plan --out FILE"
    if made.plan.base != saved.base:
        raise StalePlan(f"the plan was made for commit {saved.base[:12]}, and this is {made.plan.base[:12]}: {again}")
    if made.inventory != saved.inventory:
        raise StalePlan(f"what the providers have is no longer what it was when the plan was made: {again}")
    if made.plan.hash != saved.hash:
        raise StalePlan(f"other steps follow now, by the time or by what the ledger tells: {again}")


def _told(
    deps: Deps,
    made: Planned,
    head: Head,
    executed: Executed | None,
    moment: datetime,
    unhealthy: Mapping[str, str] | None,
) -> Told | None:
    """Tell what is news by now. `unhealthy` is None where nobody was asked."""
    if deps.notices is None:
        return None
    outcomes = () if executed is None else executed.outcomes
    unseen = {Topic.UNHEALTHY} if unhealthy is None else set()
    if executed is None or executed.stopped:
        unseen.add(Topic.FAILED)
    current = notices(made.plan, made.desired, made.now, outcomes=outcomes, breaches=made.breaches, unhealthy=unhealthy)
    return tell_once(deps.notices, head, current, made.book, deps.courier, moment, unseen)


def _figures_kept(deps: Deps, made: Planned, executed: Executed, moment: datetime) -> Head:
    """Where the ledger ends with the figures of how things stand now. Another run may have more to say by then."""
    if deps.figures is None:
        return executed.head
    try:
        return deps.figures.keep(executed.head, gauges(made.plan, executed.outcomes), moment)
    except LedgerConflict:
        return executed.head


def _prepare(made: Planned, made_up_time: bool) -> None:
    """See that what the plan needs of the providers can be had, before anything is done."""
    used = [made.providers[name] for name in sorted(used_providers(made.plan.effects, made.desired))]
    for provider in used:
        if made_up_time and not provider.capabilities.local_time:
            raise UsageError(f"--now cannot be applied with provider {provider.name}: its instances live in real time")
    for provider in used:
        if isinstance(provider, Prepares):
            provider.prepare()


def _must_be_free(deps: Deps, head: Head, instant: datetime) -> None:
    """Raises LedgerConflict while another run has the ledger's lease. This clone's own was left by a dead run, as two
    of its runs are never at work at once. Where the clocks of two machines differ, nobody can tell from here whether
    a run lives: then a person has to say so."""
    lease = deps.ledger.lease(head)
    if lease is None or lease.holder == deps.holder or instant >= lease.until:
        return
    begun = f"run {lease.run} is at work elsewhere since {show_instant(lease.since)}"
    # Taken away here alone, it would stand there on: the two branches would have parted.
    release = f"tarmac ledger release {lease.run}" + ("" if deps.remote is None else f" --remote {deps.remote}")
    if lease.since > instant + LEASE:
        here = f"by a clock that is ahead of this one ({show_instant(instant)})"
        raise LedgerConflict(f"{begun}, {here}: set the clocks right, and if that run is dead: {release}")
    later = f"run again when it has ended, or after {show_instant(lease.until)} if it is dead"
    raise LedgerConflict(f"{begun}: {later}; who knows that it is need not wait: {release}")


def _must_be_merged(git: Git) -> None:
    """Raises UsageError where HEAD holds something else than the default branch: nobody may have reviewed that."""
    position = git.position()
    if position.default is not None and not position.at_tip:
        raise UsageError(
            f"only what is merged is applied, and HEAD is {where(git, DEFAULT_REVISION)}: check "
            f"out {position.default}, or name the revision yourself: --rev {position.default}, or --rev HEAD for this"
        )
