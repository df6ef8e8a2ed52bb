"""tarmac plan"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.options import (
    commit_option,
    format_option,
    instances_option,
    now_option,
    proofs_option,
    providers_option,
    remote_option,
    root_option,
    rotate_option,
)
from tarmac.errors import ExitCode, UsageError


@click.command()
@root_option
@commit_option
@now_option
@instances_option
@providers_option
@remote_option
@rotate_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Save the plan as JSON too: tarmac reconcile --apply --plan FILE applies it, and nothing else.",
)
@click.option(
    "--show",
    "shown",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Show a plan that was saved, as it was, and make none.",
)
@proofs_option
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
    form: str,
) -> int:
    """What reconcile would do, and why.

    Reads one commit (files that are not committed are not seen), the ledger and the providers' inventories, and
    changes nothing. Exit code 0 whatever the plan holds, as it is information; that reconcile would refuse it, because
    it removes more than the platform's deletionLimits allow, is said in its last line.
    """
    from tarmac.app import wire
    from tarmac.app.plan import make_plan
    from tarmac.app.proof import proved
    from tarmac.reports.plan_json import plan_json
    from tarmac.reports.plan_text import plan_text

    if shown is not None:
        if out is not None or form == "json":
            raise click.UsageError("--show tells of a saved plan in words: leave --out and --format out")
        click.echo(plan_text(*wire.shown_plan(shown), (), None, columns=wire.terminal().columns), nl=False)
        return ExitCode.OK
    if out is not None and (fault := wire.report_fault(out)) is not None:
        raise UsageError(f"--out {out}: {fault}")
    deps, instant = wire.planning(root, instances, providers, remote, proofs, now), wire.clock(now).now()
    planned = make_plan(deps, rev, instant, rotate, proved(deps, rev, instant, apply=False))
    document = plan_json(planned.plan, planned.breaches, planned.inventory) if out or form == "json" else ""
    if out is not None:
        wire.write_plan(out, document)
    if form == "json":
        click.echo(document, nl=False)
    else:
        said = (planned.plan, planned.breaches, planned.notes, planned.now, planned.where)
        click.echo(plan_text(*said, wire.terminal().columns), nl=False)
    if out is not None:
        click.echo(f"Saved: tarmac reconcile --apply --plan {out} applies it, and nothing else.", err=True)
    return ExitCode.OK
