"""request renew: a later end for a request, written into its file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tarmac.app.deps import Ledger, Reading
from tarmac.app.fix import Editor
from tarmac.app.requests import show_request
from tarmac.catalog.requests import Request, ttl_bounds
from tarmac.errors import OutsideError, UsageError
from tarmac.model.edits import AddText, Edit, Rekey, Reword
from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible
from tarmac.model.trees import Source
from tarmac.model.values import end_of_day, show_duration, show_instant

_LIMIT = 1024 * 1024


class Renewal(Frozen):
    """The file before and after. `until` is the new last day, `span` how far that is from today, and `maximum` the
    most that the type allows there, where that is less than was asked for. `gone` is when what had been made was
    removed; None where it has not been."""

    path: str
    before: bytes
    after: bytes
    until: date
    span: timedelta
    maximum: timedelta | None
    gone: datetime | None = None


def renew(
    tree: Source, ledger: Ledger | None, reading: Reading, edit: Editor, name: str, ttl: timedelta, now: datetime
) -> Renewal:
    """The request's file with `expires` on the day that is `ttl` after today (UTC), at most the environment's maximum;
    a TTL gives way to it.

    Raises:
        UsageError: there is no such request, it never ends, it would end earlier than it does, or its file is written
            in a way that leaves no safe place for the change.
    """
    found = show_request(tree, ledger, reading, now, name)
    request = found.request
    if request.ttl is None and request.expires is None:
        raise UsageError(f"{visible(request.entity.name)} never ends: there is nothing to renew")
    most = None if request.type is None else ttl_bounds(request.type, request.environment)[1]
    span = ttl if most is None else min(ttl, most)
    try:
        until = (now + span).date()
        end = end_of_day(until)
    except (OverflowError, ValueError):
        raise UsageError(f"{show_duration(ttl)} from now is outside the calendar") from None
    if found.expires is not None and end <= found.expires:
        raise UsageError(
            f"{visible(request.entity.name)} lives until {show_instant(found.expires)} already, and "
            f"{show_duration(span)} from now is no later{_at_most(span, ttl)}"
        )
    entry = next((entry for entry in tree.entries() if entry.path == request.entity.path), None)
    before = None if entry is None else next(content for _, content in tree.read([entry], _LIMIT))
    if entry is None or not isinstance(before, bytes):
        raise OutsideError(f"{visible(request.entity.path)} went away while it was read: try again")
    for wanted in _edits(request, until.isoformat()):
        after, done = edit(entry.path, before, [wanted])
        if done:
            break
    else:
        place = request.entity.place("spec")
        raise UsageError(f'{place}: no safe place for a change in how it is written: put expires: "{until}" there')
    gone = found.state.since if found.state is not None and found.state.phase.ended else None
    return Renewal(entry.path, before, after, until, span, most if span < ttl else None, gone)


def _at_most(span: timedelta, ttl: timedelta) -> str:
    return " (the most that its type allows there)" if span < ttl else ""


def _edits(request: Request, until: str) -> Iterator[Edit]:
    """Ways to write it, the one that changes least first."""
    entity = request.entity
    document = entity.document.index
    expires, ttl = entity.text("spec", "expires"), entity.text("spec", "ttl")
    if expires is not None:
        yield Reword(document, ("spec", "expires"), expires, until)
        yield Rekey(document, ("spec", "expires"), expires, "expires", until)
    elif ttl is not None:
        yield Rekey(document, ("spec", "ttl"), ttl, "expires", until)
    else:
        yield AddText(document, ("spec", "expires"), until)
