"""tarmac plan"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tarmac.cli.declare import Command, option
from tarmac.cli.options import (
    cache_option,
    commit_option,
    format_option,
    instances_option,
    look_at_cache,
    no_cache_option,
    now_option,
    proofs_option,
    providers_option,
    remote_option,
    root_option,
    rotate_option,
)
from tarmac.errors import ExitCode, UsageError
from tarmac.model.frozen import Frozen

if TYPE_CHECKING:
    from tarmac.app.kept_plan import Sources
    from tarmac.app.plan import Deps
    from tarmac.planning.kept import KeptPlan


@click.command(cls=Command)
@root_option
@commit_option
@now_option
@instances_option
@providers_option
@remote_option
@rotate_option
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Save the plan as JSON too: tarmac reconcile --apply --plan FILE applies it, and nothing else.",
)
@option(
    "--show",
    "shown",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Show a plan that was saved, as it was, and make none.",
)
@proofs_option
@cache_option("what --write-cache keeps")
@no_cache_option("Plan")
@option("--write-cache", "write", is_flag=True, help="Plan anew, and keep the plan if nothing is to do.")
@format_option("text", "json")
def command(
    root: Path,
    rev: str,
    now: datetime | None,
    instances: Path | None,
    providers: Path | None,
    remote: str | None,
    rotate: tuple[str, ...],
    out: Path | None,
    shown: Path | None,
    proofs: Path | None,
    cache: Path | None,
    no_cache: bool,
    write: bool,
    form: str,
) -> int:
    """What reconcile would do, and why.

    Reads one commit (files that are not committed are not seen), the ledger and the providers' inventories, and
    changes nothing. Where a plan with nothing to do was kept, it is told again while nothing has changed since and no
    time has come that would change it. Exit code 0 whatever the plan holds, as it is information; that reconcile would
    refuse it, because it removes more than the platform's deletionLimits allow, is said in its last line.
    """
    from tarmac.app import wire
    from tarmac.app.kept_plan import kept_plan

    if shown is not None:
        from tarmac.reports.plan_text import plan_text

        if out is not None or form == "json" or rotate or proofs or cache or no_cache or write:
            raise click.UsageError(
                "--show tells of a saved plan in words: leave out --format, and whatever is about making one"
            )
        click.echo(plan_text(*wire.shown_plan(shown), (), None, columns=wire.terminal().columns), nl=False)
        return ExitCode.OK
    look_at_cache(no_cache, cache, write)
    if write and (rotate or proofs is not None):
        raise UsageError("--write-cache keeps what git and the instances say: leave out --rotate and --proofs")
    if out is not None and (fault := wire.report_fault(out)) is not None:
        raise UsageError(f"--out {out}: {fault}")
    instant = wire.clock(now).now()
    sources = None
    if write or not (no_cache or rotate or proofs is not None):
        sources = wire.kept_plans(root, cache, instances, providers, remote)
    kept = None if write or sources is None else kept_plan(sources, rev, instant)
    if kept is not None:
        answer = _again(kept, instant, lambda: wire.where(root, rev))
    else:
        deps = wire.planning(root, instances, providers, remote, proofs, now)
        answer = _anew(deps, rev, instant, rotate, sources if write else None)
    if out is not None:
        wire.write_plan(out, answer.document())
    click.echo(answer.document() if form == "json" else answer.text(wire.terminal().columns), nl=False)
    if answer.kept:
        click.echo(answer.kept, err=True)
    if out is not None:
        click.echo(f"Saved: tarmac reconcile --apply --plan {out} applies it, and nothing else.", err=True)
    return ExitCode.OK


class _Answer(Frozen):
    """A plan as JSON and in words (for a terminal so wide), made when asked for, and what is said of keeping it."""

    document: Callable[[], str]
    text: Callable[[int | None], str]
    kept: str = ""


def _again(kept: KeptPlan, now: datetime, where: Callable[[], str]) -> _Answer:
    from tarmac.reports.plan_text import plan_text

    return _Answer(lambda: kept.document, lambda columns: plan_text(kept.plan, (), kept.notes, now, where(), columns))


def _anew(deps: Deps, rev: str, now: datetime, rotate: tuple[str, ...], sources: Sources | None) -> _Answer:
    """With `sources` the plan is kept too, where it can be."""
    from tarmac.app.kept_plan import plan_to_keep
    from tarmac.app.plan import make_plan
    from tarmac.app.proof import proved
    from tarmac.reports.plan_json import plan_json
    from tarmac.reports.plan_text import plan_text

    said = ""
    if sources is None:
        planned = make_plan(deps, rev, now, rotate, proved(deps, rev, now, apply=False))
    else:
        planned, said = plan_to_keep(deps, sources, rev, now)
    return _Answer(
        functools.cache(lambda: plan_json(planned.plan, planned.breaches, planned.inventory)),
        lambda columns: plan_text(planned.plan, planned.breaches, planned.notes, planned.now, planned.where, columns),
        said,
    )
