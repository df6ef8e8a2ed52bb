"""tarmac ledger log, show, verify, export, rebuild, release"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.declare import option
from tarmac.cli.options import Instant, format_option, remote_option, root_option
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode


@click.group(cls=Verbs)
def command() -> None:
    """What reconcile did: an append-only record on the branch tarmac/ledger.

    Where this clone has no such branch, the one is read that was last fetched from origin."""


@command.command("log")
@root_option
@option("--all", "intents", is_flag=True, help="Intents too, not only what became of them.")
@format_option("text", "json")
def log_command(root: Path, intents: bool, form: str) -> int:
    """Everything that happened, the oldest first."""
    from tarmac.app import wire
    from tarmac.app.ledger import log
    from tarmac.reports.ledger_json import log_json
    from tarmac.reports.ledger_text import log_lines

    head, records = log(wire.ledger(root), intents=intents)
    _say(log_lines(records, wire.terminal().columns) if form == "text" else (log_json(head, records).rstrip("\n"),))
    return ExitCode.OK


@command.command("show")
@click.argument("name")
@root_option
@format_option("text", "json")
def show_command(name: str, root: Path, form: str) -> int:
    """All about one request: its name, its reference, or a uid."""
    from tarmac.app import wire
    from tarmac.app.ledger import show
    from tarmac.reports.ledger_json import show_json
    from tarmac.reports.ledger_text import show_lines

    story = show(wire.ledger(root), name)
    if form == "text":
        _say(show_lines(story.states, story.records, wire.terminal().columns))
    else:
        _say((show_json(story.head, story.states, story.records).rstrip("\n"),))
    return ExitCode.OK


@command.command("proofs")
@root_option
@format_option("text", "json")
def proofs_command(root: Path, form: str) -> int:
    """Who approved what stands on the main branch, as it was proved when it was made real."""
    from tarmac.app import wire
    from tarmac.app.proof import evidence
    from tarmac.reports.proofs import proof_lines, proofs_json

    records = tuple(evidence(wire.proofs(root)))
    if form == "text" and not records:
        _say(("nothing is proved yet: `tarmac approvals genesis` names the commit at which proving begins",))
    _say(proof_lines(records) if form == "text" else (proofs_json(records).rstrip("\n"),))
    return ExitCode.OK


@command.command("verify")
@root_option
@format_option("text", "json")
def verify_command(root: Path, form: str) -> int:
    """Walk the chain of hashes, and compare every state with what the log adds up to. Exit code 1 on a fault."""
    from tarmac.app import wire
    from tarmac.app.ledger import verify
    from tarmac.reports.ledger_json import verify_json
    from tarmac.reports.ledger_text import verify_lines

    head, faults = verify(wire.ledger(root))
    _say(verify_lines(head, faults) if form == "text" else (verify_json(head, faults).rstrip("\n"),))
    return ExitCode.VERDICT if faults else ExitCode.OK


@command.command("export")
@root_option
@option("--since", type=Instant(), metavar="INSTANT", help="Only what happened at this instant or later.")
@format_option("jsonl", "csv")
def export_command(root: Path, since: datetime | None, form: str) -> int:
    """Every line for another program: JSON lines, each with the hash of the one before, or CSV."""
    from tarmac.app import wire
    from tarmac.app.ledger import export
    from tarmac.reports.ledger_export import csv_lines

    records = export(wire.ledger(root), since)
    _say(csv_lines(records) if form == "csv" else (wire.ledger_line(record) for record in records))
    return ExitCode.OK


@command.command("figures")
@root_option
@format_option("text", "openmetrics")
def figures_command(root: Path, form: str) -> int:
    """The platform's own figures: steps by how they ended, retries, time from merge to ready, what is left to do."""
    from tarmac.app import wire
    from tarmac.reports.openmetrics import figures_text, openmetrics

    figures = wire.figures(root)
    click.echo(openmetrics(figures) if form == "openmetrics" else figures_text(figures), nl=False)
    return ExitCode.OK


@command.command("rebuild")
@remote_option
@root_option
def rebuild_command(remote: str | None, root: Path) -> int:
    """Write states and figures anew from the log, where verify says that they are not what it adds up to."""
    from tarmac.app import wire
    from tarmac.app.ledger import rebuild
    from tarmac.reports.text import count

    head, wrong = rebuild(wire.own_ledger(root, remote))
    said = "All is as the log says." if not wrong else f"{count(wrong, 'file')} written anew."
    click.echo(f"{said} Ledger: {count(head.entries, 'line')}, head {head.hash}")
    return ExitCode.OK


@command.command("release")
@click.argument("run")
@remote_option
@root_option
def release_command(run: str, remote: str | None, root: Path) -> int:
    """Take away the lease of a run that is dead, so that the next one need not wait.

    A run that acts has the ledger's lease, and says so every few minutes; killed, it keeps others out for at most a
    quarter of an hour, or longer where its clock was ahead. RUN is the name that reconcile tells. Do this only if you
    know that the run is dead: of two that live, one is stopped when they write.
    """
    from tarmac.app import wire
    from tarmac.app.ledger import release
    from tarmac.model.shown import visible
    from tarmac.model.values import show_instant

    lease = release(wire.own_ledger(root, remote), run)
    until = show_instant(lease.until)
    click.echo(f"Run {visible(lease.run)} no longer has the ledger's lease, which it would have had until {until}.")
    return ExitCode.OK


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
