"""tarmac reconcile"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.declare import Command, option
from tarmac.cli.options import (
    commit_option,
    format_option,
    instances_option,
    named_outright,
    now_option,
    proofs_option,
    providers_option,
    remote_option,
    root_option,
    rotate_option,
)
from tarmac.errors import ExitCode


@click.command(cls=Command)
@root_option
@commit_option
@now_option
@instances_option
@providers_option
@remote_option
@rotate_option
@proofs_option
@option("--apply", is_flag=True, help="Do it. Without this, the plan is shown and nothing changes.")
@option(
    "--plan",
    "saved",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Apply only the plan that tarmac plan --out saved: not if commit, inventory or steps are others now.",
)
@option("--health", is_flag=True, help="Ask each instance whether it is well: for the nightly run.")
@format_option("text", "json")
def command(
    root: Path,
    rev: str,
    now: datetime | None,
    instances: Path | None,
    providers: Path | None,
    remote: str | None,
    rotate: tuple[str, ...],
    proofs: Path | None,
    apply: bool,
    saved: Path | None,
    health: bool,
    form: str,
) -> int:
    """Make the world match the repository.

    Every step is written to the ledger before and after it happens, so a run can be killed at any moment and started
    again. A run that would remove more than the platform's deletionLimits allow does nothing at all. What was merged
    and is not proved to be approved is held. Exit code 1 when something was refused or held for that, when an
    action failed, or when a credential stays that --rotate names.

    Only what is merged is applied: with --apply the commit is the tip of the default branch (the one that origin/HEAD
    names, else main or master), unless --rev names one outright.
    """
    from tarmac.app import wire
    from tarmac.app.reconcile import reconcile
    from tarmac.reports.plan_json import run_json
    from tarmac.reports.plan_text import (
        applied_text,
        not_replaced_text,
        outcome_line,
        plan_text,
        refused_text,
        told_text,
        upkeep_text,
    )

    def say(text: str, *, nl: bool = False) -> None:
        if form == "text":
            click.echo(text, nl=nl)

    columns = wire.terminal().columns
    # Only what has effects must not be cut off in the middle.
    with wire.stopping() if apply else nullcontext(lambda: False) as stop:
        result = reconcile(
            wire.planning(root, instances, providers, remote, proofs, now),
            rev,
            wire.clock(now).now(),
            apply=apply,
            made_up_time=now is not None,
            saved=None if saved is None else wire.saved_plan(saved),
            rotate=rotate,
            health=health,
            chosen=named_outright("rev"),
            stop=stop,
            planned=lambda made: say(plan_text(made.plan, made.breaches, made.notes, made.now, made.where, columns)),
            tell=lambda outcome: say(outcome_line(outcome, columns), nl=True),
        )
    planned, executed = result.planned, result.executed
    outcomes = None if executed is None else executed.outcomes
    head = planned.head if executed is None else executed.head
    told = result.told.said if result.told is not None else ((), 0, ())
    say(told_text(*told, columns))
    if form == "json":
        proof = (planned.unproved, planned.stopped)
        said = run_json(planned.plan, planned.breaches, result.run, outcomes, head, result.upkeep, *proof, told)
        click.echo(said, nl=False)
    elif outcomes is not None:
        say(
            not_replaced_text(result.not_replaced, columns)
            + upkeep_text(result.upkeep, columns)
            + applied_text(outcomes, result.run, head, columns)
        )
    elif apply:
        say(refused_text(planned.plan, planned.breaches, planned.now, columns))
    if executed is not None and executed.stopped:
        return ExitCode.INTERRUPTED
    return ExitCode.VERDICT if apply and result.failed else ExitCode.OK
