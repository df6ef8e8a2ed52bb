"""Who must agree to a change: judged by the base, everything covered, and an error where nobody can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tarmac.approvals.evaluate import evaluate
from tarmac.approvals.facts import Topic
from tarmac.approvals.subjects import subjects
from tarmac.catalog.changes import changes
from tarmac.catalog.index import Catalog
from tarmac.catalog.view import ReviewView
from tarmac.model.facts import BudgetFacts, Decision, ReviewFacts, State
from tarmac.model.refs import Ref
from tests.approvals.town import catalog
from tests.trees import NOW, READING, company, component, group, request, user

PATH = "requests/one/staging/r.yaml"


def rule(name: str, when: str, require: str = "[{from: [group:default/platform]}]") -> str:
    asks = "auto: true" if require == "auto" else f"require: {require}"
    return (
        f"apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {{name: {name}}}\n"
        f"spec:\n  when: >-\n    {when}\n  {asks}\n"
    )


PLATFORM_TEAM, GONE = "group:default/platform", "group:default/gone"
THREE = "{from: [group:default/finops]}, {from: [owner]}, {from: [group:default/gone]}"
NEVER = rule("never", 'change.kind == "Nothing"')


def decide(
    base: Mapping[str, str],
    head: Mapping[str, str],
    *rules: str,
    budget: BudgetFacts | None = None,
    authors: Iterable[str] = (),
) -> Decision:
    """The decision on what leads from `base` to `head`, by the rules (and one that never applies) in the base."""
    documents = {f"policies/rules-{index}.yaml": text for index, text in enumerate((*rules, NEVER))}
    before, after = catalog({**base, **documents}), catalog({**head, **documents})
    paths = {path for path in base.keys() | head.keys() if base.get(path) != head.get(path)}
    topics = [Topic(one, None, budget) for one in subjects(changes(before, after), paths, before, after)]
    return evaluate(topics, before, after, ReviewFacts(dict.fromkeys(authors, "made it")), READING.expressions, NOW)


def asked(decision: Decision, state: State = State.PENDING) -> dict[str, list[str]]:
    """Of each rule in that state, what it asks for."""
    return {node.name: [child.name for child in node.children] for node in decision.children if node.state is state}


def new_request(**more: str) -> Mapping[str, str]:
    return company(**{PATH: request("r", **more)})


def test_what_no_rule_covers_needs_an_owner_of_each_path() -> None:
    head = company(**{PATH: request("r"), "README.md": "# New\n"})
    found = decide(company(), head)
    assert asked(found) == {"code-owners": ["group:default/one", "group:default/platform"]}
    assert found.state is State.PENDING


def test_a_rule_asks_each_of_its_items_and_names_who_could_say_yes() -> None:
    both = "[{from: [group:default/platform]}, {from: [owner], role: lead}]"
    found = decide(company(), new_request(), rule("two", 'change.kind == "ResourceRequest"', both))
    assert asked(found) == {"two": ["role lead of group:default/one", "group:default/platform"]}
    (node,) = (child for child in found.children if child.name == "two")
    assert [leaf.candidates for leaf in node.children] == [("ana-1",), ("pat-1",)]
    assert node.about == ("resourcerequest:default/r",)


def test_what_is_automatic_needs_nobody_unless_another_rule_asks() -> None:
    auto = rule("auto", "true", "auto")
    assert decide(company(), new_request(), auto).state is State.APPROVED
    found = decide(company(), new_request(), auto, rule("also", 'change.operation == "add"'))
    assert found.state is State.PENDING
    assert asked(found, State.APPROVED) == {"auto": []}


def test_a_rule_that_does_not_apply_is_skipped_and_still_named() -> None:
    found = decide(company(), new_request())
    assert {node.name: node.state for node in found.children} == {
        "never": State.SKIPPED, "code-owners": State.PENDING,
    }  # fmt: skip


@pytest.mark.parametrize("when", ["object.spec.nothing == 1", '"text"', "1 / 0 == 1", "object.metadata.name"])
def test_a_rule_that_cannot_be_evaluated_is_an_error_and_covers_nothing(when: str) -> None:
    found = decide(company(), new_request(), rule("broken", when), rule("auto", "true", "auto"))
    assert found.state is State.ERROR
    assert "broken" in asked(found, State.ERROR)


def test_a_rule_that_asks_nobody_and_is_not_automatic_is_an_error() -> None:
    empty = "apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {name: empty}\nspec: {when: 'true'}\n"
    assert decide(company(), new_request(), empty).state is State.ERROR


def test_without_any_rule_nothing_is_approved() -> None:
    before, after = catalog(company()), catalog(new_request())
    topics = [Topic(one) for one in subjects(changes(before, after), [PATH], before, after)]
    found = evaluate(topics, before, after, ReviewFacts(), READING.expressions, NOW)
    assert found.state is State.ERROR
    assert any("no approval rules" in node.reason for node in found.children)


def test_two_rules_of_one_name_are_an_error() -> None:
    found = decide(company(), new_request(), rule("same", "true", "auto"), rule("same", "true", "auto"))
    assert found.state is State.ERROR


def test_nothing_changed_is_nothing_to_approve() -> None:
    assert decide(company(), company()).state is State.ERROR


@pytest.mark.parametrize(
    ("choice", "state", "candidates"),
    [
        ("anyOf: [{from: [group:default/finops]}, {from: [owner]}]", State.PENDING, "ana-1 ben-1 fay-1"),
        ("anyOf: [{from: [group:default/gone]}, {from: [owner]}]", State.PENDING, "ana-1 ben-1"),
        (f"atLeast: 2, of: [{THREE}]", State.PENDING, "ana-1 ben-1 fay-1"),
        (f"atLeast: 3, of: [{THREE}, {{from: [group:default/none]}}]", State.ERROR, "ana-1 ben-1 fay-1"),
        (f"atLeast: 9, of: [{THREE}]", State.ERROR, "ana-1 ben-1 fay-1"),
    ],
)
def test_some_of_several(choice: str, state: State, candidates: str) -> None:
    found = decide(company(), new_request(), rule("some", "true", f"[{{{choice}}}]"))
    (node,) = (child for child in found.children if child.name == "some")
    assert node.state is state
    assert " ".join(node.children[0].candidates) == candidates


@pytest.mark.parametrize(
    ("require", "reason"),
    [
        ("[{from: [group:default/gone]}]", "group:default/gone is not known to the base; in their place:"),
        ("[{from: [group:default/empty]}]", "nobody is a member; in their place: group:default/platform"),
        ("[{from: [owner], role: on-call}]", "nobody there has that role"),
        ("[{from: [group:default/finops], count: 2}]", "only 1 could approve, and 2 are asked for"),
    ],
)
def test_a_requirement_that_nobody_can_meet_is_an_error_with_a_way_out(require: str, reason: str) -> None:
    base = company(**{"teams/empty/team.yaml": group("empty")})
    found = decide(base, {**base, PATH: request("r")}, rule("hard", "true", require))
    assert found.state is State.ERROR
    assert any(reason in node.reason for node in found.children)


def test_where_the_owner_made_the_change_the_next_one_is_asked_and_named() -> None:
    lead = rule("lead", "true", "[{from: [owner], role: lead}]")
    found = decide(company(), new_request(), lead, authors=["ana-1"])
    (node,) = (child for child in found.children if child.name == "lead")
    assert node.state is State.PENDING
    assert "next is group:default/platform" in node.reason
    assert node.children[0].candidates == ("pat-1",)


def test_where_everybody_of_a_named_team_made_the_change_it_is_an_error_that_names_the_fallback() -> None:
    finops = rule("money", "true", "[{from: [group:default/finops]}]")
    found = decide(company(), new_request(), finops, authors=["fay-1"])
    assert found.state is State.ERROR
    assert any("made this change; in their place: group:default/platform" in node.reason for node in found.children)


def test_a_role_holder_who_is_no_member_does_not_count() -> None:
    base = company(**{"teams/one/team.yaml": group("one", "ben", "lead: [user:default/pat]")})
    lead = rule("lead", "true", "[{from: [owner], role: lead}]")
    assert decide(base, {**base, PATH: request("r")}, lead).state is State.ERROR


def test_the_base_says_who_is_in_a_team() -> None:
    head = dict(new_request()) | {
        "teams/one/team.yaml": group("one", "ana, ben, eve", "lead: [user:default/ana, user:default/eve]"),
        "teams/one/eve.yaml": user("eve", "eve-1"),
    }
    lead = rule("lead", "true", "[{from: [owner], role: lead}]")
    found = decide(company(), head, lead)
    assert all("eve-1" not in leaf.candidates for node in found.children for leaf in node.children)


def test_the_base_says_what_the_rules_are() -> None:
    base = company(**{"policies/r.yaml": rule("strict", "true")})
    head = {**base, PATH: request("r"), "policies/r.yaml": rule("strict", "true", "auto")}
    assert "strict" in asked(decide(base, head))


def test_changing_hands_asks_the_earlier_owner_and_the_new_one() -> None:
    base = company(**{"teams/two/team.yaml": group("two", "ben"), PATH: request("r")})
    head = {**base, PATH: request("r", owner="two")}
    found = decide(base, head, rule("owner", 'change.kind == "ResourceRequest"', "[{from: [owner]}]"))
    assert asked(found) == {"owner": ["group:default/one", "group:default/two"]}
    choice = "[{anyOf: [{from: [owner]}, {from: [group:default/finops]}]}]"
    found = decide(base, head, rule("owner", 'change.kind == "ResourceRequest"', choice))
    assert asked(found) == {
        "owner": [
            "1 of: group:default/one, group:default/finops",
            "1 of: group:default/two, group:default/finops",
        ]
    }


def test_moving_a_file_asks_the_owners_of_both_places() -> None:
    base = company(**{"teams/two/team.yaml": group("two", "ben"), "catalog/a/c.yaml": component("c")})
    base |= {"catalog/b/d.yaml": component("d", owner="two")}
    head = {path: text for path, text in base.items() if path != "catalog/a/c.yaml"}
    head["catalog/b/c.yaml"] = base["catalog/a/c.yaml"]
    assert asked(decide(base, head)) == {"code-owners": ["group:default/one", "group:default/two"]}


def test_a_removal_is_seen_as_what_was_there() -> None:
    production = request("r", environment="production")
    base = company(**{PATH: production})
    found = decide(base, company(), rule("production", '"production" in change.environments'))
    assert asked(found) == {"production": ["group:default/platform"]}


def test_leaving_production_is_a_change_to_production() -> None:
    base = company(**{PATH: request("r", environment="production")})
    found = decide(base, new_request(), rule("production", '"production" in change.environments'))
    assert "production" in asked(found)


def test_a_comment_alone_still_needs_an_owner() -> None:
    base = company(**{PATH: request("r")})
    head = {**base, PATH: "# quietly\n" + request("r")}
    assert asked(decide(base, head)) == {"code-owners": ["group:default/one"]}


def test_a_second_document_of_a_name_does_not_hide_behind_the_first() -> None:
    base = company(**{PATH: request("r")})
    head = {**base, PATH: request("r", "gb: 11") + "---\n" + request("r", environment="production")}
    found = decide(base, head, rule("auto", 'change.kind == "ResourceRequest"', "auto"))
    assert asked(found) == {"code-owners": ["group:default/one"]}


def test_a_budget_that_asks_is_a_rule_of_its_own() -> None:
    facts = BudgetFacts(exists=True, approvers=("group:default/finops", "owner", "lead"))
    found = decide(company(), new_request(), rule("auto", "true", "auto"), budget=facts)
    assert asked(found) == {"budget": ["group:default/finops", "group:default/one", "role lead of group:default/one"]}


def test_rules_see_defaults_and_the_owner_as_the_base_has_them() -> None:
    when = "object.spec.config.gb == 10 && owner.memberCount == 2 && cost.complete"
    seen = rule("seen", f'{when} && now > timestamp("2026-01-01T00:00:00Z")')
    assert "seen" in asked(decide(company(), new_request(), seen))


@dataclass(slots=True)
class Announced:
    """A catalog that notes of what it was told that it will be asked, and is asked for no login besides."""

    inside: Catalog
    entities: set[Ref] = field(default_factory=set)
    logins: Counter[Ref] = field(default_factory=Counter)
    sources: Counter[tuple[Ref, str, str | None]] = field(default_factory=Counter)

    def ahead(self, refs: Iterable[Ref]) -> None:
        self.entities.update(refs)

    def ahead_logins(self, refs: Iterable[Ref]) -> None:
        self.logins.update(refs)

    def ahead_sources(self, refs: Iterable[Ref], kind: str, field: str | None = None) -> None:
        self.sources.update((ref, kind, field) for ref in refs)

    def login_of(self, user: Ref) -> str | None:
        assert user in self.logins
        return self.inside.login_of(user)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inside, name)


@pytest.mark.parametrize(
    ("require", "groups", "people"),
    [
        ("auto", set(), {"pat"}),
        (
            f"[{{from: [owner]}}, {{from: [{PLATFORM_TEAM}]}}, {{from: [{GONE}]}}]",
            {"one", "gone"},
            {"ana", "ben", "pat"},
        ),
    ],
)
def test_what_will_be_asked_of_many_is_told_before_and_once(require: str, groups: set[str], people: set[str]) -> None:
    rules = {f"policies/{name}.yaml": rule(name, "true", require) for name in ("first", "second")}
    before, after = catalog({**company(), **rules}), catalog({**new_request(), **rules})
    topics = [Topic(one) for one in subjects(changes(before, after), [PATH], before, after)]
    base = Announced(before)
    found = evaluate(topics, cast(ReviewView, base), after, ReviewFacts(), READING.expressions, NOW)
    assert found == evaluate(topics, before, after, ReviewFacts(), READING.expressions, NOW)
    # The platform's owner may always have to vouch, and was looked for before anybody was asked.
    assert base.entities == {Ref.of("group", name) for name in {"one", *groups}}
    assert base.logins == {Ref.of("user", name): 1 for name in people}
    assert base.sources == {(Ref.of("group", name), "user", "memberOf"): 1 for name in groups}
