"""What one rule asks for, as a node of the decision: its items, its choices, and that people are different ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tarmac.approvals.asks import Ask, Asker
from tarmac.approvals.distinct import Choice, Demand, enough
from tarmac.approvals.owners import is_judge
from tarmac.approvals.people import Panel
from tarmac.approvals.repair import Fault
from tarmac.approvals.rule import CODE_OWNERS, OWNER, ApprovalRule, Part, Requirement
from tarmac.approvals.subjects import Subject
from tarmac.model.facts import Decision, State, worst
from tarmac.model.frozen import replace

CODE_OWNERS_RULE = CODE_OWNERS
_OWNER_ONLY, _WHOSE = Requirement((CODE_OWNERS,)), Requirement((OWNER,))


class Verdicts:
    """The nodes of one decision. `asked_paths` grows by the paths that somebody is asked about."""

    def __init__(self, panel: Panel, asker: Asker) -> None:
        self._panel, self._asker = panel, asker
        self.asked_paths: dict[str, None] = {}

    def rule(self, rule: ApprovalRule, subjects: Sequence[Subject]) -> Decision:
        """The node of a rule that applies to these subjects, and asks somebody or is automatic."""
        about = _about(subjects)
        if rule.automatic:
            return Decision(rule.name, State.APPROVED, "automatic: nobody needs to approve", about)
        # What everybody must give is asked once, however many items of the rule ask for it.
        fixed = [one for part in rule.parts if _takes_all(part) for one in part.requirements]
        children = list(self._leaves((one, subject) for subject in subjects for one in fixed))
        choices = [part for part in rule.parts if not _takes_all(part)]
        children += [child for part in choices for child in self._choices(part, subjects)]
        if rule.distinct:
            children += self._distinct(fixed, choices, subjects, children)
        return _joined(rule.name, children, about)

    def all_of(self, name: str, asked: Iterable[tuple[Requirement, Subject]]) -> Decision:
        """A node that asks all of these."""
        children = tuple(self._leaves(asked))
        return _joined(name, children, tuple(dict.fromkeys(one for child in children for one in child.about)))

    def code_owners(self, subjects: Sequence[Subject]) -> Decision:
        """What no rule covers: an owner of each touched path; of what judges others the platform's owner too, wherever
        it stands, and of a person each team that is joined or left, wherever it says so."""
        asked = self._grouped((_OWNER_ONLY, subject) for subject in subjects)
        people = ((_WHOSE, subject) for subject in subjects if subject.kind == "User")
        for ask, about in self._grouped(people).items():
            if self._asker.known(ask):
                asked.setdefault(ask, []).extend(about)
        for subject in subjects:
            if any(map(is_judge, (subject.kind, *subject.hidden))):
                asked.setdefault(self._asker.platform(), []).append(subject)
        return _joined(CODE_OWNERS_RULE, tuple(self._of(asked)), _about(subjects))

    def broken(self, fault: Fault, subjects: Sequence[Subject], count: int, *, mended: bool) -> Decision:
        """The node of what is wrong with the base: an error that says who may mend it, or, of a change that does, what
        that asks: so many of the platform's owner, and whomever the broken rule asks."""
        ask = self._asker.platform(count)
        if fault.advice is not None and not mended:
            # Nobody's approval helps: the change itself has to become another one.
            return Decision(fault.name, State.ERROR, f"{fault.reason}; {fault.advice}")
        if not mended:
            reason = f"{fault.reason}; to mend it, change nothing but {', '.join(fault.paths)}, which asks {ask.name}"
            return Decision(fault.name, State.ERROR, reason, candidates=self._panel.menders)
        children = [self._leaf(ask, subjects)]
        if fault.rule is not None and fault.rule.parts:
            children += self.rule(fault.rule, subjects).children
        node = _joined(fault.name, tuple(dict.fromkeys(children)), _about(subjects))
        why = f"{fault.reason}; this change mends it"
        return replace(node, reason=f"{why}: {node.reason}", because=(why,))

    def _leaves(self, asked: Iterable[tuple[Requirement, Subject]]) -> Iterator[Decision]:
        return self._of(self._grouped(asked))

    def _of(self, asked: Mapping[Ask, Sequence[Subject]]) -> Iterator[Decision]:
        self._panel.ahead(asked)
        return (self._leaf(one, asked[one]) for one in sorted(asked))

    def _leaf(self, ask: Ask, subjects: Sequence[Subject]) -> Decision:
        self.asked_paths.update(dict.fromkeys(path for subject in subjects for path in subject.paths))
        return self._panel.leaf(ask, subjects)

    def _grouped(self, asked: Iterable[tuple[Requirement, Subject]]) -> dict[Ask, list[Subject]]:
        """Who is asked, and for which subjects."""
        found: dict[Ask, list[Subject]] = {}
        for requirement, subject in asked:
            for one in self._asker.asks(requirement, subject):
                found.setdefault(one, []).append(subject)
        return found

    def _choices(self, part: Part, subjects: Sequence[Subject]) -> Iterator[Decision]:
        """A node for each set of asks to choose from. Where an owner stands among the choices and the subject changes
        hands, there are two sets: the new owner cannot choose for the earlier one."""
        found: dict[tuple[Ask, ...], list[Subject]] = {}
        for subject in subjects:
            for asks in self._sets(part, subject):
                found.setdefault(asks, []).append(subject)
        for asks, about in sorted(found.items(), key=lambda item: item[0]):
            yield self._choice(part.needed, asks, about)

    def _sets(self, part: Part, subject: Subject) -> Iterator[tuple[Ask, ...]]:
        asks = [self._asker.asks(requirement, subject) for requirement in part.requirements]
        for index in range(max(map(len, asks))):
            yield tuple(found[min(index, len(found) - 1)] for found in asks)

    def _choice(self, needed: int, asks: tuple[Ask, ...], subjects: Sequence[Subject]) -> Decision:
        different = tuple(dict.fromkeys(asks))
        leaves = tuple(self._leaf(one, subjects) for one in different)
        name = f"{needed} of: " + ", ".join(leaf.name for leaf in leaves)
        about = _about(subjects)
        possible = sum(self._panel.people(one).fault is None for one in different)
        met = [
            sum(len(self._panel.approving(one, subject)) >= one.count for one in different) >= needed
            for subject in subjects
        ]
        if any(leaf.state is State.REJECTED for leaf in leaves):
            state, reason = State.REJECTED, "somebody who is asked wants changes"
        elif possible < needed:
            state, reason = State.ERROR, f"only {possible} of these can be met"
        elif all(met):
            return Decision(name, State.APPROVED, "enough of these approved", about, children=leaves)
        else:
            state, reason = State.PENDING, "nobody has approved yet"
            if any(leaf.counted for leaf in leaves):
                reason = "too few of these have approved"
        candidates = tuple(sorted({one for leaf in leaves for one in leaf.candidates}))
        return Decision(name, state, reason, about, candidates=candidates, children=leaves)

    def _distinct(
        self,
        fixed: Sequence[Requirement],
        choices: Sequence[Part],
        subjects: Sequence[Subject],
        children: Sequence[Decision],
    ) -> Iterator[Decision]:
        """A node where one person would stand for two of what is asked: an error where there can be no others."""
        about: list[Subject] = []
        candidates: set[str] = set()
        for subject in subjects:
            asks = [ask for one in fixed for ask in self._asker.asks(one, subject)]
            sets = [(part.needed, asks_) for part in choices for asks_ in self._sets(part, subject)]
            able = _demands(asks, sets, {one: self._panel.people(one).able for one in _every(asks, sets)})
            if not enough(*able):
                reason = "there are not enough different people who could approve all of this"
                yield Decision("different people", State.ERROR, reason, (subject.name,))
                return
            given = {one: self._panel.approving(one, subject) for one in _every(asks, sets)}
            if not enough(*_demands(asks, sets, given)):
                about.append(subject)
                candidates |= {name for one in given for name in self._panel.people(one).able - given[one]}
        if about and all(child.state is State.APPROVED for child in children):
            reason = "one person stands for two of these: somebody else must approve as well"
            yield Decision(
                "different people", State.PENDING, reason, _about(about), candidates=tuple(sorted(candidates))
            )


def _demands(
    asks: Sequence[Ask], sets: Sequence[tuple[int, tuple[Ask, ...]]], people: Mapping[Ask, frozenset[str]]
) -> tuple[list[Demand], list[Choice]]:
    fixed: list[Demand] = [(people[one], one.count) for one in asks]
    choices: list[Choice] = [(needed, [(people[one], one.count) for one in found]) for needed, found in sets]
    return fixed, choices


def _every(asks: Sequence[Ask], sets: Sequence[tuple[int, tuple[Ask, ...]]]) -> Iterator[Ask]:
    yield from asks
    for _, found in sets:
        yield from found


def _takes_all(part: Part) -> bool:
    return part.needed == len(part.requirements)


def _about(subjects: Iterable[Subject]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(subject.name for subject in subjects))


def _joined(name: str, children: Sequence[Decision], about: tuple[str, ...]) -> Decision:
    state = worst(child.state for child in children)
    reason = "; ".join(dict.fromkeys(f"{child.name}: {child.reason}" for child in children))
    return Decision(name, state, reason, about, children=tuple(children))
