"""What planning reads of a tree besides its requests, before a plan and in the preview of one."""

from __future__ import annotations

from tarmac.catalog.view import CatalogView, ReviewView
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.plan import Approval
from tarmac.planning.limits import approvals


def given_approvals(catalog: CatalogView, findings: tuple[Finding, ...]) -> tuple[Approval, ...]:
    """Every DeletionApproval that no error stands against."""
    faulty = {finding.entity for finding in findings if finding.severity is Severity.ERROR and finding.entity}
    return approvals(catalog, faulty)


class Silent(Frozen):
    """The files of a catalog's tree that are there and hold no entity."""

    catalog: ReviewView

    def __contains__(self, path: object) -> bool:
        found = self.catalog
        return isinstance(path, str) and found.has_file(path) and not (found.in_file(path) or found.repeated_in(path))
