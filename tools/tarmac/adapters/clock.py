"""The one clock."""

from __future__ import annotations

from datetime import UTC, datetime

from tarmac.model.frozen import Frozen


class SystemClock(Frozen):
    """The time of this machine, in UTC, to the second."""

    def now(self) -> datetime:
        return datetime.now(UTC).replace(microsecond=0)


class FixedClock(Frozen):
    """One instant, given on the command line."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant
