"""The decision, case by case: what a rule asks, who has spoken, and what follows from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from tarmac.approvals.evaluate import approved, evaluate
from tarmac.approvals.facts import Topic
from tarmac.approvals.repair import Doubt
from tarmac.approvals.subjects import Subject, subjects
from tarmac.catalog.changes import changes
from tarmac.catalog.index import Catalog
from tarmac.model.facts import BudgetFacts, CostFacts, Decision, GivenReview, Opinion, ReviewFacts, State
from tarmac.model.values import Money
from tarmac.reports.approvals import candidates, counted, ignored
from tests.approvals.town import NEVER, README, RULES, R, S, catalog, rule, staging, team, town
from tests.trees import NOW, PLATFORM, RATES, READING, group, request, user

ONE_R: Mapping[str, str | None] = {R: staging()}
TWO: Mapping[str, str | None] = {R: staging(), S: staging(name="s", owner="two")}


def yes(login: str, *stale: str, void: str | None = None, person: bool = True) -> GivenReview:
    """An approval, of everything but the paths named."""
    return GivenReview(login, Opinion.APPROVED, person, void, frozenset(stale))


def no(login: str) -> GivenReview:
    return GivenReview(login, Opinion.CHANGES_REQUESTED)


def gone(login: str) -> GivenReview:
    return GivenReview(login, Opinion.DISMISSED)


def talk(login: str) -> GivenReview:
    return GivenReview(login, Opinion.COMMENTED)


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked (`require` of the one rule `r`, or no rule: code owners), what was said, and what follows.

    `counted` and `could` are of the rule that asks; `deaf` maps who does not count to words of the reason.
    """

    name: str
    state: str
    require: str | None = None
    said: Sequence[GivenReview] = ()
    counted: str = ""
    could: str | None = None
    deaf: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    made: str = "dev"
    unknown: Mapping[str, str] = field(default_factory=dict)
    draft: bool = False
    change: Mapping[str, str | None] = field(default_factory=lambda: ONE_R)
    base: Mapping[str, str | None] = field(default_factory=dict)
    distinct: bool = False
    rules: Sequence[str] = ()
    doubts: Sequence[Doubt] = ()
    left: Sequence[Doubt] = ()


OWNER = "[{from: [owner]}]"
PLATFORM_ONE = "[{from: [group:default/platform]}]"
LEAD = "[{from: [owner], role: lead}]"
BOTH = "[{from: [group:default/platform]}, {from: [owner], role: lead}]"
MIXED = {"teams/security/team.yaml": group("security", "sid, fay")}
SEC_FIN = "[{from: [group:default/security]}, {from: [group:default/finops]}]"
BOT = {
    "teams/one/team.yaml": team("one", "ana, ben, robot", "ana", "works"),
    "teams/one/robot.yaml": user("robot", '"good[bot]"'),
}
BOTS = PLATFORM + '  approvingBots: ["Good[bot]"]\n'
T = "requests/one/staging/t.yaml"
OWNER_OR_FINOPS = "[{anyOf: [{from: [owner]}, {from: [group:default/finops]}]}]"
GONE_OR_OWNER = "[{anyOf: [{from: [group:default/gone]}, {from: [owner]}]}]"
GONE_OR_SECURITY = "[{from: [group:default/gone, group:default/security]}]"
THREE = "{from: [owner]}, {from: [group:default/finops]}, {from: [group:default/security]}"
TWO_OF_THREE = f"[{{atLeast: 2, of: [{THREE}]}}]"
TWICE = "[{from: [group:default/platform]}, {from: [group:default/platform]}]"
BARE = "apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {name: bare}\nspec: "
FINOPS_WHENEVER = BARE + "{require: [{from: [group:default/finops]}]}\n"
NOBODY = BARE + "{when: 'true', require: []}\n"
ELSEWHERE = rule("r", "true", LEAD).replace("name: r}", "name: r, namespace: other}")
MINE = {"requests/one/auto.yaml": rule("mine", "true", "auto")}
POLICY = {"catalog/shop/p.yaml": "apiVersion: tarmac/v1\nkind: Policy\nmetadata: {name: p}\nspec: {}\n"}
EXEMPTION = {
    "policies/e.yaml": (
        "apiVersion: tarmac/v1\nkind: Exemption\nmetadata: {name: e}\n"
        "spec: {rule: x, target: component:default/shop, owner: group:default/one, reason: x,"
        ' approvers: [group:default/security], expires: "2027-01-31"}\n'
    )
}
# A base that cannot judge, and changes of the file that it is broken in.
BROKEN = rule("broken", "object.spec.nothing > 1")
FINE = {RULES: "---\n".join((rule("broken", 'change.kind == "Nothing"'), NEVER))}
DROPPED = {RULES: NEVER}
STILL = {RULES: "---\n".join((rule("broken", "object.spec.nothing > 2"), NEVER))}
OTHERWISE = {RULES: "---\n".join((rule("broken", "true"), rule("new", "nothing"), NEVER))}
BROKEN_FINOPS = rule("broken", "object.spec.nothing > 1", "[{from: [group:default/finops]}]")
BROKEN_AUTO = rule("broken", "object.spec.nothing > 1", "auto")
OTHER_FILE = {"catalog/shop/rules.yaml": rule("also", "change.kind")}
OTHER_FINE = {"catalog/shop/rules.yaml": rule("also", "false")}
TWIN = rule("twice", "false")
TWINS = {"requests/one/twin.yaml": TWIN}
THREE_OF_PLATFORM = {"teams/platform/team.yaml": team("platform", "pat, pia, sid", "pat")}
BELOW_WORKS = {"teams/platform/team.yaml": team("platform", "pat, pia, sid", "pat", "works")}
DOUBTS = (Doubt("policies/more.yaml", "policies/more.yaml:1:1 of the base cannot be trusted: it is torn"),)
MANY = {f"requests/one/staging/q{number}.yaml": staging(name=f"q{number}") for number in range(5)}
AUTO = rule("auto", "true", "auto")
AUTO_OTHER = rule("other", 'change.kind == "Component"', "auto")
AUTO_S = rule("small", 'object.metadata.name == "s"', "auto")
UNLESS = rule("asks", "true", "[{from: [group:default/finops]}]", "  unlessAuto: true\n")
BROKEN_UNLESS = rule("asks", "object.spec.nothing > 1", "[{from: [group:default/finops]}]", "  unlessAuto: true\n")
ASKS_AND_AUTO = rule("auto", "true", "[{from: [group:default/platform]}]", "  auto: true\n")
ANA, BEN = user("ana", "ana-1"), user("ben", "ben-1")


