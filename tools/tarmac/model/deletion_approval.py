"""DeletionApproval: a dated leave to remove more than the limits allow."""

from __future__ import annotations

from typing import Literal

from tarmac.model.base import DayText, Glob, Model, Some, Text
from tarmac.model.entity_meta import TarmacKind


class DeletionApprovalSpec(Model):
    """What may go, until when."""

    requests: Some[Glob]
    """The requests, by path: requests/legacy/**."""
    reason: Text
    """Why."""
    expires: DayText
    """Its last day, in quotes."""


class DeletionApproval(TarmacKind):
    """A dated leave to remove more than the limits allow."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["DeletionApproval"]
    spec: DeletionApprovalSpec
    """What may go, until when."""
