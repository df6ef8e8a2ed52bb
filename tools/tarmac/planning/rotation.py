"""When an instance's credential has had its time."""

from __future__ import annotations

from datetime import datetime

from tarmac.model.plan import Desired
from tarmac.model.values import show_duration, show_instant


def rotation_is_due(desired: Desired, since: datetime | None, now: datetime) -> bool:
    """Due when now is at or after `since` (when the credential was made; None: there is none, or nobody knows) plus
    the type's rotation. An age that leads out of the calendar is never reached."""
    if desired.rotation is None or since is None:
        return False
    try:
        return now >= since + desired.rotation
    except OverflowError:
        return False


def why_rotated(desired: Desired, since: datetime | None) -> str:
    """In words."""
    if desired.rotation is None or since is None:
        return "its credential is replaced"
    return f"its credential is of {show_instant(since)}, and is replaced every {show_duration(desired.rotation)}"
