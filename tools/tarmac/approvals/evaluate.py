"""From approval rules and facts to a decision: what must be approved by whom, by which rule, who has, and why.

Everything that judges comes from the base: rules, teams, roles, code owners. Every subject must be covered: what no
rule covers needs a code owner of each touched path. A budget that asks for approval is a rule of its own, and so is
an exemption that names its approvers. Whatever is not clear (a rule that cannot be evaluated, a team nobody is in, no
rules at all, nothing changed) is an error, never an approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from tarmac.approvals.asks import Asker
from tarmac.approvals.facts import Teams, Topic
from tarmac.approvals.facts import seen as seen_of
from tarmac.approvals.people import Panel
from tarmac.approvals.repair import Doubt, Fault, Unreadable, applied, faults_of, menders, mends, rules_of
from tarmac.approvals.rule import OWNER, ApprovalRule, Requirement, read
from tarmac.approvals.subjects import Subject
from tarmac.approvals.verdicts import Verdicts
from tarmac.catalog.view import ReviewView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import Expressions
from tarmac.model.facts import Decision, ReviewFacts, State, worst

BUDGET_RULE = "budget"
EXEMPTION_RULE = "exemption"


def evaluate(
    topics: Sequence[Topic],
    base: ReviewView,
    after: ReviewView,
    review: ReviewFacts,
    expressions: Expressions,
    now: datetime,
    doubts: Sequence[Doubt] = (),
    left: Sequence[Doubt] = (),
    proved: Iterable[Entity] = (),
) -> Decision:
    """The decision on a change: a node a rule (skipped ones too), below it what the rule asks for.

    `after` is only looked at for what the base does not know yet (the defaults of a new resource type), and for whether
    it can judge where the base cannot. `doubts` say why the base may mean more than can be read of it, `left` say it of
    `after`; of the rules in `proved` it is known that they compile. Whatever is wrong with the base is an error, unless
    the change does nothing but mend it.
    """
    subjects = [topic.subject for topic in topics]
    panel, asker = Panel(base, review), Asker(base)
    verdicts = Verdicts(panel, asker)
    teams: Teams = {}
    base.ahead(owner for subject in subjects for owner in subject.owners)
    seen = [seen_of(topic, base, after, now, asker.paths, teams) for topic in topics]
    rules = rules_of(base)
    faults = list(faults_of(base, rules, doubts))
    found: list[Decision | Fault] = [*faults]
    covered: set[int] = set()
    for rule, applies in _asking(rules, applied(rules, subjects, seen, expressions, frozenset(map(read, proved)))):
        node, covers = _rule(rule, applies, subjects, verdicts)
        faults += [node] if isinstance(node, Fault) else []
        found.append(node)
        covered |= covers
    mended = bool(topics) and mends(faults, subjects, seen, after, left, expressions)
    count = menders(base)
    nodes = [] if topics else [Decision("change", State.ERROR, "nothing changes, so there is nothing to approve")]
    for one in found:
        nodes.append(one if isinstance(one, Decision) else verdicts.broken(one, subjects, count, mended=mended))
    nodes += _built_in(topics, verdicts)
    rest = [subject for index, subject in enumerate(subjects) if index not in covered]
    if rest:
        nodes.append(verdicts.code_owners(rest))
    nodes += [node for node in (panel.unknown(verdicts.asked_paths), panel.gone()) if node is not None]
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


def _asking(
    rules: Sequence[ApprovalRule], answers: Sequence[set[int] | ExpressionError]
) -> Iterator[tuple[ApprovalRule, set[int] | ExpressionError]]:
    """Each rule with what it asks about: of those that say `unlessAuto`, what is left by the automatic ones. One that
    cannot be evaluated is automatic for nothing."""
    automatic = [one for rule, one in zip(rules, answers, strict=True) if rule.automatic and isinstance(one, set)]
    for rule, found in zip(rules, answers, strict=True):
        if rule.unless_automatic and isinstance(found, set):
            yield rule, found.difference(*automatic)
        else:
            yield rule, found


def _rule(
    rule: ApprovalRule, indexes: set[int] | ExpressionError, subjects: Sequence[Subject], verdicts: Verdicts
) -> tuple[Decision | Fault, set[int]]:
    """The node of one rule, and the indexes of the subjects that it covers: those that it applies to."""
    if isinstance(indexes, ExpressionError):
        # Failing closed: nobody can tell whether the rule applies, so everything waits for it to be mended.
        advice = indexes.advice if isinstance(indexes, Unreadable) else None
        return Fault(rule.name, f"its `when` cannot be evaluated: {indexes}", (rule.path,), rule, advice), set()
    if not indexes:
        return Decision(rule.name, State.SKIPPED, "it does not apply to this change"), set()
    if not (rule.automatic or rule.parts):
        return Fault(rule.name, "it asks for nobody and is not automatic", (rule.path,)), set()
    return verdicts.rule(rule, [subjects[index] for index in sorted(indexes)]), indexes


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


def _reason(state: State, nodes: Sequence[Decision]) -> str:
    if state is State.APPROVED:
        counted = sorted({name for node in nodes for leaf in node.leaves() for name in leaf.counted})
        return f"approved by {', '.join(counted)}" if counted else "nobody needs to approve"
    open_nodes = [node for node in nodes if node.state in (State.PENDING, State.REJECTED, State.ERROR)]
    return ", ".join(f"{node.name} ({node.state})" for node in open_nodes)
