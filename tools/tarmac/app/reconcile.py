"""reconcile: make the world as the repository says, as far as it may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tarmac.app.executor import Executed, Job, execute, used_providers
from tarmac.app.plan import Deps, Planned, make_plan
from tarmac.errors import UsageError
from tarmac.model.plan import Outcome, Result


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The plan, and how it went: `executed` is None when nothing was applied (not asked for, or refused)."""

    planned: Planned
    run: str
    executed: Executed | None

    @property
    def failed(self) -> bool:
        """Whether a limit stopped the run, or an action failed."""
        outcomes = () if self.executed is None else self.executed.outcomes
        return bool(self.planned.breaches) or any(outcome.result is Result.FAILED for outcome in outcomes)


def reconcile(
    deps: Deps,
    revision: str,
    now: datetime,
    *,
    apply: bool,
    made_up_time: bool,
    stop: Callable[[], bool],
    planned: Callable[[Planned], None],
    tell: Callable[[Outcome], None],
) -> Reconciled:
    """Plan, and with `apply` execute, unless a limit is broken: then nothing is done at all.

    `made_up_time` says that `now` is not the clock's. `planned` hears the plan before anything is done, `tell` each
    outcome.

    Raises:
        UsageError: `apply` at a made-up time with a provider that others see too.
    """
    made = make_plan(deps, revision, now)
    planned(made)
    job = Job(made.plan, made.desired, made.states, made.head, made.platform, now)
    if not apply or made.breaches:
        return Reconciled(made, job.run, None)
    if made_up_time:
        for name in sorted(used_providers(made.plan.effects, made.desired)):
            if not made.providers[name].capabilities.local_time:
                raise UsageError(f"--now cannot be applied with provider {name}: its instances live in real time")
    return Reconciled(made, job.run, execute(job, made.providers, deps.ledger, stop, tell))
