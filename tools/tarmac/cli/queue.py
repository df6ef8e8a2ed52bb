"""tarmac queue"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.declare import Command, option
from tarmac.cli.options import format_option, now_option, root_option
from tarmac.cli.publishing import judging
from tarmac.errors import ExitCode


@click.command(cls=Command)
@root_option
@option("--base", required=True, metavar="REV", help="The default branch's tip, which the queue goes on from.")
@option("--head", required=True, metavar="REV", help="The commit of the merge queue.")
@option("--publish", is_flag=True, help="Say the verdict as the check run of that commit at GitHub.")
@now_option
@format_option("text", "json")
def command(root: Path, base: str, head: str, publish: bool, now: datetime | None, form: str) -> int:
    """May what GitHub's merge queue is about to merge be merged?

    The commits from the base to the head are what one open pull request after the other gives. Each is reviewed with
    what GitHub says of its approvals, as it is merged and judged by the commit before it; the commits and all open
    pull requests' heads (refs/pull/*/head) have to be here. Exit code 0 only when all of it is approved, 1 when not, 4
    when GitHub cannot be asked or told.
    """
    from tarmac.app import wire
    from tarmac.app.queue import publish_queue, queue
    from tarmac.model.shown import visible
    from tarmac.reports.queue import QUEUES

    git, states = wire.main_line(root), wire.recorded(root)
    with wire.desk() as desk, judging(desk if publish else None, git.commit(head).id):
        instant, histories = wire.clock(now).now(), wire.histories(root)
        found = queue(git, wire.reading(), desk.forge, base, head, instant, states, histories)
        click.echo(QUEUES[form](found), nl=False)
        if publish:
            for address in publish_queue(desk, found).addresses:
                click.echo(f"tarmac: published: {visible(address, 1000)}", err=True)
    return ExitCode.OK if found.approved else ExitCode.VERDICT
