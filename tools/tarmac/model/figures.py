"""The platform's own figures: what its steps came to, how long people waited, and how much is left to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tarmac.model.frozen import Frozen, field

# Upper bounds of the classes of waiting times, in seconds; a last class holds what took longer.
BOUNDS = (10, 30, 60, 300, 900, 3600, 14400, 86400, 604800)


class TypeFigures(Frozen):
    """Of one resource type: how often its steps ended in which way, how many tries came after first ones, and the
    times from merge to ready: how many in each class (one more than BOUNDS), and their sum in whole seconds."""

    steps: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    retries: int = 0
    waits: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    waited: int = 0


class Gauges(Frozen):
    """How things stood when the last run ended: steps still to do, requests held, instances that drifted, orphans."""

    queue: int = 0
    held: int = 0
    drifted: int = 0
    orphaned: int = 0


class Figures(Frozen):
    """By resource type without its version, from the first line of the ledger on; and how it stands now."""

    types: Mapping[str, TypeFigures] = field(default_factory=lambda: MappingProxyType({}))
    now: Gauges = field(default_factory=Gauges)
