"""What is told of a document before it is put away, and of which documents nothing is told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tarmac.adapters.shelf import FileShelf
from tarmac.app.load import load
from tarmac.app.wire import reading
from tarmac.catalog.index import Catalog
from tarmac.model.documents import Document, Profile, Told
from tarmac.model.expressions import LONG_TEXT
from tarmac.rules import policy_early
from tarmac.rules.policy import early
from tarmac.rules.policy_early import Early
from tests.app.test_foretold import LEFT, TIERED, policy, verdict
from tests.trees import PLATFORM, Memory, api, component, group, request

ALONE = policy("alone", 'object.spec.lifecycle == "production"')
# True for each of the documents here, and asked of the index.
OWNED = 'targets(ref, "owner").size() == 1'


def heard(policies: Sequence[str], documents: Sequence[str], before: str = "") -> tuple[Early, Catalog]:
    """Who heard of the documents, and the catalog of them; `before` comes before the policies in their folder."""
    files = {f"policies/{at}.yaml": text for at, text in enumerate((before, *policies)) if text}
    files |= {f"catalog/{at}.yaml": text for at, text in enumerate(documents)}
    by = reading(FileShelf(room=0, asked_for=0))
    telling = early(by.expressions, by.gate.kinds)
    return telling, load(Memory(files), by, hear=telling.hear).catalog


def notes(policies: Sequence[str], *documents: str) -> list[Told | None]:
    """What is told of each of the documents."""
    catalog = heard(policies, documents)[1]
    by_path = {entity.path: entity.document.told for entity in catalog.entities.values()}
    return [by_path[f"catalog/{at}.yaml"] for at in range(len(documents))]


def told(policies: Sequence[str], *documents: str) -> list[Told]:
    """The same, where something is told of each."""
    found = [one for one in notes(policies, *documents) if one is not None]
    assert len(found) == len(documents)
    return found


def policies_of(catalog: Catalog) -> list[Document]:
    return [entity.document for entity in catalog.of_kind("policy")]


def budget(name: str, quota: str = "{}") -> str:
    return (
        f"apiVersion: tarmac/v1\nkind: Budget\nmetadata: {{name: {name}}}\nspec: {{team: group:one, quota: {quota}}}\n"
    )


def tiered(name: str, tier: str) -> str:
    return component(name, f"more: {{tier: {tier}}}")


# --- what is told ------------------------------------------------------------------------------------------------


def test_documents_that_settle_all_that_is_asked_share_one_note_that_holds_nothing_of_them() -> None:
    tier = policy("tier", 'object.spec.more.tier in ["standard", "critical"]')
    one, other = told([ALONE, tier], tiered("a", "standard"), tiered("b", "critical"))
    assert one is other
    assert one.object == one.given == {}


def test_of_what_is_left_the_note_holds_what_that_reads_and_no_more() -> None:
    one, other, again = told([ALONE, LEFT], tiered("a", "standard"), tiered("b", "critical"), tiered("c", "standard"))
    assert one is again
    assert (one.object, other.object) == (
        {"spec": {"more": {"tier": "standard"}}},
        {"spec": {"more": {"tier": "critical"}}},
    )


def test_documents_that_differ_where_nobody_reads_share_a_note() -> None:
    documents = [component(name, f"more: {{tier: standard, note: {name}}}, subject: {name}") for name in "ab"]
    one, other = told([LEFT], *documents)
    assert one is other


def test_what_a_policy_first_asks_of_the_document_is_settled_where_it_looks_at_it_and_where_it_does_not() -> None:
    asked = policy("asked", f'{OWNED} && object.spec.lifecycle == "production"', 'object.spec.more.tier == "critical"')
    taken, skipped = told([asked], tiered("a", "critical"), tiered("b", "standard"))
    assert taken.object == {"spec": {"lifecycle": "production"}}
    assert skipped.object == {}


def test_what_a_policy_first_asks_of_others_is_left() -> None:
    asked = policy("asked", 'object.spec.more.tier == "critical"', 'referring(ref, "SLA").size() > 0')
    other = policy("other", OWNED, 'object.spec.lifecycle == "production"')
    (one,) = told([asked, other], tiered("a", "standard"))
    assert one.object == {"spec": {"more": {"tier": "standard"}}}


@pytest.mark.parametrize(
    "specs",
    [
        ("more: {a: {}}", "more: {b: {}}", "more: {}", "more: {a: {}, b: {}}", "kept: {}"),
        ("more: {a: {x: 1}}", "more: {b: {y: 1}}", "more: {a: {x: '1'}}", "more: {a: {x: true}}", "more: {a: 1}"),
        ("more: {a: {x: n}}", "more: {b: {y: n}}", "more: {a: n}", "more: {b: n}", "more: n"),
        ("more: {a: {x: {}}}", "more: {a: {x: []}}", "more: {a: []}", "more: []", "more: null", "more: {a: null}"),
    ],
)
def test_documents_that_differ_where_somebody_reads_are_told_apart(specs: Sequence[str]) -> None:
    read = policy("read", f"{OWNED} && (!has(object.spec.more.a.x) || !has(object.spec.more.b.y) || true)")
    found = told([read], *(component(f"c{at}", spec) for at, spec in enumerate(specs)))
    assert len({id(one) for one in found}) == len(specs)
    assert len({repr(one.object) for one in found}) == len(specs)


def test_what_is_given_of_a_document_is_what_is_read_of_any_by_its_name() -> None:
    by_name = policy("by-name", 'entity("component:default/a").spec.more.tier == "standard"', kinds="Component, API")
    one, other, another = told([by_name], tiered("a", "standard"), tiered("b", "critical"), api("c"))
    assert (one.given, other.given) == (
        {"spec": {"more": {"tier": "standard"}}},
        {"spec": {"more": {"tier": "critical"}}},
    )
    assert another.given == {"spec": {}}
    assert one.object == {}


def test_where_all_of_a_document_is_read_by_its_name_it_is_not_told_what_is_given_of_it() -> None:
    whole = policy("whole", 'entity("component:default/a").size() > 1 || exists(ref)')
    named = policy("named", 'entity("component:default/a").spec.more.tier != "" || exists(ref)')
    one, other = told([whole, named], tiered("a", "standard"), tiered("b", "critical"))
    assert one is other
    assert one.given is None


def test_it_is_told_whether_a_name_is_written_as_in_its_reference() -> None:
    assert [one.named for one in told([ALONE], component("low"), component("Loud"))] == [True, False]


def test_it_is_told_whether_a_document_says_how_much_it_needs_others() -> None:
    soft = "dependsOn: [component:a], tarmac: {dependencies: [{ref: component:a, strength: soft}]}"
    documents = component("a"), component("b", "tarmac: {tier: critical}"), component("c", soft), component("d")
    assert [one.hard for one in told([ALONE], *documents)] == [True, True, False, True]


KEPT = policy("kept", 'object.spec.type == "team"', kinds="Group")


def test_what_others_ask_of_a_group_is_told_of_each_by_itself() -> None:
    says = (
        ("name: two", "name: two, labels: {cost-center: c-2}"),
        ("acme/two", "acme/two, tarmac/slack-channel: '#two'"),
        ("type: team", "type: team, profile: {email: two@example.com}"),
    )
    reached = group("two")
    for plain, more in says:
        reached = reached.replace(plain, more)
    roles = group("one", roles="lead: []"), group("three", roles="lead: [], deputy: [user:a]")
    one, two, three = (found.profile for found in told([KEPT], roles[0], reached, roles[1]))
    assert repr(one) == repr(Profile(None, None, None, {"lead": []}))
    assert repr(two) == repr(Profile("two@example.com", "#two", "c-2", {}))
    assert repr(three) == repr(Profile(None, None, None, {"lead": [], "deputy": ["user:a"]}))


@pytest.mark.parametrize("policies", [(), ('object.spec.team != ""',)])
def test_what_a_budget_says_of_requests_is_told_whether_policies_look_at_it_or_not(policies: Sequence[str]) -> None:
    quotas = ("3", "3", "true", "1", "'3'", "null")
    budgets = [budget(f"b{at}", f"{{requests: {quota}}}") for at, quota in enumerate(quotas)]
    found = told(
        [KEPT, *(policy("budgets", require, kinds="Budget") for require in policies)], *budgets, budget("none")
    )
    assert [repr(one.quota) for one in found] == ["3", "3", "True", "1", "'3'", "None", "None"]
    assert found[0] is found[1]
    assert len({id(one) for one in found}) == len({"3", "true", "1", "'3'", "null"})


# --- of what nothing is told -------------------------------------------------------------------------------------


def test_of_requests_and_of_kinds_that_no_policy_looks_at_nothing_is_told() -> None:
    named = policy("named", 'object.metadata.name != ""', kinds="ResourceRequest, Component")
    request_, api_, component_ = notes([named], request("a"), api("b"), component("c"))
    assert request_ is api_ is None
    assert component_ is not None


@pytest.mark.parametrize(
    ("require", "when"),
    [
        ("double(object.spec.more.n) > 0.5", ""),
        ("object.spec.more.list.map(x, x) == [\"a\"]", ""),
        ("double(object.spec.more.n) > 0.5", 'object.spec.type == "service"'),
        ('object.spec.type == "website"', "double(object.spec.more.n) < 0.5"),
    ],
)  # fmt: skip
def test_where_only_the_engine_can_tell_nothing_is_told_and_who_fails_fails(require: str, when: str) -> None:
    engine = policy("engine", require, when)
    bad = component("bad", "more: {n: 0, list: [b]}")
    assert notes([ALONE, engine], bad) == [None]
    assert '"rule": "engine"' in verdict({"policies/a.yaml": ALONE, "policies/b.yaml": engine, "catalog/a.yaml": bad})


@pytest.mark.parametrize(
    ("require", "when"),
    [
        # It fails, or whether it does is for the engine to say.
        ('object.spec.type == "website"', ""),
        ("object.spec.gone", ""),
        ('object.spec.type == "website"', 'object.spec.lifecycle == "production"'),
        (OWNED, "object.spec.gone"),
        # It reads all of the document, now or as it was.
        (f"{OWNED} && object.size() > 1", ""),
        (f"{OWNED} && object == old", ""),
        (f"{OWNED} && old.spec.type == object.spec.type", ""),
        (OWNED, "old.spec.type == object.spec.type"),
    ],
)
def test_nothing_is_told_of_a_document_that_is_asked_for_again(require: str, when: str) -> None:
    assert notes([ALONE, policy("other", require, when)], component("a")) == [None]


def test_of_so_many_different_documents_it_is_told_and_of_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_early, "_MOST", 2)
    one, other, none, again = notes([LEFT], *(tiered(f"c{at}", tier) for at, tier in enumerate("abca")))
    assert one is not None
    assert other is not None
    assert none is None
    assert again is one


@pytest.mark.parametrize("apart", ["the policies that look", "the policies that are left"])
def test_so_many_groups_of_policies_are_known_and_no_more(apart: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_early, "_MOST_GROUPS", 1)
    service = policy("service", OWNED, 'object.spec.type == "service"')
    if apart == "the policies that look":
        service = policy("service", OWNED).replace("kinds: [Component]", "kinds: [Component], types: [service]")
    website = component("b").replace("type: service", "type: website")
    one, none, again = notes([service], component("a"), website, component("c"))
    assert one is not None
    assert none is None
    assert again is one


def described(name: str, definition: str) -> str:
    found = api(name).replace("definition: text", f"definition: {definition}")
    assert found != api(name)
    return found


DESCRIBED = policy("described", 'entity("api:default/a").spec.definition != ""', kinds="API, Component")


def test_a_long_text_is_told_as_no_more_than_one_so_that_many_share_a_note() -> None:
    almost, *long = (described(*one) for one in (("a", "x" * 99), ("b", "x" * 100), ("c", "y" * 2_000)))
    short, one, other = told([DESCRIBED], almost, *long)
    assert short.given == {"spec": {"definition": "x" * 99}}
    assert one is other
    assert one.given == {"spec": {"definition": LONG_TEXT}}


@pytest.mark.parametrize("definition", ["x" * 2_001, '"' + "x" * 400 + '\\0"', f"[{'x' * 400}]"])
def test_where_what_is_given_is_longer_it_is_told_of_no_other_of_the_kind_but_all_else_is(definition: str) -> None:
    long, short = (described(name, definition) for name in "ab"), component("c")
    first, second, other = notes([DESCRIBED], *long, short)
    assert first is None
    assert second is not None
    assert second.given is None
    assert other is not None
    assert other.given == {"spec": {}}


def test_where_what_is_asked_is_long_itself_nothing_is_told() -> None:
    long = policy("long", f'{OWNED} && object.spec.more.tier != ""')
    by_name = policy("by-name", 'exists(ref) || entity("component:default/a").spec.type == "service"')
    documents = [tiered(name, f"[{name * 400}]") for name in "abc"]
    assert notes([long, by_name], *documents) == [None, None, None]
    assert notes([long, by_name], *documents, tiered("d", "standard"))[3] is not None


# --- by which policies -------------------------------------------------------------------------------------------


def test_the_book_is_that_of_the_policies_that_were_heard_of_and_of_no_others() -> None:
    telling, catalog = heard([ALONE, LEFT], [component("a", TIERED)])
    policies = policies_of(catalog)
    assert telling.book(policies) is not None
    assert telling.book(policies[:1]) is None
    assert telling.book(()) is None
    assert telling.book(policies_of(heard([ALONE, LEFT], ())[1])) is None


def test_what_stands_before_the_policies_in_their_folder_is_not_taken_for_what_comes_behind_them() -> None:
    telling, catalog = heard([ALONE], [component("a")], before=PLATFORM)
    assert telling.book(policies_of(catalog)) is not None


def test_nothing_heard_is_no_book() -> None:
    telling, catalog = heard([ALONE], ())
    assert telling.book(policies_of(catalog)) is None
