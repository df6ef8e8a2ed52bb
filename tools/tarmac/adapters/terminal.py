"""Where output goes: whether somebody looks at it, and whether they want colour."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from tarmac.model.frozen import Frozen


class Terminal(Frozen):
    """What is known of this process's outputs and of the wishes in its environment."""

    out: bool
    err: bool
    environment: Mapping[str, str]

    @classmethod
    def of_this_process(cls) -> Terminal:
        return cls(out=_is_terminal(sys.stdout), err=_is_terminal(sys.stderr), environment=os.environ)

    def colour(self, choice: str) -> bool:
        """Whether to colour standard output: `always` and `never` decide; for `auto` NO_COLOR (no-color.org), then
        FORCE_COLOR, each when it is set and not empty, then whether it is a terminal that can."""
        if choice != "auto":
            return choice == "always"
        if self.environment.get("NO_COLOR"):
            return False
        if self.environment.get("FORCE_COLOR"):
            return True
        return self.out and self._able

    @property
    def columns(self) -> int | None:
        """How wide standard output is; None where it is no terminal, or one that does not say."""
        if not self.out:
            return None
        try:
            return os.get_terminal_size(sys.stdout.fileno()).columns or None
        except (OSError, ValueError):
            return None

    @property
    def watched(self) -> bool:
        """Whether a person sees standard error as it is written: a terminal, and no CI."""
        return self.err and self._able and self.environment.get("CI", "").lower() in ("", "0", "false")

    @property
    def _able(self) -> bool:
        return self.environment.get("TERM") != "dumb"


def _is_terminal(stream: object) -> bool:
    # A closed stream is None, or refuses the question.
    try:
        return bool(getattr(stream, "isatty", bool)())
    except ValueError:
        return False
