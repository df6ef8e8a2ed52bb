"""review, the part about approvals: each subject with its cost and budget, and who made the change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tarmac.approvals.facts import Topic
from tarmac.approvals.subjects import Subject
from tarmac.model.facts import BudgetFacts, CostFacts
from tarmac.model.values import Money
from tarmac.reports.review import RequestReview, TeamReview


def topics(
    subjects: Iterable[Subject], asked: Sequence[RequestReview], owners: Sequence[TeamReview], currency: str
) -> tuple[Topic, ...]:
    """Each subject with what approval rules want to know of it."""
    return tuple(_topic(Topic(subject), asked, owners, currency) for subject in subjects)


def _topic(topic: Topic, asked: Sequence[RequestReview], owners: Sequence[TeamReview], currency: str) -> Topic:
    """The subject with its cost and its team's budget, where it is a request."""
    entity = topic.subject.object
    found = next((one for one in asked if entity is not None and one.entity.ref == entity.ref), None)
    if found is None:
        return topic
    team = next((one for one in owners if one.team == found.owner), None)
    zero = Money.zero(currency)
    cost = CostFacts(
        monthly=zero if found.after is None else found.after.monthly,
        increase=found.increase,
        team_increase=zero if team is None or team.recent is None else team.recent,
        complete=found.complete and (team is None or team.recent is not None),
    )
    if team is None:
        return Topic(topic.subject, cost)
    # What costs no more asks nothing of the budget, whatever else the change does to it.
    speaks = found.increase.amount > 0 or not found.complete
    return Topic(topic.subject, cost, team.facts if speaks else BudgetFacts(team.facts.exists))
