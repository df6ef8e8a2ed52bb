"""What may decide about what comes after it: without proof of its approval, nothing behind it can be proved either.

The base judges every change. So whoever changes the base past its rules (who approves, what is allowed, what it costs,
which tool runs) has a say in every judgement that follows.
"""

from __future__ import annotations

from collections.abc import Iterable

from tarmac.approvals.subjects import FILE, Subject

FOLDERS = (".github/", "policies/", "teams/", "templates/", "tools/")
# What is asked for and what is described, which others are not judged by unless its owner is another one.
_HARMLESS = frozenset(
    {
        *("API", "Component", "Domain", "Location", "Resource", "ResourceRequest", "System"),
        *("AlertCondition", "AlertNotificationTarget", "AlertPolicy", "DataSource", "SLA", "SLI", "SLO", "Service"),
        FILE,
    }
)


def deciding(subjects: Iterable[Subject], paths: Iterable[str]) -> str | None:
    """Why a change may decide about what comes after it, in words; None where it cannot."""
    for path in sorted(paths):
        if path.startswith(FOLDERS) or path.startswith(".") or "/" not in path:
            return f"it changes {path}, which may decide about whatever comes after it"
    for subject in subjects:
        if subject.kind not in _HARMLESS:
            return f"it changes {subject.name}, and a {subject.kind} may decide about whatever comes after it"
        if subject.kind not in ("ResourceRequest", FILE) and _changes_hands(subject):
            return f"it changes who owns {subject.name}, and with that who approves what comes after it"
    return None


def _changes_hands(subject: Subject) -> bool:
    return subject.operation == "remove" or len(subject.owners) > 1
