"""Until when a plan stays what it is: heard while it is made, from all that asks for the time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any


class Until:
    """How long something stands that is told at the instant `at` (aware): `end` (exclusive; None: for good) only comes
    nearer."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.end: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether it stands for any time at all."""
        return self.end is None or self.end > self.at

    def holds(self, since: datetime | None, until: datetime | None) -> None:
        """What is told now is told until then (tarmac.rules.settings). It need not hold before."""
        if until is not None and (self.end is None or until < self.end):
            self.end = until

    def only_now(self) -> None:
        """What is told now may be another thing at any other instant."""
        self.holds(None, self.at)


class NotedInstant(datetime):
    """The instant `until.at`, or one so much later, which tells `until` what it is asked.

    A comparison turns out the same until the other instant is reached. Of everything else that can be asked of it (its
    year, its text, how long ago something was) nobody knows until when the answer leads to the same, so after that
    nothing stands but now. Code in other languages reads it unheard: it must be given `until.at`.
    """

    _until: Until
    _later: timedelta

    @classmethod
    def of(cls, until: Until, later: timedelta = timedelta()) -> NotedInstant:
        """Raises OverflowError for what no calendar has."""
        instant = until.at + later
        made = cls.combine(instant.date(), instant.timetz())
        made._until, made._later = until, later
        return made

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return NotedInstant
        _only_now(self)
        return getattr(_plain(self), name)

    def __lt__(self, other: Any, /) -> bool:
        _compared(self, other)
        return super().__lt__(other)

    def __ge__(self, other: Any, /) -> bool:
        _compared(self, other)
        return super().__ge__(other)

    def __le__(self, other: Any, /) -> bool:
        _compared(self, other, turns_behind=True)
        return super().__le__(other)

    def __gt__(self, other: Any, /) -> bool:
        _compared(self, other, turns_behind=True)
        return super().__gt__(other)

    def __eq__(self, other: object, /) -> bool:
        _only_now(self)
        return super().__eq__(other)

    def __ne__(self, other: object, /) -> bool:
        _only_now(self)
        return super().__ne__(other)

    def __hash__(self) -> int:
        _only_now(self)
        return super().__hash__()

    def __add__(self, other: timedelta, /) -> NotedInstant:
        until, later = _told(self)
        return NotedInstant.of(until, later + other)

    __radd__ = __add__

    def __sub__(self, other: Any, /) -> Any:
        until, later = _told(self)
        if isinstance(other, timedelta):
            return NotedInstant.of(until, later - other)
        _only_now(self)
        return super().__sub__(other)

    def __rsub__(self, other: datetime, /) -> timedelta:
        _only_now(self)
        return other - _plain(self)

    def __repr__(self) -> str:
        _only_now(self)
        return super().__repr__()


def _told(instant: NotedInstant) -> tuple[Until, timedelta]:
    return object.__getattribute__(instant, "_until"), object.__getattribute__(instant, "_later")


def _plain(instant: NotedInstant) -> datetime:
    until, later = _told(instant)
    return until.at + later


def _only_now(instant: NotedInstant) -> None:
    _told(instant)[0].only_now()


def _compared(instant: NotedInstant, other: datetime, *, turns_behind: bool = False) -> None:
    """Note when the answer turns: when `other` is reached, or (`turns_behind`) right behind it."""
    until, later = _told(instant)
    if isinstance(other, NotedInstant):
        return  # both move on together
    try:
        turn = other - later
    except OverflowError:
        return  # it is never reached, or was before all time
    if turn > until.at or (turns_behind and turn == until.at):
        until.holds(None, turn)
