"""review, the part about findings: conflicts, and which findings the change brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from tarmac.app.approvals import Decided
from tarmac.app.check import CheckResult
from tarmac.approvals.evaluate import approved
from tarmac.catalog.index import build
from tarmac.catalog.view import CatalogView
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.frozen import replace
from tarmac.model.places import Place
from tarmac.rules.exemption import apply


def conflict_findings(paths: Iterable[str]) -> Iterator[Finding]:
    """A finding for each file that cannot be merged."""
    for path in paths:
        yield Finding(
            "merge-conflict",
            Severity.ERROR,
            "base and head both changed this file, so nobody can tell what a merge would give; the head was checked",
            Place(path),
            None,
            Fix("merge the base into the branch and solve the conflict"),
        )


def granted(judged: CheckResult, decided: Decided, checked: CatalogView, now: datetime) -> CheckResult:
    """What exemptions leave that the change itself brings: each counts as soon as its own file is approved."""
    asked = (one for one in decided.subjects if one.kind == "Exemption" and one.operation != "remove")
    documents = [one.object.document for one in asked if one.object is not None and approved(decided.decision, one)]
    if not documents:
        return judged
    exemptions = build("", documents, (), checked.kinds)
    outcome = apply(judged.findings, exemptions, now, checked)
    return replace(judged, findings=outcome.left, exempted=(*judged.exempted, *outcome.taken))


def new_findings(known: Iterable[Finding], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that the base does not have. Lines do not count: what only moved is not new."""
    left = Counter(map(_fingerprint, known))
    new = []
    for finding in findings:
        key = _fingerprint(finding)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(finding)
    return tuple(new)


def _fingerprint(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.severity, finding.entity or finding.place.path, finding.message
