"""A file with more faults than a person reads at once: the first of them are listed, the rest are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tarmac.model.findings import Finding, Fix, Severity, in_order
from tarmac.model.places import Place

MOST = 100
# Not a rule of its own, so nothing can be exempt from it.
ID = "more-findings"

_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def bounded(findings: Sequence[Finding], most: int = MOST) -> Sequence[Finding]:
    """The same findings in the same order, of each file at most `most` and one that counts those left out.

    The gravest are kept, and of equals the first; so are those that say of a part of the file that there are more. The
    finding that counts is as grave as the gravest left out, and stands for the whole file.
    """
    if len(findings) <= most:
        return findings
    of_file = Counter(finding.place.path for finding in findings if finding.rule != ID)
    crowded = {path for path, number in of_file.items() if number > most}
    if not crowded:
        return findings
    kept = [finding for finding in findings if finding.place.path not in crowded or finding.rule == ID]
    for path in sorted(crowded):
        gravest = sorted(
            (finding for finding in findings if finding.place.path == path and finding.rule != ID),
            key=lambda finding: (_RANK[finding.severity], finding.order),
        )
        kept += gravest[:most]
        kept.append(_counted(path, gravest[most:], most))
    return in_order(kept)


def _counted(path: str, left_out: Sequence[Finding], most: int) -> Finding:
    number = len(left_out)
    message = f"{number:,} more finding{'' if number == 1 else 's'} in this file: the gravest {most} are listed"
    return Finding(ID, left_out[0].severity, message, Place(path), None, Fix("mend those that are listed first"))
