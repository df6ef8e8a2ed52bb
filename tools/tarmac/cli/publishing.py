"""What --publish says beside a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tarmac.errors import ForgeError
from tarmac.model.shown import visible

if TYPE_CHECKING:
    from tarmac.app.publish import Desk
    from tarmac.model.forge import PullRequest
    from tarmac.reports.review import Review

_WIDE = 1000


def ask(desk: Desk, head: str) -> tuple[PullRequest | None, ForgeError | None]:
    """The pull request of a head; or why the forge did not tell, which must not keep the verdict from being shown."""
    try:
        return desk.forge.pull_with_head(head), None
    except ForgeError as fault:
        return None, fault


def tell(desk: Desk, result: Review, pull: PullRequest) -> None:
    """Publish, and say on standard error what came of it.

    Raises:
        ForgeError: something of it failed.
    """
    from tarmac.app.publish import publish

    told = publish(desk, result, pull)
    for address in told.addresses:
        click.echo(f"tarmac: published to #{told.number}: {visible(address, _WIDE)}", err=True)
    for note in told.notes:
        click.echo(f"tarmac: not asked for a review: {visible(note, _WIDE)}", err=True)
    if told.faults:
        raise ForgeError(f"not all of it could be published to #{told.number}: {'; '.join(told.faults)}")
