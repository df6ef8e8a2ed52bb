"""What functions of policies answer is kept, and is what the catalog says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tarmac.model.documents import Entity, Told, foretell
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import BadReference, Ref
from tarmac.rules import kept_answers
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.kept_answers import Extracts, KeptAnswers
from tarmac.rules.policy_short import ShortCuts
from tests.rules.worlds import NOW, catalog_of

CATALOG = catalog_of("""\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders}
spec:
  type: service
  lifecycle: production
  owner: payments
  dependsOn: ["component:billing", "component:mail", "component:default/billing", "component:"]
  providesApis: [shop, "api:default/shop"]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: billing}
spec: {type: service, lifecycle: production, owner: payments}
""")
ORDERS, BILLING, MAIL = (f"component:default/{name}" for name in ("orders", "billing", "mail"))
NAMES = ("entity", "exists", "targets", "needs", "referring", "together")


def kept(filled: list[str] | None = None) -> KeptAnswers:
    def filled_in(entity: Entity) -> Mapping[str, JsonValue]:
        if filled is not None:
            filled.append(entity.name)
        return {"filled": entity.name}

    return KeptAnswers(CATALOG, filled_in)


def test_each_is_known_by_the_name_that_policies_call_it() -> None:
    answers = kept()
    assert answers.functions == {name: getattr(answers, name) for name in NAMES}


def test_an_entity_is_filled_in_once_and_what_does_not_exist_is_empty() -> None:
    filled: list[str] = []
    answers = kept(filled)
    assert answers.entity(ORDERS) == {"filled": "orders"}
    assert answers.entity(ORDERS) is answers.entity(ORDERS)
    assert answers.entity(BILLING) == {"filled": "billing"}
    assert answers.entity(MAIL) == {}
    assert answers.entity(MAIL) == {}
    assert filled == ["orders", "billing"]


def test_it_is_told_whether_an_entity_exists() -> None:
    answers = kept()
    for _ in range(2):
        assert answers.exists(ORDERS) is True
        assert answers.exists(MAIL) is False


def test_targets_are_those_of_the_field_each_once_in_the_order_written() -> None:
    answers = kept()
    for _ in range(2):
        assert answers.targets(ORDERS, "dependsOn") == [BILLING, MAIL]
        assert answers.targets(ORDERS, "providesApis") == ["api:default/shop"]
        assert answers.targets(ORDERS, "consumesApis") == []
        assert answers.targets(BILLING, "dependsOn") == []
        assert answers.targets(MAIL, "owner") == []
    assert answers.targets(ORDERS, "dependsOn") is answers.targets(ORDERS, "dependsOn")
    assert answers.targets(BILLING, "owner") == ["group:default/payments"]


def test_an_entity_needs_what_it_depends_on_and_is_known_to_who_refers_to_it() -> None:
    answers = kept()
    for _ in range(2):
        assert answers.needs(ORDERS) == [BILLING, MAIL]
        assert answers.needs(MAIL) == []
        assert answers.exists(ORDERS)
        assert answers.referring(BILLING, "Component") == [ORDERS]
        assert answers.referring("group:default/payments", "Component") == [BILLING, ORDERS]
        assert answers.referring(BILLING, "API") == []


def test_what_is_told_to_be_asked_about_is_looked_up_nowhere() -> None:
    asked: list[Ref] = []

    class Counting:
        def get(self, ref: Ref) -> Entity | None:
            asked.append(ref)
            return CATALOG.get(ref)

        def __getattr__(self, name: str) -> Any:
            return getattr(CATALOG, name)

    answers = KeptAnswers(Counting(), lambda entity: entity.data)  # type: ignore[arg-type]  # as much as is asked for
    orders = CATALOG.get(ORDERS)
    assert orders is not None
    answers.about(ORDERS, orders)
    assert answers.exists(ORDERS)
    assert answers.targets(ORDERS, "dependsOn") == [BILLING, MAIL]
    assert asked == []
    assert answers.exists(BILLING)
    assert asked == [Ref("component", "default", "billing")]


def test_a_namespace_that_is_none_makes_no_reference_mean_another() -> None:
    names = [("d", "a/b"), ("b/d", "a"), ("z", "a")]
    content = "---\n".join(
        f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        for name, namespace in names
    )
    catalog = catalog_of(content)
    text, last = "component:a/b/d", "component:a/z"
    answers = KeptAnswers(catalog, lambda entity: {"name": entity.name})
    for entity in catalog.of_kind("component"):
        answers.about(str(entity.ref), entity)
        # It is given for both.
        assert answers.together(last) == [text, text, last]
        assert answers.entity(text) == {"name": "b/d"}


def test_together_are_the_entities_of_the_file_of_one_that_exists() -> None:
    answers = kept()
    for _ in range(2):
        assert answers.together(BILLING) == [ORDERS, BILLING]
        assert answers.together(MAIL) == []
    # A file may hold thousands.
    assert answers.together(BILLING) is answers.together(ORDERS)
    alone = KeptAnswers(
        catalog_of("apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: ana}\n"), lambda _: {}
    )
    assert alone.together("USER:ana") == ["user:default/ana"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_full_reference_is_refused_each_time(name: str) -> None:
    answers = kept()
    more = {"targets": ("dependsOn",), "referring": ("Component",)}.get(name, ())
    for _ in range(2):
        with pytest.raises(BadReference):
            answers.functions[name]("orders", *more)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", [ORDERS, BILLING, MAIL, "component:orders", "COMPONENT:Default/Orders"])
def test_answers_are_those_that_are_not_kept(name: str, text: str) -> None:
    facts = PolicyFacts(CATALOG, CATALOG, NOW)
    answers = KeptAnswers(CATALOG, lambda entity: entity.data)
    for field in ("dependsOn", "providesApis", "owner", "system", "Component"):
        more: tuple[Any, ...] = (field,) if name in ("targets", "referring") else ()
        assert answers.functions[name](text, *more) == facts.calls[name](text, *more)


NEEDS = catalog_of("""\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders}
spec:
  type: service
  lifecycle: production
  owner: payments
  consumesApis: [mail, shop, none, mail]
  dependsOn: ["component:billing", "resource:db", "component:nowhere"]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: soft}
