"""The way out of a base that cannot judge: a change that mends what is broken, and nothing else.

What cannot be judged is an error for every change, the one that would mend it included. So that a broken rule is no
dead end, a change that touches only the broken files, after which all rules can judge it, may be approved by members of
the platform's owner, and by everybody whom the base asks besides, the broken rule's own approvers among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tarmac.approvals.owners import platform_owner
from tarmac.approvals.rule import ApprovalRule, read
from tarmac.approvals.subjects import Subject
from tarmac.catalog.index import Catalog
from tarmac.catalog.people import members
from tarmac.errors import ExpressionError
from tarmac.model.expressions import APPROVAL_FACTS, Expressions, Fact

# Where there are no rules at all, they are to be written below this.
_POLICIES = "policies/"
# A smaller team has nobody to spare, as one of its members usually writes the repair.
_MEMBERS_FOR_TWO = 3


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in the file `path` that cannot be read whole, though it may hold what judges."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the base cannot judge. `paths` are the files to mend (`folder/`: any below it); `rule` is the rule of which
    nobody can tell whether it applies."""

    name: str
    reason: str
    paths: tuple[str, ...]
    rule: ApprovalRule | None = None


def rules_of(catalog: Catalog) -> list[ApprovalRule]:
    """The approval rules, sorted by name."""
    return sorted(map(read, catalog.of_kind("approvalrule")), key=lambda rule: rule.name)


def faults_of(catalog: Catalog, rules: Sequence[ApprovalRule], doubts: Iterable[Doubt]) -> Iterator[Fault]:
    """What is wrong with a tree whatever is to be judged: no rules, two of one name, and what cannot be read."""
    if not rules:
        reason = "the base has no approval rules: nothing can be approved by rule"
        yield Fault("approval rules", reason, (_POLICIES,))
    paths: dict[str, list[str]] = {}
    for rule in rules:
        paths.setdefault(rule.name.lower(), []).append(rule.path)
    for entity in catalog.repeated:
        if entity.kind == "ApprovalRule":
            paths.setdefault(entity.name.lower(), []).append(entity.path)
    for name, found in sorted(paths.items()):
        if len(found) > 1:
            yield Fault(name, "the base has two approval rules of this name", tuple(sorted(set(found))))
    for doubt in doubts:
        yield Fault("base", doubt.reason, (doubt.path,))


def applied(
    rule: ApprovalRule, subjects: Sequence[Subject], seen: Sequence[Mapping[str, Fact]], expressions: Expressions
) -> set[int]:
    """The indexes of the subjects that a rule applies to; `seen` is what it sees of each.

    Raises:
        ExpressionError: that cannot be told.
    """
    if rule.when is None:
        return set(range(len(subjects)))
    expression = expressions.compile(rule.when, APPROVAL_FACTS)
    found = set()
    for index, known in enumerate(seen):
        value = expression.evaluate(known)
        if not isinstance(value, bool):
            raise ExpressionError(f"it is neither true nor false of {subjects[index].name}")
        if value:
            found.add(index)
    return found


def mends(
    faults: Sequence[Fault],
    subjects: Sequence[Subject],
    seen: Sequence[Mapping[str, Fact]],
    after: Catalog,
    left: Iterable[Doubt],
    expressions: Expressions,
) -> bool:
    """Whether a change touches broken files alone, and the tree that it gives, `left` being its doubts, has nothing
    broken and can judge the change."""
    broken = [path for fault in faults for path in fault.paths]
    rules = rules_of(after)
    return (
        all(_among(path, broken) for subject in subjects for path in subject.paths)
        and not any(faults_of(after, rules, left))
        and all(_can_judge(rule, subjects, seen, expressions) for rule in rules)
    )


def menders(base: Catalog) -> int:
    """How many members of the platform's owner must agree to a repair: two, or one where it is a small team.

    All members count for that, so that naming some as co-authors makes it no smaller.
    """
    owner = platform_owner(base)
    return 2 if owner is not None and len(members(base, owner)) >= _MEMBERS_FOR_TWO else 1


def _can_judge(
    rule: ApprovalRule, subjects: Sequence[Subject], seen: Sequence[Mapping[str, Fact]], expressions: Expressions
) -> bool:
    try:
        applied(rule, subjects, seen, expressions)
    except ExpressionError:
        return False
    return True


def _among(path: str, files: Iterable[str]) -> bool:
    return any(path == file or (file.endswith("/") and path.startswith(file)) for file in files)