CASES = [
    # Code owners, where no rule applies.
    Case("nobody has spoken", "pending", could="ana-1 ben-1", why="nobody has approved yet"),
    Case("an owner approves", "approved", said=[yes("ben-1")], counted="ben-1", could=""),
    Case("two owners approve", "approved", said=[yes("ben-1"), yes("ana-1")], counted="ana-1 ben-1"),
    Case("somebody else approves", "pending", said=[yes("cam-1")], deaf={"cam-1": "not one of those"}),
    Case("somebody of the platform approves for a team", "pending", said=[yes("pat-1")], deaf={"pat-1": "not one of"}),
    Case("somebody nobody knows approves", "pending", said=[yes("mallory")], deaf={"mallory": "not one of those"}),
    Case("an owner comments", "pending", said=[talk("ben-1")], deaf={"ben-1": "a comment approves nothing"}),
    Case("an owner asks for changes", "rejected", said=[no("ben-1")], why="ben-1 asked for changes"),
    Case("somebody else asks for changes", "pending", said=[no("cam-1")]),
    Case("somebody else asks for changes, an owner approves", "approved", said=[no("cam-1"), yes("ben-1")]),
    Case("one owner approves, another asks for changes", "rejected", said=[yes("ben-1"), no("ana-1")], counted="ben-1"),
    Case("one owner asks for changes, another approves", "rejected", said=[no("ana-1"), yes("ben-1")]),
    Case("approve, then ask for changes", "rejected", said=[yes("ben-1"), no("ben-1")], deaf={"ben-1": "asks for ch"}),
    Case("ask for changes, then approve", "approved", said=[no("ben-1"), yes("ben-1")], counted="ben-1"),
    Case("approve, then comment", "approved", said=[yes("ben-1"), talk("ben-1")], counted="ben-1"),
    Case("ask for changes, then comment", "rejected", said=[no("ben-1"), talk("ben-1")]),
    Case("the approval was dismissed", "pending", said=[gone("ben-1")], deaf={"ben-1": "dismissed"}),
    Case("the request for changes was dismissed", "pending", said=[gone("ben-1")], could="ana-1 ben-1"),
    Case("approve, ask for changes, that is dismissed", "approved", said=[yes("ben-1"), gone("ben-1")]),
    Case("the same, and the content is another", "pending", said=[yes("ben-1", R), gone("ben-1")], deaf={"ben-1": R}),
    Case("ask for changes, approve, that is dismissed", "rejected", said=[no("ben-1"), gone("ben-1")]),
    Case("dismissed, then approved again", "approved", said=[gone("ben-1"), yes("ben-1")]),
    Case("the content has changed", "pending", said=[yes("ben-1", R)], deaf={"ben-1": "has changed since"}),
    Case("the content of something else has changed", "approved", said=[yes("ben-1", README)]),
    Case("approved again after it changed", "approved", said=[yes("ben-1", R), yes("ben-1")]),
    Case("approved again for less than before", "pending", said=[yes("ben-1"), yes("ben-1", R)]),
    Case("the review is void", "pending", said=[yes("ben-1", void="rewritten")], deaf={"ben-1": "rewritten"}),
    Case(
        "void, but another approves", "approved", said=[yes("ben-1", void="rewritten"), yes("ana-1")], counted="ana-1"
    ),
    Case("a later void approval hides an earlier one", "pending", said=[yes("ben-1"), yes("ben-1", void="edited")]),
    # Who made it.
    Case("the author approves", "pending", said=[yes("ben-1")], made="ben-1", deaf={"ben-1": "made it"}, could="ana-1"),
    Case("the author comments only", "pending", said=[talk("ben-1")], made="ben-1", deaf={"ben-1": "made it"}),
    Case("a co-author approves", "pending", said=[yes("ana-1")], made="ben-1 ana-1", deaf={"ana-1": "made it"}),
    Case("the author asks for changes", "rejected", said=[no("ben-1")], made="ben-1"),
    Case(
        "both owners made it: the one above is asked",
        "pending",
        made="ana-1 ben-1",
        could="wes-1",
        why="next is group:default/works",
    ),
    Case(
        "both owners made it and the one above approves",
        "approved",
        said=[yes("wes-1")],
        made="ana-1 ben-1",
        counted="wes-1",
    ),
    Case(
        "both owners made it, nobody is left above but the platform",
        "approved",
        said=[yes("pia-1")],
        made="ana-1 ben-1 wes-1",
    ),
    Case(
        "the one above approves while an owner is left",
        "pending",
        said=[yes("wes-1")],
        made="ben-1",
        deaf={"wes-1": "not one of"},
    ),
    Case("everybody made it", "error", made="ana-1 ben-1 wes-1 pat-1 pia-1", why="made this change; in their place"),
    Case("the one above asks for changes in their place", "rejected", said=[no("wes-1")], made="ana-1 ben-1"),
    Case(
        "a required person who made it asks for changes",
        "rejected",
        PLATFORM_ONE,
        [no("pat-1"), yes("pia-1")],
        made="pat-1",
    ),
    # A named team.
    Case("a named team is asked", "pending", PLATFORM_ONE, could="pat-1 pia-1"),
    Case("one of a named team approves", "approved", PLATFORM_ONE, [yes("pia-1")], counted="pia-1", could=""),
    Case(
        "an owner approves where a team is named", "pending", PLATFORM_ONE, [yes("ben-1")], deaf={"ben-1": "not one of"}
    ),
    Case("one of a named team made it", "pending", PLATFORM_ONE, made="pat-1", could="pia-1"),
    Case(
        "all of a named team made it",
        "error",
        PLATFORM_ONE,
        made="pat-1 pia-1",
        why="in their place: group:default/platform",
    ),
    Case(
        "all of a named team made it and the fallback approves",
        "error",
        "[{from: [group:default/finops]}]",
        [yes("pat-1")],
        made="fay-1",
    ),
    Case("a named team is empty", "error", "[{from: [group:default/empty]}]", [yes("pat-1")], why="nobody is a member"),
    Case(
        "a named team is unknown",
        "error",
        "[{from: [group:default/gone]}]",
        [yes("pat-1")],
        why="not known to the base",
    ),
    Case("a source that is no reference", "error", '[{from: ["group:"]}]', why="not known to the base"),
    Case("a source that is empty", "error", '[{from: [""]}]', why="not known to the base"),
    Case("no source at all", "error", "[{role: lead}]", why="nobody owns what is touched"),
    Case("a misspelt source", "error", "[{form: [group:default/platform]}]", [yes("pat-1")], why="nobody owns"),
    Case("a named user", "approved", "[{from: [user:default/sid]}]", [yes("sid-1")], counted="sid-1"),
    Case("a named user who made it", "error", "[{from: [user:default/sid]}]", made="sid-1", why="made this change"),
    Case("another than the named user", "pending", "[{from: [user:default/sid]}]", [yes("ana-1")], could="sid-1"),
    Case("either of two teams", "approved", "[{from: [group:default/finops, group:default/security]}]", [yes("sid-1")]),
    Case("either of two teams, one of them unknown", "approved", GONE_OR_SECURITY, [yes("sid-1")]),
    # How many.
    Case("two are asked, none has", "pending", "[{from: [owner], count: 2}]", could="ana-1 ben-1"),
    Case(
        "two are asked, one has",
        "pending",
        "[{from: [owner], count: 2}]",
        [yes("ana-1")],
        counted="ana-1",
        could="ben-1",
    ),
    Case("two are asked, both have", "approved", "[{from: [owner], count: 2}]", [yes("ana-1"), yes("ben-1")]),
    Case(
        "two are asked, one has twice",
        "pending",
        "[{from: [owner], count: 2}]",
        [yes("ana-1"), yes("ana-1")],
        counted="ana-1",
    ),
    Case(
        "two are asked, one of them made it: the one above is asked",
        "pending",
        "[{from: [owner], count: 2}]",
        [yes("ana-1")],
        made="ben-1",
        could="wes-1",
    ),
    Case(
        "two are asked, one of them made it, the one above approves",
        "approved",
        "[{from: [owner], count: 2}]",
        [yes("ana-1"), yes("wes-1")],
        made="ben-1",
    ),
    Case(
        "three are asked of two",
        "error",
        "[{from: [owner], count: 3}]",
        [yes("ana-1"), yes("ben-1")],
        why="only 2 could approve, and 3",
    ),
    Case(
        "two of a named team of two, one made it",
        "error",
        "[{from: [group:default/platform], count: 2}]",
        made="pat-1",
        why="of the 2 who could approve, 1 made",
    ),
    Case("none are asked, which is one", "pending", "[{from: [owner], count: 0}]", could="ana-1 ben-1"),
    Case("less than none are asked, which is one", "approved", "[{from: [owner], count: -1}]", [yes("ana-1")]),
    Case("true are asked, which is one", "approved", "[{from: [owner], count: true}]", [yes("ana-1")]),
    Case(
        "none of two choices are asked, which is one",
        "pending",
        f"[{{atLeast: 0, of: {SEC_FIN}}}]",
        could="fay-1 sid-1",
    ),
    Case("a billion are asked", "error", "[{from: [owner], count: 1000000000}]", why="are asked for"),
    # Roles.
    Case("the lead approves", "approved", LEAD, [yes("ana-1")], counted="ana-1"),
    Case(
        "a member approves where the lead is asked",
        "pending",
        LEAD,
        [yes("ben-1")],
        deaf={"ben-1": "not one of"},
        could="ana-1",
    ),
    Case(
        "the lead made it: the lead above is asked",
        "pending",
        LEAD,
        made="ana-1",
        could="wes-1",
        why="next is role lead of group:default/works",
    ),
    Case("the lead made it and the lead above approves", "approved", LEAD, [yes("wes-1")], made="ana-1"),
    Case(
        "a member approves in place of the lead who made it",
        "pending",
        LEAD,
        [yes("ben-1")],
        made="ana-1",
        deaf={"ben-1": "not one of"},
    ),
    Case(
        "a role that nobody holds",
        "error",
        "[{from: [owner], role: on-call}]",
        [yes("ana-1")],
        why="nobody there has that role",
    ),
    Case(
        "a lead who is no member",
        "error",
        LEAD,
        [yes("pat-1")],
        base={"teams/one/team.yaml": team("one", "ben", "pat", "works")},
    ),
    Case(
        "the role of a user who is asked by name",
        "approved",
        "[{from: [user:default/sid], role: lead}]",
        [yes("sid-1")],
    ),
    # The one above.
    Case("the group above is asked", "pending", "[{from: [parent]}]", could="wes-1"),
    Case("the group above approves", "approved", "[{from: [parent], role: lead}]", [yes("wes-1")]),
    Case(
        "the owner approves where the one above is asked",
        "pending",
        "[{from: [parent]}]",
        [yes("ana-1")],
        deaf={"ana-1": "not one of"},
    ),
    Case(
        "nobody is above: the platform is asked",
        "approved",
        "[{from: [parent]}]",
        [yes("pia-1")],
        base={"teams/one/team.yaml": team("one", "ana, ben", "ana")},
    ),
    Case(
        "the one above is unknown",
        "error",
        "[{from: [parent]}]",
        [yes("pat-1")],
        base={"teams/one/team.yaml": team("one", "ana, ben", "ana", "nowhere")},
        why="not known",
    ),
    Case(
        "teams above each other in a ring",
        "pending",
        made="ana-1 ben-1 wes-1",
        base={"teams/works/team.yaml": team("works", "wes", "wes", "one")},
        could="pat-1 pia-1",
    ),
    # All of, any of, so many of.
    Case("two items, none met", "pending", BOTH, could="ana-1 pat-1 pia-1"),
    Case("two items, one met", "pending", BOTH, [yes("pat-1")], counted="pat-1", could="ana-1"),
    Case("two items, both met", "approved", BOTH, [yes("pat-1"), yes("ana-1")], counted="ana-1 pat-1"),
    Case("two items, one of them rejected", "rejected", BOTH, [yes("pat-1"), no("ana-1")]),
    Case("all of a list", "pending", f"[{{allOf: {SEC_FIN}}}]", [yes("sid-1")], could="fay-1"),
    Case("any of two, none", "pending", f"[{{anyOf: {SEC_FIN}}}]", could="fay-1 sid-1"),
    Case("any of two, one", "approved", f"[{{anyOf: {SEC_FIN}}}]", [yes("fay-1")], counted="fay-1"),
    Case(
        "any of two, one approves and the other asks for changes",
        "rejected",
        f"[{{anyOf: {SEC_FIN}}}]",
        [yes("fay-1"), no("sid-1")],
    ),
    Case("any of two, one of them unknown", "approved", GONE_OR_OWNER, [yes("ben-1")]),
    Case("any of two, both made it", "error", f"[{{anyOf: {SEC_FIN}}}]", made="sid-1 fay-1", why="only 0 of these"),
    Case("two of three, one", "pending", TWO_OF_THREE, [yes("fay-1")], counted="fay-1"),
    Case("two of three, two", "approved", TWO_OF_THREE, [yes("fay-1"), yes("sid-1")]),
    Case("two of three, the same one twice", "pending", TWO_OF_THREE, [yes("ana-1"), yes("ben-1")]),
    Case(
        "any of two, an owner of each of two subjects",
        "approved",
        OWNER_OR_FINOPS,
        [yes("ben-1"), yes("dee-1")],
        change=TWO,
    ),
    Case(
        "any of two, an owner of one of two subjects",
        "pending",
        OWNER_OR_FINOPS,
        [yes("ben-1")],
        change=TWO,
        could="cam-1 dee-1 fay-1",
    ),
    Case("any of two, one team for both subjects", "approved", OWNER_OR_FINOPS, [yes("fay-1")], change=TWO),
    Case(
        "any of two, each met for another subject",
        "approved",
        f"[{{anyOf: {SEC_FIN}}}]",
        [yes("fay-1", S), yes("sid-1", R)],
        change=TWO,
        counted="fay-1 sid-1",
    ),
    # Different people.
    Case("one person of two teams, not distinct", "approved", SEC_FIN, [yes("fay-1")], base=MIXED, counted="fay-1"),
    Case(
        "one person of two teams, distinct",
        "pending",
        SEC_FIN,
        [yes("fay-1")],
        base=MIXED,
        distinct=True,
        could="sid-1",
        why="one person stands for two",
    ),
    Case(
        "two people of two teams, distinct",
        "approved",
        SEC_FIN,
        [yes("fay-1"), yes("sid-1")],
        base=MIXED,
        distinct=True,
    ),
    Case(
        "distinct and only one person could",
        "error",
        SEC_FIN,
        [yes("fay-1")],
        base={"teams/security/team.yaml": group("security", "fay")},
        distinct=True,
        why="not enough different people",
    ),
    Case(
        "distinct, the other one made it",
        "error",
        SEC_FIN,
        [yes("fay-1")],
        base=MIXED,
        distinct=True,
        made="sid-1",
        why="not enough different people",
    ),
    Case("the same team twice, distinct, one", "pending", TWICE, [yes("pat-1")], distinct=True, could="pia-1"),
    Case("the same team twice, distinct, two", "approved", TWICE, [yes("pat-1"), yes("pia-1")], distinct=True),
    Case("the same team twice, not distinct", "approved", TWICE, [yes("pat-1")]),
    Case(
        "distinct with a choice, one person for both",
        "pending",
        f"[{{from: [group:default/finops]}}, {{anyOf: {SEC_FIN}}}]",
        [yes("fay-1")],
        distinct=True,
        could="sid-1",
    ),
    Case(
        "distinct with a choice, two people",
        "approved",
        f"[{{from: [group:default/finops]}}, {{anyOf: {SEC_FIN}}}]",
        [yes("fay-1"), yes("sid-1")],
        distinct=True,
    ),
    Case(
        "distinct, each of two subjects by its own",
        "approved",
        "[{from: [owner]}, {from: [group:default/platform]}]",
        [yes("ben-1"), yes("dee-1"), yes("pat-1")],
        distinct=True,
        change=TWO,
    ),
    # Whose commits nobody knows.
    Case(
        "an unknown author: an approval does not count yet",
        "pending",
        said=[yes("ben-1")],
        unknown={R: "the author of 1"},
        deaf={"ben-1": "nobody vouches"},
    ),
    Case(
        "an unknown author, vouched for by the platform",
        "approved",
        said=[yes("ben-1"), yes("pat-1")],
        unknown={R: "the author of 1"},
    ),
    Case(
        "an unknown author, the platform vouches for older content",
        "pending",
        said=[yes("ben-1"), yes("pat-1", R)],
        unknown={R: "the author of 1"},
    ),
    Case(
        "an unknown author, vouched for by one who made it too",
        "pending",
        said=[yes("ben-1"), yes("pat-1")],
        unknown={R: "x"},
        made="pat-1",
    ),
    Case(
        "an unknown author, the platform only comments", "pending", said=[yes("ben-1"), talk("pat-1")], unknown={R: "x"}
    ),
    Case(
        "an unknown author, the platform's review is void",
        "pending",
        said=[yes("ben-1"), yes("pat-1", void="gone")],
        unknown={R: "x"},
    ),
    Case(
        "an unknown author, the whole platform made it",
        "error",
        said=[yes("ben-1")],
        unknown={R: "x"},
        made="pat-1 pia-1",
        why="can vouch",
    ),
    Case(
        "an unknown author of something else", "approved", said=[yes("ben-1")], unknown={"other.md": "the author of 1"}
    ),
    Case(
        "an unknown author and the platform is what is asked",
        "approved",
        PLATFORM_ONE,
        [yes("pia-1")],
        unknown={R: "x"},
    ),
    Case(
        "an unknown author of what nobody is asked about",
        "approved",
        rules=[rule("auto", "true", "auto")],
        unknown={R: "x"},
    ),
    # Bots.
    Case(
        "a bot that is a member, not allowed",
        "pending",
        said=[yes("good[bot]", person=False)],
        base=BOT,
        deaf={"good[bot]": "a bot"},
        could="ana-1 ben-1",
    ),
    Case(
        "a bot that is a member and allowed",
        "approved",
        said=[yes("good[bot]", person=False)],
        base=BOT | {"policies/platform.yaml": BOTS},
        counted="good[bot]",
    ),
    Case(
        "another bot than the allowed one",
        "pending",
        said=[yes("evil[bot]", person=False)],
        base=BOT | {"policies/platform.yaml": BOTS},
        deaf={"evil[bot]": "not one of"},
    ),
    Case(
        "a name that only begins as the allowed one",
        "pending",
        said=[yes("good[bot]x")],
        base=BOT | {"policies/platform.yaml": BOTS},
    ),
    Case(
        "an allowed bot that is no member",
        "pending",
        PLATFORM_ONE,
        [yes("good[bot]", person=False)],
        base=BOT | {"policies/platform.yaml": BOTS},
    ),
    Case(
        "a member's login used by a bot account", "pending", said=[yes("ben-1", person=False)], deaf={"ben-1": "a bot"}
    ),
    Case(
        "a team of bots alone",
        "error",
        "[{from: [group:default/robots]}]",
        [yes("good[bot]", person=False)],
        base=BOT | {"teams/robots/team.yaml": group("robots", "robot")},
        why="bots may approve only",
    ),
    # The whole.
    Case("a draft with all approvals", "pending", said=[yes("ben-1")], draft=True, why="draft"),
    Case("a draft of what is automatic", "pending", rules=[rule("auto", "true", "auto")], draft=True, why="draft"),
    Case("a draft that is rejected", "rejected", said=[no("ben-1")], draft=True),
    Case("automatic", "approved", rules=[rule("auto", "true", "auto")], why="nobody needs to approve"),
    Case("automatic, and another rule asks", "pending", PLATFORM_ONE, rules=[rule("auto", "true", "auto")]),
    Case(
        "automatic, and an owner asks for changes", "approved", rules=[rule("auto", "true", "auto")], said=[no("ben-1")]
    ),
    Case("automatic, and a rule asks unless it is", "approved", rules=[AUTO, UNLESS], said=[no("fay-1")], could=""),
    Case("automatic for something else, and a rule asks unless it is", "pending", rules=[AUTO_OTHER, UNLESS],
         could="fay-1"),
    Case("nothing is automatic, and a rule asks unless it is", "pending", rules=[UNLESS], could="fay-1"),
    Case("automatic by one rule of two, and a rule asks unless it is", "approved", rules=[AUTO_OTHER, AUTO, UNLESS]),
    Case("automatic for one of two requests", "pending", rules=[AUTO_S, UNLESS], change=TWO, could="fay-1",
         why="group:default/finops: nobody has approved yet"),
    Case("each of two requests is automatic by another rule", "approved", change=TWO,
         rules=[AUTO_S, rule("also", 'object.metadata.name == "r"', "auto"), UNLESS]),
    Case("nobody can tell whether it is automatic", "error", rules=[BROKEN_AUTO, UNLESS], said=[yes("pat-1")],
         could="fay-1 pat-1 pia-1", why="cannot be evaluated"),
    Case("nobody can tell whether it is automatic, and whoever asks unless it is approves", "error",
         rules=[BROKEN_AUTO, UNLESS], said=[yes("fay-1"), yes("pat-1")], why="cannot be evaluated"),
    Case("nobody can tell of one rule, and another is automatic", "error", rules=[BROKEN_AUTO, AUTO, UNLESS],
         could="pat-1 pia-1"),
    Case("a rule that asks unless it is automatic cannot be evaluated", "error", rules=[AUTO, BROKEN_UNLESS]),
    Case("what mends an automatic rule is asked of whoever asks unless it is", "pending", change=FINE,
         rules=[BROKEN_AUTO, UNLESS], said=[yes("pat-1")], could="fay-1"),
    Case("what asks somebody is not automatic, whatever it says", "pending", rules=[ASKS_AND_AUTO, UNLESS],
         could="fay-1 pat-1 pia-1"),
    Case("what is automatic unless something is has no meaning", "error", rules=[AUTO.replace("auto: true",
         "auto: true\n  unlessAuto: true"), UNLESS], why="it asks for nobody and is not automatic"),
    Case("a word where true should stand asks always", "pending", could="fay-1",
         rules=[AUTO, UNLESS.replace("unlessAuto: true", 'unlessAuto: "yes"')]),
    Case("unless it is automatic: false asks always", "pending", could="fay-1",
         rules=[AUTO, UNLESS.replace("unlessAuto: true", "unlessAuto: false")]),
    Case("what comes along makes nothing automatic", "pending", rules=[UNLESS], change={**ONE_R, **MINE},
         could="fay-1"),
    Case("the rule is weakened in the same change", "pending",
         rules=[AUTO_S, rule("asks", "true", "[{from: [group:default/finops]}]")], could="fay-1",
         change={S: staging(name="s", owner="two"), RULES: "---\n".join((AUTO_S, UNLESS, NEVER))}),
    Case("automatic for something else", "pending", rules=[rule("auto", 'change.kind == "Component"', "auto")]),
    Case(
        "a rule that both asks and is automatic asks",
        "pending",
        PLATFORM_ONE,
        rules=[rule("both", "true", PLATFORM_ONE, "  auto: true\n")],
    ),
    Case("two rules, one met", "pending", PLATFORM_ONE, [yes("pat-1")], rules=[rule("more", "true", LEAD)]),
    Case(
        "two rules, both met",
        "approved",
        PLATFORM_ONE,
        [yes("pat-1"), yes("ana-1")],
        rules=[rule("more", "true", LEAD)],
    ),
    Case(
        "two rules of one name",
        "error",
        PLATFORM_ONE,
        [yes("pat-1")],
        rules=[rule("r", "true", LEAD)],
        why="two approval rules",
    ),
    Case(
        "two rules of one name in capitals",
        "error",
        PLATFORM_ONE,
        [yes("pat-1")],
        rules=[rule("R", "true", LEAD)],
        why="two approval rules",
    ),
    Case(
        "two rules of one name in two namespaces",
        "error",
        PLATFORM_ONE,
        [yes("pat-1"), yes("ana-1")],
        rules=[ELSEWHERE],
        why="two approval rules",
    ),
    Case(
        "a rule that cannot be compiled",
        "error",
        rules=[rule("broken", "nothing.at.all")],
        said=[yes("ben-1")],
        why="cannot be evaluated",
    ),
    Case(
        "a rule that is neither true nor false",
        "error",
        rules=[rule("broken", "change.kind")],
        said=[yes("ben-1")],
        why="neither true nor false",
    ),
    Case(
        "a rule that fails for this change",
        "error",
        rules=[rule("broken", "object.spec.nothing > 1")],
        said=[yes("ben-1")],
        why="cannot be evaluated",
    ),
    Case(
        "a text that no rule can compare",
        "error",
        rules=[rule("looks", 'object.spec.config.exists(key, key == "gb")')],
        said=[yes("ben-1"), yes("pat-1"), yes("pia-1")],
        change={R: request("r", 'gb: 10, tags: [a, {b: "c\\0"}]')},
        could="",
        why="cannot be evaluated: spec.config.tags[1].b of resourcerequest:default/r holds U+0000, which no rule can "
        "compare; take it out there",
    ),
    Case(
        "a key that no rule can compare",
        "error",
        rules=[rule("looks", 'object.spec.config.exists(key, key == "gb")')],
        change={R: request("r", 'gb: 10, "a\\0": b')},
        could="ana-1 ben-1",
        why="spec.config.a\\u0000 of resourcerequest:default/r holds U+0000, which no rule can compare; take it out",
    ),
    Case(
        "a text that no rule can compare is to go",
        "error",
        rules=[rule("looks", 'old.spec.config.exists(key, key == "gb")')],
        base={R: request("r", 'gb: 10, region: "a\\0"')},
        change={R: request("r", "gb: 10")},
        could="ana-1 ben-1",
        why="old.spec.config.region of resourcerequest:default/r holds U+0000, which no rule can compare, in the base "
        "already; only an administrator can take it out, past the check",
    ),
    Case(
        "a text of its team that no rule can compare",
        "error",
        rules=[rule("looks", 'owner.exists(key, key == "slack")')],
        base={"teams/one/team.yaml": team("one", "ana, ben").replace("{git", '{tarmac/slack-channel: "a\\0", git')},
        could="ana-1 ben-1",
        why="owner.slack of resourcerequest:default/r holds U+0000, which no rule can compare, in the base already",
    ),
    Case("a rule without a when applies to everything", "pending", rules=[FINOPS_WHENEVER], could="fay-1"),
    Case("a rule that asks for nobody", "error", rules=[NOBODY], why="asks for nobody"),
    # Subjects.
    Case(
        "two paths of two teams, one approves",
        "pending",
        said=[yes("ben-1")],
        change=TWO,
        counted="ben-1",
        could="cam-1 dee-1",
    ),
    Case("two paths of two teams, both approve", "approved", said=[yes("ben-1"), yes("dee-1")], change=TWO),
    Case(
        "an approved path stays approved while the other changes",
        "pending",
        said=[yes("ben-1", S), yes("dee-1", S)],
        change=TWO,
        counted="ben-1",
        could="cam-1 dee-1",
    ),
    Case(
        "two files of one team, approved for one by each",
        "approved",
        said=[yes("ana-1", T), yes("ben-1", R)],
        change={R: staging(), T: staging(name="t")},
    ),
    Case(
        "two files of one team, approved for one alone",
        "pending",
        said=[yes("ana-1", T)],
        change={R: staging(), T: staging(name="t")},
        counted="ana-1",
        could="ana-1 ben-1",
        why="approved in part only",
    ),
    Case("a file of the platform", "approved", said=[yes("pia-1")], change={README: "# New\n"}),
    Case("a file of the platform, approved by a team", "pending", said=[yes("ana-1")], change={README: "# New\n"}),
    Case("a rule in a team's folder", "pending", said=[yes("ben-1")], change=MINE, could="pat-1 pia-1"),
    Case("a rule in a team's folder, with the platform", "approved", said=[yes("ben-1"), yes("pat-1")], change=MINE),
    Case("a policy in a team's folder", "pending", said=[yes("ben-1")], change=POLICY),
    Case("an exemption asks its approvers", "pending", PLATFORM_ONE, [yes("pat-1")], change=EXEMPTION),
    Case("an exemption with its approvers", "approved", PLATFORM_ONE, [yes("pat-1"), yes("sid-1")], change=EXEMPTION),
    Case("nothing changes", "error", change={}, why="nothing changes"),
    Case(
        "a login in capitals in the base",
        "approved",
        said=[yes("ana-1")],
        base={"teams/one/members.yaml": user("ana", "ANA-1") + "---\n" + user("ben", "ben-1")},
    ),
    Case(
        "a member without a login",
        "pending",
        base={"teams/one/members.yaml": user("ana") + "---\n" + user("ben", "ben-1")},
        could="ben-1 user:default/ana",
    ),
    Case(
        "two members of one login are one",
        "error",
        "[{from: [owner], count: 2}]",
        [yes("ana-1")],
        base={"teams/one/members.yaml": user("ana", "ana-1") + "---\n" + user("ben", "ana-1")},
        why="only 1 could approve",
    ),
    Case(
        "a new thing in the folder of another team",
        "pending",
        OWNER,
        [yes("cam-1")],
        change={R: staging(owner="two")},
        counted="cam-1",
        could="ana-1 ben-1",
    ),
    Case(
        "a new thing in the folder of another team, with both",
        "approved",
        OWNER,
        [yes("cam-1"), yes("ana-1")],
        change={R: staging(owner="two")},
    ),
    Case(
        "a change of a thing in the folder of another team",
        "approved",
        OWNER,
        [yes("cam-1")],
        base={R: staging(owner="two")},
        change={R: staging(20, owner="two")},
    ),
    Case(
        "a removal of a thing in the folder of another team",
        "approved",
        OWNER,
        [yes("cam-1")],
        base={R: staging(owner="two")},
        change={R: None},
    ),
    Case(
        "a thing that changes hands",
        "pending",
        OWNER,
        [yes("cam-1")],
        base={R: staging()},
        change={R: staging(owner="two")},
        counted="cam-1",
        could="ana-1 ben-1",
    ),
    Case(
        "a thing that moves to the folder of another team",
        "pending",
        OWNER,
        [yes("ben-1")],
        base={R: staging()},
        change={R: None, "requests/two/staging/r.yaml": staging()},
        could="cam-1 dee-1",
    ),
    Case(
        "a new thing whose owner the base does not know",
        "error",
        OWNER,
        [yes("ben-1")],
        change={R: staging(owner="gone")},
        why="group:default/gone is not known to the base",
    ),
    Case("a file by its owner", "approved", OWNER, [yes("pia-1")], change={README: "# New\n"}),
    Case(
        "a document that nobody owns, by the owner of its place",
        "approved",
        OWNER,
        [yes("pia-1")],
        change={"policies/rates.yaml": RATES.replace("2026-01-14", "2026-01-15")},
    ),
    Case(
        "a document that nobody owns, by somebody above it",
        "approved",
        "[{from: [parent]}]",
        [yes("pia-1")],
        change={"policies/rates.yaml": RATES.replace("2026-01-14", "2026-01-15")},
    ),
    Case("a team without its kind", "approved", "[{from: [finops]}]", [yes("fay-1")]),
    Case("the owner or a team", "approved", "[{from: [owner, group:default/finops]}]", [yes("fay-1")]),
    Case(
        "the owner or a team, and the owners made it",
        "pending",
        "[{from: [owner, group:default/finops]}]",
        made="ana-1 ben-1",
        could="fay-1",
    ),
    Case(
        "the owner or a team, and all of them made it",
        "approved",
        "[{from: [owner, group:default/finops]}]",
        [yes("wes-1")],
        made="ana-1 ben-1 fay-1",
    ),
    Case("an owner of each path", "approved", "[{from: [code-owners]}]", [yes("ben-1"), yes("cam-1")], change=TWO),
    Case("an owner of one path", "pending", "[{from: [code-owners]}]", [yes("ben-1")], change=TWO, could="cam-1 dee-1"),
    Case(
        "what judges, and the platform made it: the one above is asked",
        "approved",
        said=[yes("ben-1"), yes("wes-1")],
        change=MINE,
        made="pat-1 pia-1",
        base={"teams/platform/team.yaml": team("platform", "pat, pia", "pat", "works")},
    ),
    Case(
        "a member by memberOf alone",
        "approved",
        said=[yes("gil-1")],
        base={"teams/one/gil.yaml": user("gil", "gil-1", "one")},
    ),
    Case("a team is joined by a file in another's folder", "pending", said=[yes("ben-1")],
         change={"teams/one/mal.yaml": user("mal", "mal-1", "platform")}, counted="ben-1", could="pat-1 pia-1"),
    Case("a team is joined by a file in another's folder, with both", "approved", said=[yes("ben-1"), yes("pat-1")],
         change={"teams/one/mal.yaml": user("mal", "mal-1", "platform")}),
    Case("a team is left by a file in another's folder", "pending", said=[yes("ben-1")],
         base={"teams/one/mal.yaml": user("mal", "mal-1", "platform")}, change={"teams/one/mal.yaml": None},
         could="mal-1 pat-1 pia-1"),
    Case("a login changes of somebody who is in two teams", "pending", said=[yes("ben-1")],
         base={"teams/one/mal.yaml": user("mal", "mal-1", "one, two")},
         change={"teams/one/mal.yaml": user("mal", "mal-2", "one, two")}, could="cam-1 dee-1 mal-1"),
    Case("a new team is joined, which nobody is in yet", "approved", said=[yes("ben-1")],
         change={"teams/one/mal.yaml": user("mal", "mal-1", "new")}),
    Case("all in two levels made it: the next one above is asked", "pending", made="ana-1 ben-1 wes-1",
         base={"teams/works/team.yaml": team("works", "wes", "wes", "board"),
               "teams/board/team.yaml": team("board", "sid", "sid")}, could="sid-1",
         why="next is group:default/board"),
    Case("a ring of teams above the owner", "pending", made="ana-1 ben-1 wes-1 sid-1",
         base={"teams/works/team.yaml": team("works", "wes", "wes", "board"),
               "teams/board/team.yaml": team("board", "sid", "sid", "works")}, could="pat-1 pia-1"),
    Case("two are asked, both made it: all above are asked", "pending", "[{from: [owner], count: 2}]",
         made="ana-1 ben-1", could="pat-1 pia-1 wes-1", why="next is group:default/works, group:default/platform"),
    Case("three files have changed since", "pending", said=[yes("ben-1", *list(MANY)[:3])], change=MANY,
         deaf={"ben-1": "q0.yaml, requests/one/staging/q1.yaml, requests/one/staging/q2.yaml"}),
    Case("four files have changed since", "pending", said=[yes("ben-1", *list(MANY)[:4])], change=MANY,
         deaf={"ben-1": "q2.yaml and 1 more"}),
    Case("five files have changed since", "pending", said=[yes("ben-1", *MANY)], change=MANY,
         deaf={"ben-1": "q2.yaml and 2 more"}),
    Case("two named teams are unknown", "error", "[{from: [group:default/lost, group:default/gone]}]",
         why="group:default/gone, group:default/lost is not known to the base"),
    Case("a new thing in the folder of another team, which no rule covers", "approved", said=[yes("ana-1")],
         change={R: staging(owner="two")}, counted="ana-1"),
    Case("a second rule of a name in a team's folder", "pending", said=[yes("ben-1")], rules=[TWIN], change=TWINS,
         counted="ben-1", could="pat-1 pia-1"),
    Case("a second thing of a name in a team's folder", "approved", said=[yes("ben-1")], base={R: staging()},
         change={"requests/one/twin.yaml": staging()}),
    # Accounts that are gone.
    Case("an approval of an account that is gone", "pending", said=[yes("ghost", person=False)]),
    Case("an account that is gone asked for changes", "pending", said=[yes("ben-1"), no("ghost")],
         why="have that request dismissed"),
    Case("of two accounts that are gone the other one approved", "pending",
         said=[yes("ben-1"), no("ghost"), yes("ghost")], why="have that request dismissed"),
    Case("an account that is gone commented", "approved", said=[yes("ben-1"), talk("ghost"), gone("ghost")]),
    # A base that cannot judge, and what mends it.
    Case("a broken rule names who may mend it", "error", rules=[BROKEN], could="ana-1 ben-1 pat-1 pia-1",
         why="change nothing but policies/rules.yaml, which asks group:default/platform"),
    Case("a broken rule, and who may mend it made the change", "error", rules=[BROKEN], made="pat-1",
         could="ana-1 ben-1 pia-1"),
    Case("a broken rule, and all of the platform approve", "error", rules=[BROKEN],
         said=[yes("ben-1"), yes("pat-1"), yes("pia-1")]),
    Case("a broken rule is mended", "pending", rules=[BROKEN], change=FINE, could="pat-1 pia-1",
         why="this change mends it: group:default/platform: nobody has approved yet"),
    Case("a broken rule is mended, with the platform", "approved", rules=[BROKEN], change=FINE, said=[yes("pia-1")],
         counted="pia-1"),
    Case("a broken rule is mended by one of the platform, with another", "approved", rules=[BROKEN], change=FINE,
         said=[yes("pia-1")], made="pat-1"),
    Case("a broken rule is mended, and a team approves", "pending", rules=[BROKEN], change=FINE, said=[yes("ben-1")]),
    Case("a broken rule is mended, and the platform wants changes", "rejected", rules=[BROKEN], change=FINE,
         said=[no("pat-1"), yes("pia-1")]),
    Case("a broken rule is mended in a draft", "pending", rules=[BROKEN], change=FINE, said=[yes("pia-1")], draft=True),
    Case("a broken rule is mended by somebody unknown", "approved", rules=[BROKEN], change=FINE, said=[yes("pia-1")],
         unknown={RULES: "x"}),
    Case("a broken rule is taken away", "approved", rules=[BROKEN], change=DROPPED, said=[yes("pia-1")]),
    Case("a broken rule stays broken", "error", rules=[BROKEN], change=STILL, said=[yes("pia-1")]),
    Case("a broken rule is mended and a new one is broken", "error", rules=[BROKEN], change=OTHERWISE,
         said=[yes("pia-1")]),
    Case("a broken rule is mended and something else changes", "error", rules=[BROKEN], change={**FINE, **ONE_R},
         said=[yes("pia-1"), yes("ben-1")]),
    Case("a broken rule is mended and a file is added beside it", "error", rules=[BROKEN],
         change={**FINE, "policies/rules.yaml.txt": "x\n"}, said=[yes("pia-1")]),
    Case("a broken rule moves to another file", "error", rules=[BROKEN],
         change={RULES: None, "policies/other.yaml": FINE[RULES]}, said=[yes("pia-1")]),
    Case("all rules go with the broken one", "error", rules=[BROKEN], change={RULES: "# none\n"}, said=[yes("pia-1")]),
    Case("two of one name take the broken one's place", "error", rules=[BROKEN],
         change={RULES: f"{NEVER}---\n{NEVER}"}, said=[yes("pia-1")]),
    Case("whom a broken rule asks, it asks for its repair", "pending", rules=[BROKEN_FINOPS], change=FINE,
         said=[yes("pia-1")], counted="pia-1", could="fay-1"),
    Case("a broken rule is mended, with whom it asks", "approved", rules=[BROKEN_FINOPS], change=FINE,
         said=[yes("pia-1"), yes("fay-1")]),
    Case("whom a broken rule asks does not mend it alone", "pending", rules=[BROKEN_FINOPS], change=FINE,
         said=[yes("fay-1")]),
    Case("a broken automatic rule is mended", "pending", rules=[BROKEN_AUTO], change=FINE, could="pat-1 pia-1"),
    Case("another rule asks for the repair as well", "pending", LEAD, [yes("pia-1")], rules=[BROKEN], change={
         RULES: "---\n".join((rule("r", "true", LEAD), NEVER))}, could="pat-1"),
    Case("two of three must agree to a repair", "pending", rules=[BROKEN], change=FINE, said=[yes("pia-1")],
         base=THREE_OF_PLATFORM, could="pat-1 sid-1", why="1 of 2 have approved"),
    Case("two of three agree to a repair", "approved", rules=[BROKEN], change=FINE, said=[yes("pia-1"), yes("sid-1")],
         base=THREE_OF_PLATFORM),
    Case("co-authors do not make it one of three", "error", rules=[BROKEN], change=FINE, said=[yes("pia-1")],
         base=THREE_OF_PLATFORM, made="pat-1 sid-1", why="of the 3 who could approve, 2 made this change"),
    Case("the one above agrees to a repair in place of who made it", "approved", rules=[BROKEN], change=FINE,
         said=[yes("pia-1"), yes("wes-1")], base=BELOW_WORKS, made="pat-1 sid-1"),
    Case("of two broken files one is mended", "error", rules=[BROKEN], base=OTHER_FILE, change=FINE,
         said=[yes("pia-1"), yes("ben-1")]),
    Case("of two broken files both are mended", "approved", rules=[BROKEN], base=OTHER_FILE,
         change={**FINE, **OTHER_FINE}, said=[yes("pia-1"), yes("ben-1")]),
    Case("of two rules of one name one goes", "approved", rules=[TWIN], base=TWINS,
         change={"requests/one/twin.yaml": None},
         said=[yes("pia-1"), yes("ben-1")]),
    Case("of two rules of one name one goes, without the platform", "pending", rules=[TWIN], base=TWINS,
         change={"requests/one/twin.yaml": None}, said=[yes("ben-1")]),
    Case("of two rules of one name one changes", "error", rules=[TWIN], base=TWINS,
         change={"requests/one/twin.yaml": rule("twice", "true")}, said=[yes("pia-1"), yes("ben-1")]),
    Case("a rule that asks for nobody is mended", "approved", rules=[NOBODY], change=DROPPED, said=[yes("pia-1")]),
    Case("there are no rules", "error", base={RULES: None}, said=[yes("ben-1"), yes("pat-1")],
         why="change nothing but policies/, which asks group:default/platform"),
    Case("there are no rules, and the first is written", "approved", base={RULES: None},
         change={"policies/first.yaml": NEVER}, said=[yes("pia-1")]),
    Case("there are no rules, and the first is not in policies", "error", base={RULES: None},
         change={"requests/one/policies/first.yaml": NEVER}, said=[yes("pia-1"), yes("ben-1")]),
    Case("there are no rules, and nothing changes", "error", base={RULES: None}, change={}, why="nothing changes"),
    Case("the base cannot be read whole", "error", said=[yes("ben-1"), yes("pat-1")], doubts=DOUBTS, left=DOUBTS,
         why="it is torn; to mend it, change nothing but policies/more.yaml"),
    Case("what cannot be read is mended", "pending", change={"policies/more.yaml": "# mended\n"}, doubts=DOUBTS,
         could="pat-1 pia-1", why="it is torn; this change mends it"),
    Case("what cannot be read is mended, with the platform", "approved", change={"policies/more.yaml": "# mended\n"},
         doubts=DOUBTS, said=[yes("pat-1")]),
    Case("what cannot be read changes and still cannot", "error", change={"policies/more.yaml": "# mended\n"},
         doubts=DOUBTS, left=DOUBTS, said=[yes("pat-1")]),
    Case("what cannot be read is mended and something else changes", "error", doubts=DOUBTS, said=[yes("pat-1")],
         change={"policies/more.yaml": "# mended\n", README: "# x\n"}),
    Case("a doubt is gone though nothing changes", "error", doubts=DOUBTS, change={}, why="nothing changes"),
    Case("nobody owns the platform that cannot judge", "error", rules=[BROKEN], change=FINE, said=[yes("pia-1")],
         base={"policies/platform.yaml": PLATFORM.replace("group:default/platform", "group:default/gone")}),
    Case("there is no platform that could mend it", "error", rules=[BROKEN], base={"policies/platform.yaml": None},
         could="ana-1 ben-1", why="which asks nobody that can be named"),
]  # fmt: skip


