"""When a person last changed each file: what git's history says, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ages:
    """The last commit of a person by path, UTC. `known` is false where the clone is too shallow to tell: then nothing
    is. A path that no person has ever committed is not there."""

    changed: Mapping[str, datetime]
    known: bool = True

    def of(self, path: str) -> datetime | None:
        """When a person last changed the file; None where that is not known."""
        return self.changed.get(path) if self.known else None
