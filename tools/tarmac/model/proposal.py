"""A change that the tool proposes: a branch with one commit on the default branch's tip."""

from __future__ import annotations

from enum import StrEnum

from tarmac.model.frozen import Frozen


class Proposed(StrEnum):
    """What became of the branch. KEPT: it held this change already; WITHDRAWN: it was there, and nothing is proposed
    any more; NONE: neither."""

    MADE = "made"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    NONE = "none"


class Proposal(Frozen):
    """The branch's name, its commit (None: there is no branch), and what became of it; `remote` is where it was pushed
    to, if anywhere."""

    branch: str
    commit: str | None
    became: Proposed
    remote: str | None = None
