"""review --publish: a review is told to the pull request that it is of.

What the forge tells is asked for before, and once more after: a verdict on what has changed meanwhile is not told. What
could not be judged gets a failed check run, as the one from before may have let it pass. The check run, the comment,
the labels and the requests for reviews do not wait for each other; what fails is told, and ends in exit code 4.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tarmac.app.deps import Forge
from tarmac.catalog.reach import Risk
from tarmac.errors import ForgeError, OutsideError
from tarmac.model.facts import State
from tarmac.model.forge import CheckRun, Conclusion, PullRequest
from tarmac.model.frozen import Frozen
from tarmac.reports.markdown import CHECK, MARKER, STEP, report
from tarmac.reports.markdown_text import plain
from tarmac.reports.review import Review, Verdict
from tarmac.reports.review_links import Links
from tarmac.reports.review_words import groups_of, open_asks

# The name that a ruleset asks for.
CHECK_NAME = "tarmac"
LABELS = "tarmac/"
# Of more people than this the team is asked, where it has a name at the forge: who is asked with everybody is not.
_PEOPLE = 3
_RISKS = tuple(Risk)


class Desk(Frozen):
    """Where to publish: the forge, its addresses, and the summary of the job that this runs in."""

    forge: Forge
    links: Links
    summarize: Callable[[str], None]


class Published(Frozen):
    """What was said where, who could not be asked, and what failed."""

    number: int
    addresses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class Wanted(Frozen):
    """Of whom a review is missing."""

    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    """What comes of one thing after the other."""

    addresses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def attempt(self, verb: Callable[[], None]) -> None:
        try:
            verb()
        except OutsideError as fault:
            self.faults.append(str(fault))


def publish(desk: Desk, review: Review, pull: PullRequest) -> Published:
    """Tell a pull request of its review.

    Raises:
        ForgeError: the pull request is not what was judged any more, or cannot be asked for.
    """
    forge, links = desk.forge, desk.links
    unchanged(forge, pull)
    run = _Run()
    run.attempt(lambda: run.addresses.append(forge.check(check_run(review, links))))
    if run.faults:
        # Refused for what is in it, say: the success of an earlier run must not stand for it.
        with suppress(OutsideError):
            not_judged(desk, review.head, f"the verdict could not be told: {run.faults[0]}")
    run.attempt(lambda: run.addresses.append(forge.comment(pull.number, MARKER, report(review, links))))
    run.attempt(lambda: forge.label(pull.number, LABELS, labels(review)))
    run.attempt(lambda: run.notes.extend(_request(forge, pull, review)))
    run.attempt(lambda: desk.summarize(report(review, links, STEP)))
    return Published(pull.number, tuple(run.addresses), tuple(run.notes), tuple(run.faults))


def unchanged(forge: Forge, pull: PullRequest) -> None:
    """Raises ForgeError where a pull request is not what was judged any more."""
    if forge.pull(pull.number) != pull:
        raise ForgeError(f"#{pull.number} changed while it was judged, so no verdict is told: review it again")


def not_judged(desk: Desk, head: str, why: str) -> None:
    """Say of a commit that nobody could judge it, so that no verdict from before stands for what is there now.

    Raises:
        ForgeError: that could not be said either.
    """
    run = CheckRun(
        name=CHECK_NAME,
        head=head,
        conclusion=Conclusion.FAILURE,
        title=f"not judged: {why}",
        summary=f"**Not judged, so not approved:** {plain(why)}\n",
        findings=(),
        details=desk.links.run,
    )
    desk.forge.check(run)


def check_run(review: Review, links: Links) -> CheckRun:
    """The verdict as a check run on the head."""
    return CheckRun(
        name=CHECK_NAME,
        head=review.head,
        conclusion=conclusion(review),
        title=f"{review.verdict.value}: {'; '.join(review.reasons)}",
        summary=report(review, links, CHECK),
        findings=review.new,
        details=links.run,
    )


def conclusion(review: Review) -> Conclusion:
    """success only where nothing is open."""
    if review.failed or review.verdict is Verdict.BLOCKED or review.decision.state in (State.REJECTED, State.ERROR):
        return Conclusion.FAILURE
    return Conclusion.SUCCESS if review.verdict is Verdict.APPROVED else Conclusion.ACTION_REQUIRED


def labels(review: Review) -> tuple[str, ...]:
    """What a change means for cost, and how far it reaches."""
    return f"{LABELS}cost-{_cost(review)}", f"{LABELS}risk-{_risk(review)}"


def wanted(review: Review, pull: PullRequest, teams: frozenset[str]) -> Wanted:
    """Of whom an approval is missing and who has not spoken of this head yet. Nobody while it is a draft, or while
    the change has to be mended first."""
    if pull.draft or review.failed:
        return Wanted()
    heard = {one.login for one in pull.reviews if one.commit == review.head}
    people: dict[str, None] = {}
    asked: dict[str, None] = {}
    for ask in open_asks(review.decision):
        # Whoever has no login stands there by reference.
        able = [name for name in ask.candidates if ":" not in name and name not in heard]
        named = [review.slugs[group] for group in groups_of(ask) if review.slugs.get(group) in teams]
        if len(able) > _PEOPLE and named:
            asked |= dict.fromkeys(named)
        else:
            people |= dict.fromkeys(able[:_PEOPLE])
    return Wanted(tuple(people), tuple(asked))


def _cost(review: Review) -> str:
    if not review.requests:
        return "none"
    if not review.complete:
        return "unknown"
    increase = (review.monthly_after - review.monthly_before).amount
    return "more" if increase > 0 else "less" if increase < 0 else "same"


def _risk(review: Review) -> str:
    return max((one.impact.risk for one in review.impacts), key=_RISKS.index, default=Risk.LOW).value


def _request(forge: Forge, pull: PullRequest, review: Review) -> tuple[str, ...]:
    """Ask for the reviews that are missing; who could not be asked."""
    teams = forge.teams() if review.slugs else None
    missing = wanted(review, pull, teams or frozenset())
    if not missing.people and not missing.teams:
        return ()
    return forge.request(pull.number, missing.people, missing.teams)
