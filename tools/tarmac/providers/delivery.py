"""Where files go that others act upon: engines that follow a branch, such as Argo CD, Flux or Crossplane's users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol


class Delivery(Protocol):
    """One branch, and the draft of what comes next on it. Every verb raises ProviderError."""

    def names(self) -> tuple[str, ...]:
        """The paths of all files of the draft (of the branch where there is none), sorted."""
        ...

    def read(self, paths: Sequence[str]) -> tuple[bytes | None, ...]:
        """The content of each, None for what is not there."""
        ...

    def drafted(self) -> frozenset[str]:
        """The paths that the draft changes: nobody but us has seen these yet."""
        ...

    def write(self, files: Mapping[str, bytes | None]) -> None:
        """Put files into the draft (None removes one), all or none; kept whatever happens next."""
        ...

    def publish(self, message: str, when: datetime) -> str | None:
        """Make the draft one commit on the branch, and forget it; the answer is that commit, None without a draft."""
        ...
