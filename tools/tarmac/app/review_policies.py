"""review, the part about policies: a change does not judge itself, so what it would say of itself is told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tarmac.app.check import CheckResult
from tarmac.app.deps import Reading
from tarmac.app.review_findings import new_findings
from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding
from tarmac.model.trees import Source

if TYPE_CHECKING:
    from tarmac.reports.policy import JudgingChange
    from tarmac.rules.policy_tests import CaseResult

# The kinds that decide what the rules say of other documents.
_JUDGES = frozenset({"exemption", "platform", "policy", "tagpolicy"})


def judging_change(
    change: CatalogChange,
    merged: CatalogView,
    findings: tuple[Finding, ...],
    judged_by_itself: Callable[[], CheckResult],
    reading: Reading,
    source: Source,
) -> JudgingChange | None:
    """What would differ if the changed tree were judged by its own documents; None where none that judges changes.

    `findings` are those of the same tree under the documents of the base; `source` is that tree, for the tests that
    stand in files of their own.
    """
    touched = tuple(_touched(change))
    if not any(entity.ref.kind in _JUDGES for _, entity, _ in touched):
        return None
    # Loaded here: few changes touch what judges.
    from tarmac.reports.policy import JudgingChange

    own = judged_by_itself().findings
    return JudgingChange(
        policies=tuple(
            sorted((entity.name, what, fields) for what, entity, fields in touched if entity.ref.kind == "policy")
        ),
        appear=new_findings(findings, own),
        go=new_findings(own, findings),
        failing=tuple(_failing(change, merged, reading, source)),
    )


def _touched(change: CatalogChange) -> Iterator[tuple[str, Entity, tuple[str, ...]]]:
    """(what happens, the document, the fields that differ)."""
    yield from (("add", entity, ()) for entity in change.added)
    yield from (("remove", entity, ()) for entity in change.removed)
    for pair in (*change.changed, *change.renamed):
        yield "change", pair.new, tuple(field.name for field in pair.fields)


def _failing(change: CatalogChange, merged: CatalogView, reading: Reading, source: Source) -> Iterator[CaseResult]:
    """The tests of added and changed policies that do not come out, those beside them too."""
    from tarmac.app.policy_test import tests_beside
    from tarmac.rules.policy_tests import run_tests

    new = (*change.added, *(pair.new for pair in (*change.changed, *change.renamed)))
    found = (merged.get(ref) for ref in dict.fromkeys(entity.ref for entity in new if entity.ref.kind == "policy"))
    policies = [policy for policy in found if policy is not None]
    beside = tests_beside(source, reading, merged, source.entries())[0] if policies else {}
    for policy in policies:
        for result in run_tests(policy, reading.expressions, reading.gate.kinds, beside.get(policy.name, ())):
            if result.fault is not None:
                yield result
