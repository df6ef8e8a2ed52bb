"""From approval rules and facts to a decision: what must be approved by whom, by which rule, and why.

Everything that judges comes from the base: rules, teams, roles, code owners. Every subject must be covered: what no
rule covers needs a code owner of each touched path. A budget that asks for approval is a rule of its own. Whatever is
not clear (a rule that cannot be evaluated, a team nobody is in, no rules at all) is an error, never an approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tarmac.approvals.facts import Topic, facts
from tarmac.approvals.owners import PathOwners
from tarmac.approvals.people import Ask, ask, decide
from tarmac.approvals.rule import CODE_OWNERS, OWNER, ApprovalRule, Part, Requirement, read
from tarmac.approvals.subjects import Subject
from tarmac.catalog.index import Catalog
from tarmac.errors import ExpressionError
from tarmac.model.expressions import APPROVAL_FACTS, Expressions, Fact
from tarmac.model.facts import Decision, ReviewFacts, State, worst
from tarmac.model.refs import BadReference, Ref

BUDGET_RULE = "budget"
_OWNER_ONLY = Requirement((CODE_OWNERS,))


def evaluate(
    topics: Sequence[Topic],
    base: Catalog,
    after: Catalog,
    review: ReviewFacts,
    expressions: Expressions,
    now: datetime,
) -> Decision:
    """The decision on a change: a node a rule (skipped ones too), below it what the rule asks for.

    `after` is only looked at for what the base does not know yet: the defaults of a new resource type.
    """
    if not topics:
        return Decision("approvals", State.SKIPPED, "nothing changed")
    rules = sorted((read(entity) for entity in base.of_kind("approvalrule")), key=lambda rule: rule.name)
    seen = [facts(topic, base, after, now) for topic in topics]
    judge = _Judge(base, review, expressions)
    covered: set[int] = set()
    nodes = []
    for rule in rules:
        node, applied = judge.rule(rule, topics, seen)
        nodes.append(node)
        covered |= applied
    nodes += judge.budgets(topics)
    rest = [topic.subject for index, topic in enumerate(topics) if index not in covered]
    if rest:
        nodes.append(judge.code_owners(rest))
    nodes += _faults(base, rules)
    state = worst(node.state for node in nodes)
    return Decision("approvals", state, _reason(state, nodes), children=tuple(nodes))


class _Judge:
    """What evaluating a rule needs, of one base."""

    def __init__(self, base: Catalog, review: ReviewFacts, expressions: Expressions) -> None:
        self._base = base
        self._review = review
        self._expressions = expressions
        self._paths = PathOwners(base)

    def rule(
        self, rule: ApprovalRule, topics: Sequence[Topic], seen: Sequence[Mapping[str, Fact]]
    ) -> tuple[Decision, set[int]]:
        """The node of one rule, and the indexes of the subjects that it covers."""
        try:
            applied = self._applied(rule, topics, seen)
        except ExpressionError as fault:
            # Failing closed: nobody can tell whether the rule applies, so everything waits for it to be mended.
            return Decision(rule.name, State.ERROR, f"its `when` cannot be evaluated: {fault}"), set()
        if not applied:
            return Decision(rule.name, State.SKIPPED, "it does not apply to this change"), set()
        subjects = [topics[index].subject for index in sorted(applied)]
        about = tuple(dict.fromkeys(subject.name for subject in subjects))
        if rule.automatic:
            return Decision(rule.name, State.APPROVED, "automatic: nobody needs to approve", about), applied
        if not rule.parts:
            return Decision(rule.name, State.ERROR, "it asks for nobody and is not automatic", about), applied
        # What everybody must give is asked once, however many items of the rule ask for it.
        every = [part for part in rule.parts if part.needed == len(part.requirements)]
        children = list(self._leaves(self._asked([one for part in every for one in part.requirements], subjects)))
        children += [child for part in rule.parts if part not in every for child in self._choices(part, subjects)]
        state = worst(child.state for child in children)
        reason = "; ".join(dict.fromkeys(f"{child.name}: {child.reason}" for child in children))
        return Decision(rule.name, state, reason, about, children=tuple(children)), applied

    def budgets(self, topics: Sequence[Topic]) -> Iterator[Decision]:
        """What budgets ask for: of the owner, of a role there, of whomever they name."""
        asked: dict[Ask, list[str]] = {}
        for topic in topics:
            for party in () if topic.budget is None else topic.budget.approvers:
                role = None if party == OWNER or ":" in party else party
                source = OWNER if role is not None else party
                for found in self._asks(Requirement((source,), role), topic.subject):
                    asked.setdefault(found, []).append(topic.subject.name)
        if asked:
            yield self._node(BUDGET_RULE, asked)

    def code_owners(self, subjects: Iterable[Subject]) -> Decision:
        """What no rule covers."""
        return self._node(CODE_OWNERS, self._asked([_OWNER_ONLY], subjects))

    def _applied(self, rule: ApprovalRule, topics: Sequence[Topic], seen: Sequence[Mapping[str, Fact]]) -> set[int]:
        if rule.when is None:
            return set(range(len(topics)))
        expression = self._expressions.compile(rule.when, APPROVAL_FACTS)
        applied = set()
        for index, known in enumerate(seen):
            value = expression.evaluate(known)
            if not isinstance(value, bool):
                raise ExpressionError(f"it is neither true nor false of {topics[index].subject.name}")
            if value:
                applied.add(index)
        return applied

    def _asked(self, requirements: Iterable[Requirement], subjects: Iterable[Subject]) -> dict[Ask, list[str]]:
        """Who is asked, and for which subjects."""
        asked: dict[Ask, list[str]] = {}
        wanted = tuple(requirements)
        for subject in subjects:
            for requirement in wanted:
                for found in self._asks(requirement, subject):
                    asked.setdefault(found, []).append(subject.name)
        return asked

    def _choices(self, part: Part, subjects: Sequence[Subject]) -> Iterator[Decision]:
        """A node for each set of asks to choose from. Where an owner stands among the choices and the subject changes
        hands, there are two sets: the new owner cannot choose for the earlier one."""
        choices: dict[tuple[Ask, ...], list[str]] = {}
        for subject in subjects:
            asks = [tuple(self._asks(requirement, subject)) for requirement in part.requirements]
            for index in range(max(map(len, asks))):
                key = tuple(found[min(index, len(found) - 1)] for found in asks)
                choices.setdefault(key, []).append(subject.name)
        for choice, names in sorted(choices.items()):
            yield self._choice(part.needed, choice, tuple(dict.fromkeys(names)))

    def _choice(self, needed: int, asks: tuple[Ask, ...], about: tuple[str, ...]) -> Decision:
        leaves = tuple(decide(one, about, self._base, self._review) for one in dict.fromkeys(asks))
        possible = sum(leaf.state is State.PENDING for leaf in leaves)
        state = State.PENDING if possible >= needed else State.ERROR
        reason = "nobody has approved yet" if state is State.PENDING else f"only {possible} of these can be met"
        candidates = tuple(sorted({name for leaf in leaves for name in leaf.candidates}))
        name = f"{needed} of: " + ", ".join(leaf.name for leaf in leaves)
        return Decision(name, state, reason, about, candidates=candidates, children=leaves)

    def _node(self, name: str, asked: Mapping[Ask, Sequence[str]]) -> Decision:
        children = tuple(self._leaves(asked))
        about = tuple(dict.fromkeys(subject for child in children for subject in child.about))
        reason = "; ".join(f"{child.name}: {child.reason}" for child in children)
        return Decision(name, worst(child.state for child in children), reason, about, children=children)

    def _leaves(self, asked: Mapping[Ask, Sequence[str]]) -> Iterator[Decision]:
        for one in sorted(asked):
            yield decide(one, tuple(dict.fromkeys(asked[one])), self._base, self._review)

    def _asks(self, requirement: Requirement, subject: Subject) -> Iterator[Ask]:
        """A requirement with the subject's people in place. An owner and a code owner of each path are asked one by
        one: the earlier owner's word does not stand for the new one's."""
        fixed = [ref for source in requirement.sources if (ref := _ref(source)) is not None]
        each: list[tuple[Ref, ...]] = []
        if OWNER in requirement.sources:
            each += [(owner,) for owner in subject.owners] or [self._owners(subject)]
        if CODE_OWNERS in requirement.sources:
            each += dict.fromkeys(self._paths.of(path) for path in subject.paths)
        for group in each or [()]:
            yield ask(requirement, (*group, *fixed))

    def _owners(self, subject: Subject) -> tuple[Ref, ...]:
        return tuple(sorted({owner for path in subject.paths for owner in self._paths.of(path)}))


def _ref(source: str) -> Ref | None:
    if source in (OWNER, CODE_OWNERS):
        return None
    try:
        return Ref.parse(source, default_kind="group")
    except BadReference:
        return Ref.of("group", source or "?")


def _faults(base: Catalog, rules: Sequence[ApprovalRule]) -> Iterator[Decision]:
    if not rules:
        yield Decision("approval rules", State.ERROR, "the base has no approval rules: nothing can be approved by rule")
    twice = sorted({entity.name for entity in base.repeated if entity.kind == "ApprovalRule"})
    for name in twice:
        yield Decision(name, State.ERROR, "the base has two approval rules of this name")


def _reason(state: State, nodes: Sequence[Decision]) -> str:
    if state is State.APPROVED:
        return "nobody needs to approve"
    open_nodes = [node for node in nodes if node.state in (State.PENDING, State.REJECTED, State.ERROR)]
    return ", ".join(f"{node.name} ({node.state})" for node in open_nodes) or "nothing applies"