def rules_of(case: Case) -> list[str]:
    asks = (
        [] if case.require is None else [rule("r", "true", case.require, "  distinct: true\n" if case.distinct else "")]
    )
    return [*asks, *case.rules]


def after(base: Mapping[str, str], change: Mapping[str, str | None]) -> Catalog:
    return catalog({path: text for path, text in {**base, **change}.items() if text is not None})


def topics_of(base: Mapping[str, str], change: Mapping[str, str | None]) -> tuple[list[Topic], list[Subject]]:
    before, head = catalog(base), after(base, change)
    found = subjects(changes(before, head), change, before, head)
    return [Topic(one) for one in found], list(found)


def decide(case: Case) -> Decision:
    stated: Mapping[str, str | None] = {**town(*rules_of(case)), **case.base}
    base = {path: text for path, text in stated.items() if text is not None}
    topics, _ = topics_of(base, case.change)
    review = ReviewFacts(dict.fromkeys(case.made.split(), "made it"), tuple(case.said), case.unknown, case.draft)
    known, merged = catalog(base), after(base, case.change)
    return evaluate(topics, known, merged, review, READING.expressions, NOW, case.doubts, case.left)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_decision(case: Case) -> None:
    found = decide(case)
    assert found.state == case.state, found
    asking = [node for node in found.children if node.state is not State.SKIPPED]
    assert case.why in "; ".join(node.reason for node in asking), found
    heard = {name for node in asking for name in counted(node)}
    if case.counted:
        assert heard == set(case.counted.split())
    if case.could is not None:
        assert {name for node in asking if node.name != "unknown authors" for name in candidates(node)} == set(
            case.could.split()
        )
    reasons = {one.login: one.reason for node in asking for one in ignored(node)}
    for login, words in case.deaf.items():
        assert words in reasons[login]


