"""Tell people of a state once, when it begins, and forget it when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from tarmac.app.deps import NoticesKept
from tarmac.errors import LedgerConflict, ProviderError
from tarmac.model.ledger import Head, Phase, RequestState
from tarmac.model.notice import Notice, OpenNotice, Topic
from tarmac.providers.base import Capability, Provider


@dataclass(frozen=True, slots=True)
class Told:
    """What was news, what could not be told (it is news again next time, with the reason), and the ledger's end."""

    news: tuple[Notice, ...]
    untold: tuple[tuple[Notice, str], ...]
    head: Head


def tell_once(
    kept: NoticesKept,
    head: Head,
    current: Sequence[Notice],
    send: Callable[[Notice], str | None],
    moment: datetime,
    unseen: Collection[Topic] = (),
) -> Told:
    """Send what is not open yet, then write down what is open now.

    `send` answers why a notice could not be sent, or None. Of the topics `unseen` nothing is known this time: what is
    open stays so. Killed in between, a notice comes twice rather than never.
    """
    known = kept.read(head)
    news = tuple(notice for notice in current if notice.key not in known)
    faults = {notice.key: send(notice) for notice in news}
    lasting = [known.get(one.key) or OpenNotice(one, moment) for one in current if faults.get(one.key) is None]
    lasting += [one for one in known.values() if one.notice.topic in unseen]
    # Another run may have written since; it tells the same.
    with suppress(LedgerConflict):
        head = kept.keep(head, lasting, moment)
    untold = tuple((notice, fault) for notice in news if (fault := faults[notice.key]) is not None)
    return Told(tuple(notice for notice in news if faults[notice.key] is None), untold, head)


def unwell(
    providers: Mapping[str, Provider], states: Iterable[RequestState], stop: Callable[[], bool]
) -> Iterator[tuple[str, str]]:
    """(uid, what is wrong) of each ready instance that says so when it is asked, where its provider can ask."""
    for state in sorted(states, key=lambda state: state.subject.uid):
        provider = providers.get(state.subject.provider)
        if state.phase is not Phase.READY or provider is None or stop():
            continue
        if Capability.HEALTH not in provider.capabilities.verbs:
            continue
        try:
            health = provider.health(state.subject.uid)
        except ProviderError as fault:
            yield state.subject.uid, str(fault)
        else:
            if not health.healthy:
                yield state.subject.uid, health.message or "no reason given"
