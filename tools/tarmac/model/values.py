"""Values with a unit: money, durations, percentages, days. Exact, and strict in what they read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily

if TYPE_CHECKING:
    from fractions import Fraction

# A value is bounded before it is converted: int() of a million digits is slow, Decimal keeps them all.
_MONEY = lazily(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?\Z")
_DURATION = lazily(r"([1-9][0-9]{0,5})([mhdw])\Z")
_PERCENT = lazily(r"(0|[1-9][0-9]{0,3})(?:\.([0-9]{1,6}))?%\Z")
_DAY = lazily(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

# Minor digits that differ from two, ISO 4217.
_MINOR_DIGITS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "UYW": 4, "VND": 0,
    "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip

# Wide enough for every product and sum of what can be read: Python's own 28 digits would round without a word.
EXACT = Context(prec=120, rounding=ROUND_HALF_EVEN)

# How far two machines' clocks may differ before what one tells is taken for the future by the other: what Kerberos
# suggests (RFC 4120, 3.2.3). Machines that keep time by NTP differ by far less.
CLOCK_SKEW = timedelta(minutes=5)

# A month of hours, the convention of cloud price lists: 365 x 24 / 12.
HOURS_PER_MONTH = Decimal(730)


class BadValue(ValueError):
    """A text that is not such a value. The message says what to write."""


def parse_amount(text: str) -> Decimal:
    """Read a decimal number such as `120.50`: at most 15 digits before the point and 12 behind it.

    Raises:
        BadValue: anything else: exponents, signs other than a leading minus, separators, blanks.
    """
    if not _MONEY.match(text):
        raise BadValue(f'{_short(text)} is no amount: write a decimal number such as "120.50"')
    return Decimal(text)


def minor_digits(currency: str) -> int:
    """How many digits the currency's minor unit has (ISO 4217)."""
    return _MINOR_DIGITS.get(currency, 2)


class Money(Frozen):
    """An exact amount in one currency. Adding two currencies is an error: conversion needs a dated rate."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def times(self, factor: Decimal | int) -> Money:
        """The amount multiplied, exactly."""
        return Money(EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    def rounded(self) -> Money:
        """To the currency's minor unit, half to even: for showing, never for comparing."""
        return Money(
            EXACT.quantize(self.amount, Decimal(1).scaleb(-minor_digits(self.currency))),
            self.currency,
        )

    def __str__(self) -> str:
        return f"{self.rounded().amount:,f} {self.currency}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise BadValue(f"{self.currency} and {other.currency} cannot be added or compared without a dated rate")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(Decimal(0), currency)


def rounded(value: Fraction, digits: int) -> Decimal:
    """A fraction as a decimal number of so many digits behind the point, half to even: for showing."""
    # Python rounds a Fraction half to even, and to a whole number exactly.
    return Decimal(round(value * 10**digits)).scaleb(-digits, EXACT)


@lru_cache(maxsize=1 << 8)
def parse_duration(text: str) -> timedelta:
    """Read `30m`, `12h`, `14d` or `2w`.

    Raises:
        BadValue: anything else, zero included.
    """
    match = _DURATION.match(text)
    if not match:
        raise BadValue(f"{_short(text)} is no duration: write a whole number and m, h, d or w, such as 14d")
    return int(match[1]) * _UNITS[match[2]]


def show_duration(span: timedelta) -> str:
    """The shortest of `2w`, `14d`, `12h`, `30m` that says it; weeks only where someone would."""
    minutes, rest = divmod(span, timedelta(minutes=1))
    if rest:
        minutes += 1
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


@lru_cache(maxsize=1 << 8)
def parse_percent(text: str) -> Fraction:
    """Read `20%` or `99.9%` as an exact fraction of one.

    Raises:
        BadValue: anything else.
    """
    match = _PERCENT.match(text)
    if not match:
        raise BadValue(f"{_short(text)} is no percentage: write a number and %, such as 20%")
    from fractions import Fraction

    return Fraction(f"{match[1]}.{match[2] or 0}") / 100


def parse_day(text: str) -> date:
    """Read `2026-12-31`.

    Raises:
        BadValue: anything else, days that do not exist included.
    """
    if _DAY.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise BadValue(f'{_short(text)} is no day: write a date in quotes, such as "2026-12-31"')


def end_of_day(day: date) -> datetime:
    """The instant at which a date that is an expiry has passed: 00:00 UTC of the next day.

    Raises:
        BadValue: the last day that a calendar can hold has no next one.
    """
    if day == date.max:
        raise BadValue(f"{day.isoformat()} has no next day: choose an earlier one")
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant with its offset, such as `2026-12-01T06:00:00Z`, or a day (its start), as UTC.

    Raises:
        BadValue: anything else; an instant without an offset means a different moment in every office.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and _DAY.match(text):
        return found.replace(tzinfo=UTC)
    if found is None or found.tzinfo is None:
        raise BadValue(f"{_short(text)} is no instant: write one with its offset, such as 2026-12-01T06:00:00Z")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise BadValue(f"{_short(text)} is outside the calendar") from None


def show_instant(instant: datetime) -> str:
    """ISO 8601 in UTC with Z, to the second (with microseconds only where there are any)."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")
