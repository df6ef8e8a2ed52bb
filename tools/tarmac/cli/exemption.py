"""tarmac exemption add"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.declare import option
from tarmac.cli.options import now_option, root_option
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode


@click.group(cls=Verbs)
def command() -> None:
    """Dated, approved exceptions to rules."""


@command.command()
@click.argument("rule")
@option("--target", required=True, metavar="REF", help="What is exempted, such as component:billing.")
@option("--reason", required=True, help="Why, and what will be done about it; approvers read it.")
@option("--until", required=True, metavar="DATE", help="Its last day, at most 180 days away.")
@option(
    "--approver", "approvers", required=True, multiple=True, metavar="GROUP", help="Who must agree; again for more."
)
@option("--owner", metavar="GROUP", help="Who sees to it that it ends.  [default: the target's owner]")
@option("--name", help="What it is called.  [default: from rule and target]")
@option("--file", "path", metavar="PATH", help="The file to add it to.  [default: policies/exemptions/NAME.yaml]")
@root_option
@now_option
def add(
    rule: str,
    target: str,
    reason: str,
    until: str,
    approvers: tuple[str, ...],
    owner: str | None,
    name: str | None,
    path: str | None,
    root: Path,
    now: datetime | None,
) -> int:
    """Exempt one thing from one rule until a day.

    RULE is what findings name in brackets. The exemption is written as a document, behind those that its file holds
    already, and counts when it is merged.
    """
    from tarmac.app import wire
    from tarmac.app.exemption import Wish, draft
    from tarmac.model.shown import visible

    wish = Wish(rule, target, reason, until, approvers, owner, name, path)
    source, history, instant = wire.source(root, None), wire.history(root, None), wire.clock(now).now()
    made = draft(source, wire.reading(), wish, wire.render_request, wire.append_document, instant, history)
    if made.before is None:
        wire.write_new(root, made.path, made.after.decode())
    else:
        wire.mended_folder(root).replace(made.path, made.before, made.after)
    number = f"{made.taken} finding{'s' if made.taken != 1 else ''}" if made.taken else "no finding"
    click.echo(f"Written: {visible(made.path)}. When it is merged it takes {number} off until the end of {until}.")
    if not made.taken:
        click.echo("Nothing needs it today, and an exemption that nothing needs is itself a finding.", err=True)
    return ExitCode.OK
