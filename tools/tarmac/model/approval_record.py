"""ApprovalRecord: an approval that is given after the merge, to a commit that came without one."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import Model, Shape, Text
from tarmac.model.entity_meta import TarmacKind

CommitId = Annotated[
    str,
    Shape(
        "a commit",
        "the full id of a commit, in quotes: 40 or 64 of 0-9 and a-f",
        pattern="^[0-9a-f]{40}(?:[0-9a-f]{24})?$",
        examples=("9fceb02d0ae598e95dc970b74767f19372d61af8",),
    ),
]


class ApprovalRecordSpec(Model):
    """Which commit, and why it is to stay."""

    commit: CommitId
    """The commit of the main branch, in full."""
    reason: Text
    """Why it came past its approvals, and why it is to stay; who approves this file reads it."""


class ApprovalRecord(TarmacKind):
    """An approval that is given after the merge, to a commit that came without one."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["ApprovalRecord"]
    spec: ApprovalRecordSpec
    """Which commit, and why it is to stay."""