spec:
  owner: payments
  consumesApis: [mail]
  dependsOn: ["component:billing", "resource:db", "component:one"]
  tarmac:
    dependencies:
      - {ref: "component:billing", strength: soft}
      - {anyOf: ["component:one", "component:two"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: two}
spec: {owner: payments, providesApis: [mail], dependsOn: ["component:orders"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: one}
spec: {owner: payments, providesApis: [mail, shop]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: queue}
spec: {owner: payments, type: queue, dependencyOf: ["component:two", "component:two"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: billing}
spec: {owner: payments, dependencyOf: ["component:orders", "component:soft", "component:later"]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: db}
spec: {owner: payments, type: database, dependencyOf: ["component:orders", "component:orders"]}
""")


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("orders", ["component:two", "component:one", "component:billing", "resource:db", "component:nowhere"]),
        ("soft", ["component:two", "component:one", "resource:db"]),
        ("two", ["component:orders", "resource:queue"]),
        ("one", []),
        ("later", ["component:billing"]),
        ("nowhere", []),
    ],
)
def test_what_an_entity_needs_is_told_each_once_by_what_is_known_already(name: str, needed: list[str]) -> None:
    text = f"component:default/{name}"
    full = [str(Ref.parse(one)) for one in needed]
    answers = KeptAnswers(NEEDS, lambda entity: entity.data)
    for _ in range(2):
        assert answers.needs(text) == full
    # Nobody is handed what is kept.
    answers.needs(text).append("more")
    answers.targets(text, "dependsOn")
    assert answers.needs(text) == full == PolicyFacts(NEEDS, NEEDS, NOW).calls["needs"](text)


def test_who_refers_to_an_entity_twice_is_told_once() -> None:
    answers = KeptAnswers(NEEDS, lambda entity: entity.data)
    assert answers.referring("component:default/orders", "RESOURCE") == ["resource:default/db"]
    assert answers.referring("component:default/orders", "component") == [BILLING, "component:default/two"]


LIFECYCLE, OWNER, ALL = (frozenset({path}) for path in (("spec", "lifecycle"), ("spec", "owner"), ()))


def filled_in(entity: Entity) -> Mapping[str, JsonValue]:
    return {"filled": entity.name}


def test_of_what_is_asked_for_only_what_is_read_is_kept_beyond_a_turn() -> None:
    extracts = Extracts()
    extracts.reading(LIFECYCLE)
    first = KeptAnswers(CATALOG, filled_in, extracts)
    taken = first.entity(ORDERS)
    assert taken == {"spec": {"lifecycle": "production"}}
    assert first.entity(MAIL) == {}
    following = KeptAnswers(CATALOG, filled_in, extracts)
    assert following.entity(ORDERS) is taken
    assert following.entity(MAIL) == {}
    extracts.reading(OWNER)
    assert following.entity(ORDERS) == {"spec": {"owner": "payments"}}
    extracts.reading(LIFECYCLE)
    assert following.entity(ORDERS) is taken


def test_only_what_is_asked_for_is_named_and_what_is_asked_for_later_is_named_then() -> None:
    named: list[Ref] = []

    class Naming(KeptAnswers):
        def _text_of(self, ref: Ref) -> str:
            named.append(ref)
            return super()._text_of(ref)

    answers = Naming(CATALOG, filled_in, Extracts())
    assert answers.targets(ORDERS, "providesApis") == ["api:default/shop"]
    assert answers.targets(ORDERS, "consumesApis") == []
    assert {ref.name for ref in named} == {"shop"}
    assert answers.needs(ORDERS) == [BILLING, MAIL]
    assert {ref.name for ref in named} == {"shop", "billing", "mail"}
    for _ in range(2):
        assert answers.targets(ORDERS, "owner") == ["group:default/payments"]
        assert answers.targets(ORDERS, "dependsOn") == [BILLING, MAIL]
        assert answers.targets(ORDERS, "providesApis") == ["api:default/shop"]
        assert answers.targets(BILLING, "owner") == ["group:default/payments"]


def test_what_is_read_as_a_whole_is_kept_for_a_turn() -> None:
    extracts = Extracts()
    answers = KeptAnswers(CATALOG, filled_in, extracts)
    # Nobody has said yet what is read.
    assert answers.entity(ORDERS) == {"filled": "orders"}
    extracts.reading(ALL)
    assert KeptAnswers(CATALOG, filled_in, extracts).entity(BILLING) == {"filled": "billing"}
    assert extracts.known == {}


def test_what_the_type_of_a_request_adds_is_read_too() -> None:
    extracts = Extracts()
    extracts.reading(LIFECYCLE)
    catalog = catalog_of("""\
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: orders-db}
spec: {type: postgres@1, owner: payments, environment: staging}
""")
    request = next(iter(catalog.entities.values()))
    assert not extracts.suffice(request)
    answers = KeptAnswers(catalog, filled_in, extracts)
    assert answers.entity("resourcerequest:default/orders-db") == {"filled": "orders-db"}
    assert extracts.known == {}


TOLD = {"spec": {"lifecycle": "told"}}


def foretold(given: Mapping[str, JsonValue] | None) -> Entity:
    """A component of which it was told what is given of it."""
    catalog = catalog_of("""\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: billing}
spec: {type: service, lifecycle: production, owner: payments}
""")
    (entity,) = catalog.entities.values()
    foretell(entity.document, Told(left=ShortCuts([]), object={}, given=given, named=True, hard=True))
    return entity


@pytest.mark.parametrize(
    ("extracts", "given", "expected"),
    [
        (Extracts(told=True), TOLD, TOLD),
        (Extracts(told=True), None, {"spec": {"lifecycle": "production"}}),
        # It was told by other policies, which may read something else.
        (Extracts(told=False), TOLD, {"spec": {"lifecycle": "production"}}),
        (Extracts(), TOLD, {"spec": {"lifecycle": "production"}}),
    ],
)
def test_what_was_told_of_a_document_is_given_where_it_was_told_by_the_same_policies(
    extracts: Extracts, given: Mapping[str, JsonValue] | None, expected: Mapping[str, JsonValue]
) -> None:
    extracts.reading(LIFECYCLE)
    entity = foretold(given)
    for _ in range(2):
        answers = KeptAnswers(CATALOG, filled_in, extracts)
        answers.about(BILLING, entity)
        for _ in range(2):
            assert answers.entity(BILLING) == expected


def test_so_many_extracts_are_kept_and_then_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "_MOST", 1)
    extracts = Extracts()
    extracts.reading(LIFECYCLE)
    answers = KeptAnswers(CATALOG, filled_in, extracts)
    answers.entity(ORDERS)
    assert extracts.known.keys() == {ORDERS}
    answers.entity(BILLING)
    assert extracts.known.keys() == {BILLING}
