"""What --publish says beside a review."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tarmac.errors import ForgeError, NoPullRequest, OutsideError, TarmacError
from tarmac.model.shown import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tarmac.app.publish import Desk
    from tarmac.model.forge import PullRequest
    from tarmac.reports.review import Review

_WIDE = 1000


@contextmanager
def judging(desk: Desk | None, head: str) -> Iterator[None]:
    """Where anything in it fails, the commit `head` gets a failed check run: the one of an earlier run must not stand
    for what could not be judged. Not where there is no pull request, and nowhere without a desk."""
    why, open_end = "see the run for the reason", True
    try:
        yield
        open_end = False
    except NoPullRequest:
        open_end = False
        raise
    except TarmacError as fault:
        why = str(fault)
        raise
    finally:
        if open_end and desk is not None:
            _not_judged(desk, head, why)


def _not_judged(desk: Desk, head: str, why: str) -> None:
    from tarmac.app.publish import not_judged

    try:
        not_judged(desk, head, why)
    except OutsideError as second:
        click.echo(f"tarmac: nor could it be said that it was not judged: {visible(str(second), _WIDE)}", err=True)


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

    with judging(desk, result.head):
        told = publish(desk, result, pull)
    for address in told.addresses:
        click.echo(f"tarmac: published to #{told.number}: {visible(address, _WIDE)}", err=True)
    for note in told.notes:
        click.echo(f"tarmac: not asked for a review: {visible(note, _WIDE)}", err=True)
    if told.faults:
        raise ForgeError(f"not all of it could be published to #{told.number}: {'; '.join(told.faults)}")
