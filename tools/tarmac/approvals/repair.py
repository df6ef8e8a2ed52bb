"""The way out of a base that cannot judge: a change that mends what is broken, and nothing else.

What cannot be judged is an error for every change, the one that would mend it included. So that a broken rule is no
dead end, a change that touches only the broken files, after which all rules can judge it, may be approved by members of
the platform's owner, and by everybody whom the base asks besides, the broken rule's own approvers among them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from tarmac.approvals.facts import Seen
from tarmac.approvals.owners import platform_owner
from tarmac.approvals.rule import ApprovalRule, read
from tarmac.approvals.subjects import Subject
from tarmac.catalog.people import members
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.expressions import APPROVAL_FACTS, Expressions, Fact, Sure, told_by
from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible

# Where there are no rules at all, they are to be written below this.
_POLICIES = "policies/"
# A smaller team has nobody to spare, as one of its members usually writes the repair.
_MEMBERS_FOR_TWO = 3


class Doubt(Frozen):
    """Something in the file `path` that cannot be read whole, though it may hold what judges."""

    path: str
    reason: str


class Fault(Frozen):
    """Why the base cannot judge. `paths` are the files to mend (`folder/`: any below it); `rule` is the rule of which
    nobody can tell whether it applies. `advice` says what to do where it is the change's fault and not the base's."""

    name: str
    reason: str
    paths: tuple[str, ...]
    rule: ApprovalRule | None = None
    advice: str | None = None


class Unreadable(ExpressionError):
    """No rule can judge a subject, because of a text in it. `advice` says what to do about that."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


def rules_of(catalog: CatalogView) -> list[ApprovalRule]:
    """The approval rules, sorted by name."""
    return sorted(map(read, catalog.of_kind("approvalrule")), key=lambda rule: rule.name)


def faults_of(catalog: CatalogView, rules: Sequence[ApprovalRule], doubts: Iterable[Doubt]) -> Iterator[Fault]:
    """What is wrong with a tree whatever is to be judged: no rules, two of one name, and what cannot be read."""
    if not rules:
        reason = "the base has no approval rules: nothing can be approved by rule"
        yield Fault("approval rules", reason, (_POLICIES,))
    paths: dict[str, list[str]] = {}
    for rule in rules:
        paths.setdefault(rule.name.lower(), []).append(rule.path)
    for first in catalog.of_kind("approvalrule"):
        for entity in catalog.repeated_of(first.ref):
            paths.setdefault(entity.name.lower(), []).append(entity.path)
    for name, found in sorted(paths.items()):
        if len(found) > 1:
            yield Fault(name, "the base has two approval rules of this name", tuple(sorted(set(found))))
    for doubt in doubts:
        yield Fault("base", doubt.reason, (doubt.path,))


def applied(
    rules: Sequence[ApprovalRule],
    subjects: Sequence[Subject],
    seen: Sequence[Seen],
    expressions: Expressions,
    proved: Container[ApprovalRule] = (),
) -> list[set[int] | ExpressionError]:
    """The indexes of the subjects that each rule applies to, or why that cannot be told; `seen` is what rules see of
    each subject. Of the rules in `proved` it is known that they compile."""
    found: list[set[int] | ExpressionError] = [set(range(len(subjects))) for _ in rules]
    asked: dict[int, tuple[str, Sure | None]] = {}
    for at, rule in enumerate(rules):
        if rule.when is not None:
            found[at] = set()
            try:
                if rule not in proved:
                    expressions.compile(rule.when, APPROVAL_FACTS)
                asked[at] = rule.when, expressions.sure(rule.when, APPROVAL_FACTS)
            except ExpressionError as fault:
                found[at] = fault
    # One subject after the other: what is made of its facts serves all rules.
    for index, known in enumerate(seen):
        plain, late = dict(known.early), list(known.late)
        for at, (source, sure) in list(asked.items()):
            told = told_by(sure, plain)
            while told is None and sure and late:
                # What is told late may be all that is missing.
                plain.update(late.pop(0)())
                told = told_by(sure, plain)
            answer = _applies(expressions, source, known.whole, subjects[index]) if told is None else told
            if isinstance(answer, ExpressionError):
                found[at] = answer
                del asked[at]
            elif answer and isinstance(indexes := found[at], set):
                indexes.add(index)
    return found


def _applies(
    expressions: Expressions, source: str, known: Mapping[str, Fact], subject: Subject
) -> bool | ExpressionError:
    try:
        value = expressions.compile(source, APPROVAL_FACTS).evaluate(known)
    except ExpressionError as fault:
        return _unreadable(known, subject) if fault.unreadable else fault
    return value if isinstance(value, bool) else ExpressionError(f"it is neither true nor false of {subject.name}")


def _unreadable(known: Mapping[str, Fact], subject: Subject) -> Unreadable:
    """Where the text is among the facts, of which at least one has it, and whether the change can take it out."""
    side, where = next((side, where) for side, fact in known.items() for where in _with_nul(fact))
    what = f"of {visible(subject.name)} holds U+0000, which no rule can compare"
    if side == "object":
        return Unreadable(f"{where.removeprefix('.')} {what}", "take it out there")
    return Unreadable(
        f"{side}{where} {what}, in the base already", "only an administrator can take it out, past the check"
    )


def _with_nul(fact: Fact, path: str = "") -> Iterator[str]:
    """The paths of texts, and of keys, that hold a NUL."""
    if isinstance(fact, str):
        if "\0" in fact:
            yield path
    elif isinstance(fact, Mapping):
        for key, inner in fact.items():
            below = f"{path}.{visible(key)}"
            if "\0" in key:
                yield below
            yield from _with_nul(inner, below)
    elif isinstance(fact, Sequence):
        for index, inner in enumerate(fact):
            yield from _with_nul(inner, f"{path}[{index}]")


def mends(
    faults: Sequence[Fault],
    subjects: Sequence[Subject],
    seen: Sequence[Seen],
    after: CatalogView,
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
        and not any(isinstance(one, ExpressionError) for one in applied(rules, subjects, seen, expressions))
    )


def menders(base: CatalogView) -> int:
    """How many members of the platform's owner must agree to a repair: two, or one where it is a small team.

    All members count for that, so that naming some as co-authors makes it no smaller.
    """
    owner = platform_owner(base)
    return 2 if owner is not None and len(members(base, owner)) >= _MEMBERS_FOR_TWO else 1


def _among(path: str, files: Iterable[str]) -> bool:
    return any(path == file or (file.endswith("/") and path.startswith(file)) for file in files)