def test_no_two_cases_are_the_same() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert len(CASES) >= 120


CEL_COST = [
    # (the rule's when, the increase, whether all is known, whether it asks)
    ('cost.monthlyIncrease > money("500.00")', "500.00", True, False),
    ('cost.monthlyIncrease > money("500.00")', "500.000001", True, True),
    ('cost.monthlyIncrease > money("500.00")', "500.0000000001", True, True),
    ('cost.monthlyIncrease >= money("500.00")', "500.00", True, True),
    ('cost.monthlyIncrease > money("500.00")', "0", False, True),
    ('cost.teamIncrease30d > money("500.00")', "0", False, True),
    ('cost.monthly > money("500.00")', "0", False, True),
    ('cost.monthly > money("9000000000000.00")', "0", False, True),
    ("!cost.complete", "0", False, True),
    ("!cost.complete", "0", True, False),
]


@pytest.mark.parametrize(("when", "increase", "complete", "asks"), CEL_COST)
def test_what_is_not_known_is_below_no_threshold(when: str, increase: str, complete: bool, asks: bool) -> None:
    base = town(rule("dear", when))
    topics, _ = topics_of(base, ONE_R)
    amount = Money(Decimal(increase), "EUR")
    topics = [Topic(topic.subject, CostFacts(amount, amount, amount, complete)) for topic in topics]
    known = catalog(base)
    found = evaluate(topics, known, known, ReviewFacts(), READING.expressions, NOW)
    state = next(node.state for node in found.children if node.name == "dear")
    assert state is (State.PENDING if asks else State.SKIPPED)


