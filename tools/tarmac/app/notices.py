"""Tell people of a state once, when it begins, and forget it when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from tarmac.app.deps import Courier, NoticesKept
from tarmac.errors import LedgerConflict, ProviderError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.ledger import Head, Phase, RequestState
from tarmac.model.notice import Letter, Notice, OpenNotice, Topic, Unsent
from tarmac.planning.letters import AddressBook, hearers, letters
from tarmac.providers.base import Capability, Provider


class Told(Frozen):
    """What was news, where the ledger ends, how many letters went out, and what waits for the next run."""

    news: tuple[Notice, ...]
    head: Head
    sent: int = 0
    unsent: tuple[Unsent, ...] = ()

    @property
    def said(self) -> tuple[tuple[Notice, ...], int, tuple[Unsent, ...]]:
        """What reports show."""
        return (self.news, self.sent, self.unsent)


def tell_once(
    kept: NoticesKept,
    head: Head,
    current: Sequence[Notice],
    book: AddressBook,
    courier: Courier | None,
    moment: datetime,
    unseen: Collection[Topic] = (),
) -> Told:
    """Send what is not open yet, and what waits since an earlier run, then write down what is open now.

    Of the topics `unseen` nothing is known this time: what is open stays so. A channel that is added later hears of
    what begins then; one that is written wrongly hears of it once it is mended. Killed in between, a letter comes twice
    rather than never.
    """
    known = kept.read(head)
    news = tuple(notice for notice in current if notice.key not in known)
    lasting = [known.get(notice.key) or OpenNotice(notice, moment) for notice in current]
    lasting += [one for key, one in known.items() if one.notice.topic in unseen and key not in {n.key for n in current}]
    fresh = {notice.key for notice in news}
    due = [(one.notice, _hearers(book, one, fresh)) for one in lasting]
    written = () if courier is None else letters(book, due)
    faults = () if courier is None else courier.deliver(written)
    waiting = _waiting(written, faults)
    broken = frozenset(book.faults)
    lasting = [
        replace(
            one,
            waiting=frozenset(waiting.get(one.notice.key, ()))
            | (broken if one.notice.key in fresh else broken & one.waiting),
        )
        for one in lasting
    ]
    # Another run may have written since; it tells the same.
    with suppress(LedgerConflict):
        head = kept.keep(head, lasting, moment)
    unsent = (*_unsent(written, faults), *_unsendable(book, lasting))
    return Told(news, head, sum(fault is None for fault in faults), unsent)


def _hearers(book: AddressBook, one: OpenNotice, fresh: Collection[str]) -> frozenset[str]:
    """The channels that have to be told of a notice now."""
    names = hearers(book, one.notice.topic)
    return names if one.notice.key in fresh else names & one.waiting


def _waiting(written: Sequence[Letter], faults: Sequence[str | None]) -> Mapping[str, set[str]]:
    """The channels that could not be told, by the notice's key."""
    found: dict[str, set[str]] = {}
    for letter, fault in zip(written, faults, strict=True):
        for notice in letter.notices if fault is not None else ():
            found.setdefault(notice.key, set()).add(letter.channel.name)
    return found


def _unsent(written: Sequence[Letter], faults: Sequence[str | None]) -> Iterator[Unsent]:
    """One a channel and reason, in order."""
    counts: dict[tuple[str, str], int] = {}
    for letter, fault in zip(written, faults, strict=True):
        if fault is not None:
            place = (letter.channel.name, fault)
            counts[place] = counts.get(place, 0) + len(letter.notices)
    for (channel, reason), number in counts.items():
        yield Unsent(channel, number, reason)


def _unsendable(book: AddressBook, lasting: Iterable[OpenNotice]) -> Iterator[Unsent]:
    """One for each channel that is written wrongly, whether or not there is anything to tell."""
    told = tuple(lasting)
    for name, why in book.faults.items():
        yield Unsent(name, sum(name in one.waiting for one in told), why, mend=True)


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
