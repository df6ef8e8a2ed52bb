"""From approval rules and facts to a decision: what must be approved by whom, by which rule, who has, and why.

Everything that judges comes from the base: rules, teams, roles, code owners. Every subject must be covered: what no
rule covers needs a code owner of each touched path. A budget that asks for approval is a rule of its own, and so is
an exemption that names its approvers. Whatever is not clear (a rule that cannot be evaluated, a team nobody is in, no
rules at all, nothing changed) is an error, never an approval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tarmac.approvals.asks import Asker
from tarmac.approvals.facts import Topic, facts
from tarmac.approvals.people import Panel
from tarmac.approvals.rule import OWNER, ApprovalRule, Requirement, read
from tarmac.approvals.subjects import Subject
from tarmac.approvals.verdicts import RuleVerdict, Verdicts
from tarmac.catalog.index import Catalog
from tarmac.errors import ExpressionError
from tarmac.model.expressions import APPROVAL_FACTS, Expressions, Fact
from tarmac.model.facts import Decision, ReviewFacts, State, worst

BUDGET_RULE = "budget"
EXEMPTION_RULE = "exemption"


def evaluate(
    topics: Sequence[Topic],
    base: Catalog,
    after: Catalog,
    review: ReviewFacts,
    expressions: Expressions,
    now: datetime,
    doubts: Iterable[str] = (),
) -> Decision:
    """The decision on a change: a node a rule (skipped ones too), below it what the rule asks for.

    `after` is only looked at for what the base does not know yet: the defaults of a new resource type. `doubts` say
    why the base cannot be trusted to say everything it means; each of them is an error.
    """
    rules = sorted((read(entity) for entity in base.of_kind("approvalrule")), key=lambda rule: rule.name)
    panel, asker = Panel(base, review), Asker(base)
    verdicts = Verdicts(panel, asker)
    nodes = list(_faults(base, rules, topics, doubts))
    seen = [facts(topic, base, after, now, asker.paths) for topic in topics]
    covered: set[int] = set()
    for rule in rules:
        node, applied = _rule(rule, topics, seen, expressions, verdicts)
        nodes.append(node)
        covered |= applied
    nodes += _built_in(topics, verdicts)
    rest = [topic.subject for index, topic in enumerate(topics) if index not in covered]
    if rest:
        nodes.append(verdicts.code_owners(rest))
    unknown = panel.unknown(verdicts.asked_paths)
    nodes += [] if unknown is None else [unknown]
    if review.draft:
        nodes.append(Decision("draft", State.PENDING, "it is a draft: nothing is approved before it is ready"))
    state = worst(node.state for node in nodes)
    return Decision("approvals", state, _reason(state, nodes), children=tuple(nodes))


def approved(decision: Decision, subject: Subject) -> bool:
    """Whether everything that is asked for a subject, and for each of its paths, has been given."""
    names = {subject.name, *subject.paths}
    about = [node for node in decision.children if names & set(node.about)]
    # What judges the whole (a draft, a rule in error) is about nothing by name, and holds everything up.
    whole = [node for node in decision.children if not node.about and node.state is not State.SKIPPED]
    return bool(about) and all(node.state is State.APPROVED for node in (*about, *whole))


def _rule(
    rule: ApprovalRule,
    topics: Sequence[Topic],
    seen: Sequence[Mapping[str, Fact]],
    expressions: Expressions,
    verdicts: Verdicts,
) -> RuleVerdict:
    """The node of one rule, and the indexes of the subjects that it covers."""
    try:
        applied = _applied(rule, topics, seen, expressions)
    except ExpressionError as fault:
        # Failing closed: nobody can tell whether the rule applies, so everything waits for it to be mended.
        return Decision(rule.name, State.ERROR, f"its `when` cannot be evaluated: {fault}"), set()
    if not applied:
        return Decision(rule.name, State.SKIPPED, "it does not apply to this change"), set()
    return verdicts.rule(rule, [topics[index].subject for index in sorted(applied)]), applied


def _applied(
    rule: ApprovalRule, topics: Sequence[Topic], seen: Sequence[Mapping[str, Fact]], expressions: Expressions
) -> set[int]:
    if rule.when is None:
        return set(range(len(topics)))
    expression = expressions.compile(rule.when, APPROVAL_FACTS)
    applied = set()
    for index, known in enumerate(seen):
        value = expression.evaluate(known)
        if not isinstance(value, bool):
            raise ExpressionError(f"it is neither true nor false of {topics[index].subject.name}")
        if value:
            applied.add(index)
    return applied


def _built_in(topics: Sequence[Topic], verdicts: Verdicts) -> Iterator[Decision]:
    """What budgets ask for (of the owner, of a role there, of whomever they name), and what exemptions say of who may
    grant them: before the change and after it."""
    budgets: list[tuple[Requirement, Subject]] = []
    exemptions: list[tuple[Requirement, Subject]] = []
    for topic in topics:
        for party in () if topic.budget is None else topic.budget.approvers:
            role = None if party == OWNER or ":" in party else party
            budgets.append((Requirement((OWNER if role is not None else party,), role), topic.subject))
        if topic.subject.kind == "Exemption":
            for entity in (topic.subject.old, topic.subject.object):
                named = () if entity is None else entity.texts("spec", "approvers")
                exemptions += [(Requirement((name,)), topic.subject) for name in named]
    for name, asked in ((BUDGET_RULE, budgets), (EXEMPTION_RULE, exemptions)):
        if asked:
            yield verdicts.all_of(name, asked)


def _faults(
    base: Catalog, rules: Sequence[ApprovalRule], topics: Sequence[Topic], doubts: Iterable[str]
) -> Iterator[Decision]:
    if not topics:
        yield Decision("change", State.ERROR, "nothing changes, so there is nothing to approve")
    if not rules:
        yield Decision("approval rules", State.ERROR, "the base has no approval rules: nothing can be approved by rule")
    names = Counter(rule.name.lower() for rule in rules)
    names.update(entity.name.lower() for entity in base.repeated if entity.kind == "ApprovalRule")
    for name in sorted(name for name, number in names.items() if number > 1):
        yield Decision(name, State.ERROR, "the base has two approval rules of this name")
    for doubt in doubts:
        yield Decision("base", State.ERROR, doubt)


def _reason(state: State, nodes: Sequence[Decision]) -> str:
    if state is State.APPROVED:
        counted = sorted({name for node in nodes for leaf in node.leaves() for name in leaf.counted})
        return f"approved by {', '.join(counted)}" if counted else "nobody needs to approve"
    open_nodes = [node for node in nodes if node.state in (State.PENDING, State.REJECTED, State.ERROR)]
    return ", ".join(f"{node.name} ({node.state})" for node in open_nodes) or "nothing applies"
