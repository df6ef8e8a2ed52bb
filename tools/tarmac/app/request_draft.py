"""request new: a request is written down, priced and judged before there is a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tarmac.app.approval_reasons import with_reasons
from tarmac.app.check import judge
from tarmac.app.deps import Git, Reading
from tarmac.app.history import team_increases
from tarmac.app.load import load
from tarmac.app.overlay import WithFile
from tarmac.app.request_answers import name_answer, owner_answer, path_step, usual_ttl
from tarmac.app.request_form import questions, words
from tarmac.app.review_cost import Pricer, teams, touched
from tarmac.approvals.evaluate import evaluate
from tarmac.approvals.facts import Topic
from tarmac.approvals.subjects import subjects
from tarmac.catalog.changes import changes
from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import TypeVersion
from tarmac.errors import UsageError
from tarmac.model.documents import Entity
from tarmac.model.facts import CostFacts, Decision, ReviewFacts
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.model.trees import Source
from tarmac.model.values import BadValue, Money, parse_duration, show_duration
from tarmac.reports.review import RequestReview, TeamReview


class Renderer(Protocol):
    """A document as YAML with comments: what stands before a key, by its path with dots."""

    def __call__(self, document: Mapping[str, JsonValue], comments: Mapping[str, str]) -> str: ...


class Wish(Frozen):
    """What a person asks for, in their words. `config` holds only what they decided themselves."""

    name: str
    owner: str
    service: str | None
    environment: str
    config: Mapping[str, JsonValue]
    ttl: str | None
    reason: str | None
    labels: Mapping[str, str]


class Draft(Frozen):
    """A request that is not written yet: its file, and what merging it would mean."""

    path: str
    text: str
    request: RequestReview
    team: TeamReview | None
    decision: Decision
    findings: tuple[Finding, ...]
    life: str

    @property
    def refused(self) -> bool:
        """Whether a finding says that it cannot be merged."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def draft(
    source: Source,
    catalog: Catalog,
    version: TypeVersion,
    wish: Wish,
    reading: Reading,
    render: Renderer,
    git: Git | None,
    now: datetime,
) -> Draft:
    """Write the request down, and judge the tree as it would be with it. `git` tells what the team has added lately.

    Raises:
        UsageError: a part of its path cannot be a file's name, the owner does not exist, the file or the name is taken.
    """
    owner = Ref.parse(owner_answer(catalog, wish.owner))
    path = "/".join(("requests", path_step("owner", owner.name), path_step("environment", wish.environment), ""))
    path += f"{name_answer(catalog, wish.name)}.yaml"
    if path in catalog.files:
        raise UsageError(f"{path} exists already: choose another name")
    text = render(_document(version, wish, owner), _comments(catalog, version, wish))
    checked = load(WithFile(source, path, text.encode()), reading)
    after = checked.catalog
    entity = after.get(Ref.of("resourcerequest", wish.name))
    result = judge(checked, catalog, reading, now)
    findings = tuple(
        finding
        for finding in result.findings
        if finding.place.path == path or (entity is not None and finding.entity == str(entity.ref))
    )
    if entity is None or entity.path != path:
        said = "; ".join(f"{finding.place}: {finding.message}" for finding in findings) or "it names nothing"
        raise UsageError(f"this cannot be written as a request: {said}")
    change = changes(catalog, after)
    pricer = Pricer.of(catalog, after, reading.expressions, now)
    (asked,) = (found for found in touched(change, after, pricer) if found.entity.ref == entity.ref)
    team = next(
        (
            found
            for found in teams((asked,), change, pricer, _recent(git, pricer, reading))
            if found.team == asked.owner
        ),
        None,
    )
    topics = [_topic(topic, asked, team) for topic in map(Topic, subjects(change, (path,), catalog, after))]
    decision = evaluate(topics, catalog, after, ReviewFacts(), reading.expressions, now)
    decision = with_reasons(decision, topics, catalog, after, reading.expressions, now)
    return Draft(path, text, asked, team, decision, findings, _life(catalog, version.entity, wish))


def _topic(topic: Topic, asked: RequestReview, team: TeamReview | None) -> Topic:
    zero = Money.zero(asked.increase.currency)
    cost = CostFacts(
        monthly=zero if asked.after is None else asked.after.monthly,
        increase=asked.increase,
        team_increase=zero if team is None or team.recent is None else team.recent,
        complete=asked.complete and (team is None or team.recent is not None),
    )
    return Topic(topic.subject, cost) if team is None else Topic(topic.subject, cost, team.facts)


def _recent(git: Git | None, pricer: Pricer, reading: Reading) -> Mapping[Ref, Decimal] | None:
    """What the teams have added in 30 days; None where the history is not known."""
    if git is None:
        return None
    try:
        tip = git.commit("HEAD").id
    except UsageError:
        return {}  # nothing has ever been merged
    sums, whole = team_increases(git, pricer.base, tip, pricer.by_base, reading, pricer.now)
    return sums if whole else None


def _document(version: TypeVersion, wish: Wish, owner: Ref) -> Mapping[str, JsonValue]:
    metadata: dict[str, JsonValue] = {"name": wish.name}
    if wish.labels:
        metadata["labels"] = dict(wish.labels)
    spec: dict[str, JsonValue] = {"type": f"{version.entity.name}@{version.name}", "owner": str(owner)}
    if wish.service:
        spec["for"] = wish.service
    spec |= {"environment": wish.environment, "config": dict(wish.config)}
    if wish.ttl:
        spec["ttl"] = wish.ttl
    if wish.reason:
        spec["reason"] = wish.reason
    return {"apiVersion": "tarmac/v1", "kind": "ResourceRequest", "metadata": metadata, "spec": spec}


def _comments(catalog: Catalog, version: TypeVersion, wish: Wish) -> Mapping[str, str]:
    left = [
        f"{question.key} {words(question.default)}"
        for question in questions(version)
        if question.key not in wish.config and question.default is not None
    ]
    title = version.entity.text("metadata", "title") or version.entity.name
    comments = {"apiVersion": f"{title}: what it can be is said in {version.entity.path}."}
    if left:
        comments["spec.config"] = f"Not set here, so the type's defaults hold: {', '.join(left)}."
    if wish.ttl:
        _, longest = usual_ttl(catalog, version.entity, wish.environment)
        comments["spec.ttl"] = "From being ready on." + (f" At most {longest} here." if longest else "")
    return comments


def _life(catalog: Catalog, kind: Entity, wish: Wish) -> str:
    default, longest = usual_ttl(catalog, kind, wish.environment)
    if wish.ttl is None and default is None:
        return "for good"
    try:
        span = show_duration(parse_duration(wish.ttl or default or ""))
    except BadValue:
        return f"unknown: {visible(wish.ttl or '')} is no duration"
    return f"for {span} from being ready" + (f" (at most {longest})" if longest else "")