@pytest.mark.parametrize(
    ("approvers", "said", "state"),
    [
        (["group:default/finops"], [], "pending"),
        (["group:default/finops"], [yes("fay-1")], "approved"),
        (["owner"], [yes("ben-1")], "approved"),
        (["lead"], [yes("ben-1")], "pending"),
        (["lead"], [yes("ana-1")], "approved"),
        (["group:default/finops", "lead"], [yes("ana-1")], "pending"),
        (["group:default/finops", "lead"], [yes("ana-1"), yes("fay-1")], "approved"),
        (["group:default/gone"], [yes("fay-1")], "error"),
        (["user:default/sid"], [yes("sid-1")], "approved"),
    ],
)
def test_a_budget_asks_beside_what_is_automatic(
    approvers: Sequence[str], said: Sequence[GivenReview], state: str
) -> None:
    base = town(rule("auto", "true", "auto"))
    topics, _ = topics_of(base, ONE_R)
    topics = [Topic(topic.subject, None, BudgetFacts(True, approvers=tuple(approvers))) for topic in topics]
    known = catalog(base)
    found = evaluate(topics, known, known, ReviewFacts(reviews=tuple(said)), READING.expressions, NOW)
    assert found.state == state


def test_a_subject_is_approved_once_all_that_is_asked_for_it_is_given() -> None:
    case = Case("both", "pending", said=[yes("ben-1", S), yes("dee-1", S)], change=TWO)
    _, told = topics_of(town(), TWO)
    found = decide(case)
    assert {one.paths[0]: approved(found, one) for one in told} == {R: False, S: False}
    only = rule("one", f'change.paths.exists(p, p == "{R}")', "[{from: [owner]}]")
    alone = Case("each", "pending", rules=[only], change=TWO)
    assert {one.paths[0]: approved(decide(alone), one) for one in told} == {R: False, S: False}
    given = decide(dataclasses.replace(alone, said=[yes("ben-1")]))
    assert {one.paths[0]: approved(given, one) for one in told} == {R: True, S: False}
    assert not any(approved(decide(dataclasses.replace(alone, said=[yes("ben-1")], draft=True)), one) for one in told)
