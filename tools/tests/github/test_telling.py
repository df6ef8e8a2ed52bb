"""What is told to a pull request, step by step, by a forge that only notes what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from tarmac.app.publish import (
    Desk,
    Published,
    Wanted,
    check_run,
    conclusion,
    labels,
    not_judged,
    publish,
    unchanged,
    wanted,
)
from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.reach import Impact, Risk
from tarmac.errors import ForgeError, OutsideError
from tarmac.model.facts import BudgetFacts, Decision, Opinion, State
from tarmac.model.findings import Finding, Severity
from tarmac.model.forge import CheckRun, Conclusion, ForgeReview, PullRequest
from tarmac.model.frozen import replace
from tarmac.model.places import Place
from tarmac.model.refs import Ref
from tarmac.model.values import Money
from tarmac.reports.markdown import CHECK, MARKER, STEP, report
from tarmac.reports.review import ImpactReview, RequestReview, Review, TeamReview, Verdict
from tarmac.reports.review_links import Links
from tests.approvals.town import R, catalog, staging, town
from tests.trees import NOW

HEAD = "a" * 40
LINKS = Links("https://github.example/acme/platform", "https://github.example/acme/platform/actions/runs/5")
ENTITY = catalog(town(**{R: staging()})).entities[Ref.of("resourcerequest", "r")]
PULL = PullRequest(7, "dev", draft=False, reviews=(), commits={}, head=HEAD)
TEAM = "group:default/one"


def euros(text: str) -> Money:
    return Money(Decimal(text), "EUR")


def finding(severity: Severity) -> Finding:
    return Finding("naming", severity, "it is named oddly", Place(R, 1, 1), "name it otherwise")


def made(state: State = State.PENDING, *asks: Decision, **more: object) -> Review:
    """A review of a change that touches nothing, but for what is said of it."""
    rule = Decision("rule", state, "missing", children=asks)
    bare = Review(
        base="b" * 40, head=HEAD, merge_base="b" * 40, merged="c" * 40, now=NOW, verdict=Verdict.PENDING,
        reasons=("approvals are open", "the cost is unknown"), conflicts=(), change=CatalogChange((), (), (), (), ()),
        files=(), requests=(), teams=(), monthly_before=euros("10.00"), monthly_after=euros("10.00"), complete=True,
        findings=(), new=(), decision=Decision("approvals", state, "missing", children=(rule,)), approval=None,
        broken=(), impacts=(), judging=(),
    )  # fmt: skip
    return replace(bare, **more)


def ask(name: str, *candidates: str, state: State = State.PENDING) -> Decision:
    return Decision(name, state, "missing", candidates=candidates)


@dataclass(slots=True)
class Notebook:
    """Notes what it is told; every verb named in `refused` fails instead."""

    told: dict[str, object] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    now: PullRequest = PULL
    known: frozenset[str] | None = frozenset({"team-one"})
    cannot: tuple[str, ...] = ()
    refuses_findings: bool = False

    def _note(self, verb: str, *what: object) -> str:
        if verb in self.refused:
            raise OutsideError(f"no {verb}")
        assert verb not in self.told
        self.told[verb] = what
        return f"https://github.example/{verb}"

    def pull_with_head(self, head: str) -> PullRequest:
        raise AssertionError(head)

    def open_heads(self) -> Mapping[int, str]:
        raise AssertionError

    def pull(self, number: int) -> PullRequest:
        assert number == PULL.number
        return self.now

    def comment(self, number: int, marker: str, body: str) -> str:
        return self._note("comment", number, marker, body)

    def check(self, run: CheckRun) -> str:
        if self.refuses_findings and run.findings:
            raise ForgeError("no findings")
        return self._note("check", run)

    def teams(self) -> frozenset[str] | None:
        self._note("teams")
        return self.known

    def request(self, number: int, people: Sequence[str], teams: Sequence[str]) -> tuple[str, ...]:
        self._note("request", number, tuple(people), tuple(teams))
        return self.cannot

    def label(self, number: int, prefix: str, wanted: Sequence[str]) -> None:
        self._note("label", number, prefix, tuple(wanted))

    def summarize(self, text: str) -> None:
        self._note("summary", text)


def published(forge: Notebook, review: Review) -> Published:
    return publish(Desk(forge, LINKS, forge.summarize), review, PULL)


def test_everything_is_told_in_its_own_room() -> None:
    forge = Notebook(cannot=("ana cannot be asked",))
    found = made(State.PENDING, ask(TEAM, "ana"), slugs={TEAM: "team-one"})
    done = published(forge, found)
    assert done == Published(
        7, ("https://github.example/check", "https://github.example/comment"), ("ana cannot be asked",)
    )
    assert forge.told == {
        "check": (check_run(found, LINKS),),
        "comment": (7, MARKER, report(found, LINKS)),
        "label": (7, "tarmac/", ("tarmac/cost-none", "tarmac/risk-low")),
        "teams": (),
        "request": (7, ("ana",), ()),
        "summary": (report(found, LINKS, STEP),),
    }


@pytest.mark.parametrize("verb", ["check", "comment", "label", "teams", "request", "summary"])
def test_what_fails_is_told_and_keeps_nothing_else_back(verb: str) -> None:
    forge = Notebook(refused=frozenset({verb}))
    done = published(forge, made(State.PENDING, ask(TEAM, "ana"), slugs={TEAM: "team-one"}))
    assert done.faults == (f"no {verb}",)
    missing = {verb, "request"} if verb == "teams" else {verb}
    assert forge.told.keys() == {"check", "comment", "label", "teams", "request", "summary"} - missing
    assert done.addresses == tuple(
        f"https://github.example/{one}" for one in ("check", "comment") if one not in missing
    )


def test_a_verdict_that_is_refused_leaves_no_earlier_one() -> None:
    """An annotation that GitHub does not take must not keep a success of the same head alive."""
    forge = Notebook(refuses_findings=True)
    done = published(forge, made(State.PENDING, ask(TEAM, "ana"), new=(finding(Severity.WARNING),)))
    assert done.faults == ("no findings",)
    assert forge.told["check"] == (
        CheckRun(
            name="tarmac",
            head=HEAD,
            conclusion=Conclusion.FAILURE,
            title="not judged: the verdict could not be told: no findings",
            summary="**Not judged, so not approved:** the verdict could not be told: no findings\n",
            findings=(),
            details=LINKS.run,
        ),
    )
    assert "comment" in forge.told


def test_a_pull_request_that_is_another_by_now_is_told_nothing() -> None:
    forge = Notebook(now=replace(PULL, draft=True))
    said = "^#7 changed while it was judged, so no verdict is told: review it again$"
    with pytest.raises(ForgeError, match=said):
        published(forge, made())
    assert forge.told == {}
    unchanged(Notebook(), PULL)
    with pytest.raises(ForgeError, match=said):
        unchanged(forge, PULL)


def test_nobody_is_asked_where_nothing_is_missing_and_teams_only_where_they_have_names() -> None:
    forge = Notebook()
    published(forge, made(State.APPROVED, ask(TEAM, "ana", state=State.APPROVED)))
    assert forge.told.keys() == {"check", "comment", "label", "summary"}
    crowd = ask(TEAM, "ana", "ben", "cem", "dan")
    forge = Notebook()
    published(forge, made(State.PENDING, crowd, slugs={TEAM: "team-one"}))
    assert forge.told["request"] == (7, (), ("team-one",))
    forge = Notebook(known=None)
    published(forge, made(State.PENDING, crowd, slugs={TEAM: "team-one"}))
    assert forge.told["request"] == (7, ("ana", "ben", "cem"), ())


def test_the_verdict_is_a_check_run_on_the_head() -> None:
    found = made(new=(finding(Severity.WARNING),), findings=(finding(Severity.WARNING),))
    assert check_run(found, LINKS) == CheckRun(
        name="tarmac",
        head=HEAD,
        conclusion=Conclusion.ACTION_REQUIRED,
        title="pending: approvals are open; the cost is unknown",
        summary=report(found, LINKS, CHECK),
        findings=found.new,
        details=LINKS.run,
    )


def test_what_could_not_be_judged_fails() -> None:
    forge = Notebook()
    not_judged(Desk(forge, LINKS, forge.summarize), HEAD, "the forge <b>is</b> down")
    run = CheckRun(
        name="tarmac",
        head=HEAD,
        conclusion=Conclusion.FAILURE,
        title="not judged: the forge <b>is</b> down",
        summary="**Not judged, so not approved:** the forge &#60;b>is&#60;/b> down\n",
        findings=(),
        details=LINKS.run,
    )
    assert forge.told == {"check": (run,)}
    with pytest.raises(OutsideError, match="no check"):
        not_judged(Desk(Notebook(refused=frozenset({"check"})), LINKS, forge.summarize), HEAD, "why")


def blocked_team() -> TeamReview:
    facts = BudgetFacts(exists=True, blocked=True)
    return TeamReview(Ref.of("group", "one"), None, None, None, facts, euros("1.00"), None)


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        (made(State.APPROVED, verdict=Verdict.APPROVED), Conclusion.SUCCESS),
        (made(State.SKIPPED, verdict=Verdict.APPROVED), Conclusion.SUCCESS),
        (made(State.PENDING), Conclusion.ACTION_REQUIRED),
        (made(State.APPROVED), Conclusion.ACTION_REQUIRED),
        (made(State.REJECTED), Conclusion.FAILURE),
        (made(State.ERROR), Conclusion.FAILURE),
        (made(State.ERROR, verdict=Verdict.APPROVED), Conclusion.FAILURE),
        (made(State.REJECTED, verdict=Verdict.APPROVED), Conclusion.FAILURE),
        (made(State.APPROVED, verdict=Verdict.BLOCKED), Conclusion.FAILURE),
        (made(State.APPROVED, verdict=Verdict.APPROVED, new=(finding(Severity.ERROR),)), Conclusion.FAILURE),
        (made(State.APPROVED, verdict=Verdict.APPROVED, new=(finding(Severity.WARNING),)), Conclusion.SUCCESS),
        (made(State.APPROVED, verdict=Verdict.APPROVED, teams=(blocked_team(),)), Conclusion.FAILURE),
    ],
)
def test_only_what_is_approved_and_without_a_fault_succeeds(review: Review, expected: Conclusion) -> None:
    assert conclusion(review) is expected


def costing(before: str, after: str, *, complete: bool = True, asked: bool = True) -> Review:
    request = RequestReview(ENTITY, None, "add", None, None, None, euros("0"), complete, None, None)
    found = made(monthly_before=euros(before), monthly_after=euros(after), complete=complete)
    return replace(found, requests=(request,) if asked else ())


@pytest.mark.parametrize(
    ("review", "label"),
    [
        (costing("10.00", "10.01"), "more"),
        (costing("10.00", "9.99"), "less"),
        (costing("10.00", "10.00"), "same"),
        (costing("0", "0.5"), "more"),
        (costing("10.00", "10.01", complete=False), "unknown"),
        (costing("10.00", "10.01", asked=False), "none"),
        (costing("10.00", "10.01", complete=False, asked=False), "none"),
    ],
)
def test_a_label_says_what_it_means_for_cost(review: Review, label: str) -> None:
    assert labels(review) == (f"tarmac/cost-{label}", "tarmac/risk-low")


def test_a_label_says_the_greatest_risk() -> None:
    def reaching(*risks: Risk) -> Review:
        part = Ref.of("component", "shop")
        return made(impacts=tuple(ImpactReview("change", Impact(part, (), (), (), (), one, "why")) for one in risks))

    assert labels(reaching(Risk.LOW, Risk.CRITICAL, Risk.HIGH)) == ("tarmac/cost-none", "tarmac/risk-critical")
    assert labels(reaching(Risk.LOW, Risk.MEDIUM)) == ("tarmac/cost-none", "tarmac/risk-medium")


def spoke(login: str | None, commit: str | None = HEAD) -> ForgeReview:
    return ForgeReview(login, True, Opinion.COMMENTED, commit, NOW)


ONE = {TEAM: "team-one"}
CROWD = ask(TEAM, "ana", "ben", "cem", "dan")


@pytest.mark.parametrize(
    ("review", "pull", "expected"),
    [
        (made(State.PENDING, ask(TEAM, "ana", "ben"), slugs=ONE), PULL, Wanted(("ana", "ben"))),
        # Three people are asked by name, of four the team is.
        (made(State.PENDING, ask(TEAM, "ana", "ben", "cem"), slugs=ONE), PULL, Wanted(("ana", "ben", "cem"))),
        (made(State.PENDING, CROWD, slugs=ONE), PULL, Wanted((), ("team-one",))),
        # A team that the forge does not know, or that has no name there, is asked by three of it.
        (made(State.PENDING, CROWD, slugs={TEAM: "unseen"}), PULL, Wanted(("ana", "ben", "cem"))),
        (made(State.PENDING, CROWD), PULL, Wanted(("ana", "ben", "cem"))),
        # Whoever has spoken of this head is not asked again, of another head is.
        (made(State.PENDING, CROWD, slugs=ONE), replace(PULL, reviews=(spoke("ben"),)), Wanted(("ana", "cem", "dan"))),
        (made(State.PENDING, CROWD, slugs=ONE), replace(PULL, reviews=(spoke("ben", "b" * 40), spoke("ben", None))),
         Wanted((), ("team-one",))),
        # Who has no login cannot be asked.
        (made(State.PENDING, ask(TEAM, "user:default/eve", "ana"), slugs=ONE), PULL, Wanted(("ana",))),
        # Each once, and of every rule that is open.
        (made(State.ERROR, ask("a", "ana"), ask("b", "ana", "ben"), ask("c", "cem", state=State.APPROVED)), PULL,
         Wanted(("ana", "ben"))),
        (made(State.APPROVED, ask("a", "ana")), PULL, Wanted()),
        # Not while it is a draft, nor while it has to be mended first.
        (made(State.PENDING, ask(TEAM, "ana")), replace(PULL, draft=True), Wanted()),
        (made(State.PENDING, ask(TEAM, "ana"), new=(finding(Severity.ERROR),)), PULL, Wanted()),
        (made(State.PENDING, ask(TEAM, "ana"), new=(finding(Severity.WARNING),)), PULL, Wanted(("ana",))),
    ],
)  # fmt: skip
def test_whom_a_review_is_asked_of(review: Review, pull: PullRequest, expected: Wanted) -> None:
    assert wanted(review, pull, frozenset({"team-one"})) == expected
