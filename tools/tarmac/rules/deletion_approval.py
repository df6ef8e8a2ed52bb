"""A leave to remove things that has expired.

A `DeletionApproval` holds until its last day is over. After that it lets nothing through any more, and says to whoever
reads it that it does.

Points at: the day.

Wrong:

    # on 2027-01-02, when everything has gone
    spec: {requests: ["requests/legacy/**"], reason: it is retired, expires: "2026-12-31"}

Right:

    # no such document, or, where something is still to go, a later day that is approved
    spec: {requests: ["requests/legacy/**"], reason: it is retired, expires: "2027-01-31"}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.findings import Finding, Severity
from tarmac.model.values import BadValue, end_of_day, parse_day
from tarmac.rules.rule import Rule, said
from tarmac.rules.settings import Settings

ID = "deletion-approval"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("deletionapproval"):
        try:
            end = end_of_day(parse_day(entity.text("spec", "expires") or ""))
        except BadValue:
            continue
        if settings.reached(end):
            message = "this leave to remove has expired, and no longer counts"
            fix = "remove it, or have a later day approved"
            yield said(Severity.WARNING, ID, entity, entity.place("spec", "expires"), message, fix)


RULE = Rule(ID, Severity.WARNING, __doc__, check)
