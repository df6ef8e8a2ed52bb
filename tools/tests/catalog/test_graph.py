"""What depends on what, how strongly, how far away, and how bad it is to lose it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.catalog.graph import Relation, dependence, graph
from tarmac.catalog.index import Catalog
from tarmac.catalog.reach import Risk, dependents, impact
from tarmac.catalog.strength import Strength
from tarmac.model.refs import Ref
from tests.trees import PLATFORM, api, catalog_of, component, request


def ref(name: str) -> Ref:
    return Ref.of("component", name)


def catalog(*documents: str, **files: str) -> Catalog:
    return catalog_of(
        {"catalog/all.yaml": "---\n".join(documents)} | {f"{name}.yaml": text for name, text in files.items()}
    )


def reached(found: Catalog, name: str) -> list[tuple[str, int, Strength]]:
    return [(one.ref.name, one.distance, one.strength) for one in dependents(found, ref(name))]


def test_who_depends_on_it_directly_and_through_others_nearest_first() -> None:
    found = catalog(
        component("db"),
        component("store", "dependsOn: [component:db]"),
        component("web", "dependsOn: [component:store]"),
    )
    assert reached(found, "db") == [("store", 1, Strength.HARD), ("web", 2, Strength.HARD)]
    assert dependents(found, ref("db"))[1].path == (ref("web"), ref("store"), ref("db"))


def test_dependency_of_is_depends_on_turned_round() -> None:
    found = catalog(component("db", "dependencyOf: [component:web]"), component("web"))
    assert reached(found, "db") == [("web", 1, Strength.HARD)]


def test_a_consumer_of_an_api_depends_on_its_provider_and_the_api_adds_no_step() -> None:
    found = catalog(
        api("orders"), component("shop", "providesApis: [orders]"), component("web", "consumesApis: [orders]")
    )
    assert reached(found, "shop") == [("web", 1, Strength.HARD)]
    assert [one.path for one in dependents(found, ref("shop"))] == [(ref("web"), Ref.of("api", "orders"), ref("shop"))]
    assert [(one.ref.name, one.distance) for one in dependents(found, Ref.of("api", "orders"))] == [("web", 1)]


@pytest.mark.parametrize(
    ("stated", "strength"),
    [
        ("{ref: component:db, strength: soft}", Strength.SOFT),
        ("{anyOf: [component:db, component:spare]}", Strength.SOFT),
        ("{anyOf: [component:db]}", Strength.HARD),
        ("{ref: component:db}", Strength.HARD),
        ("{ref: component:other, strength: soft}", Strength.HARD),
    ],
)
def test_what_is_not_called_soft_is_hard(stated: str, strength: Strength) -> None:
    spec = f"dependsOn: [component:db, component:spare, component:other], tarmac: {{dependencies: [{stated}]}}"
    found = catalog(component("db"), component("spare"), component("other"), component("web", spec))
    assert reached(found, "db") == [("web", 1, strength)]


def test_a_hard_way_round_a_soft_one_counts() -> None:
    soft = "tarmac: {dependencies: [{ref: component:db, strength: soft}]}"
    found = catalog(
        component("db"),
        component("store", "dependsOn: [component:db]"),
        component("web", f"dependsOn: [component:db, component:store], {soft}"),
    )
    assert reached(found, "db") == [("store", 1, Strength.HARD), ("web", 1, Strength.HARD)]


def test_a_cycle_ends_and_nothing_depends_on_itself() -> None:
    found = catalog(component("a", "dependsOn: [component:b]"), component("b", "dependsOn: [component:a]"))
    assert reached(found, "a") == [("b", 1, Strength.HARD)]


@pytest.mark.parametrize(
    ("others", "tier", "risk"),
    [
        (0, "standard", Risk.LOW),
        (0, "critical", Risk.MEDIUM),
        (1, "standard", Risk.MEDIUM),
        (4, "standard", Risk.MEDIUM),
        (5, "standard", Risk.HIGH),
        (9, "standard", Risk.HIGH),
        (10, "standard", Risk.CRITICAL),
    ],
)
def test_risk_follows_the_platforms_thresholds(others: int, tier: str, risk: Risk) -> None:
    documents = [component(f"user-{number}", "dependsOn: [component:db]") for number in range(others)]
    found = catalog(component("db", f"tarmac: {{tier: {tier}}}"), *documents, platform=PLATFORM)
    assert impact(found, ref("db")).risk is risk


def test_one_critical_dependent_is_high_unless_it_needs_it_only_softly() -> None:
    tarmac = "tarmac: {tier: critical, dependencies: [{ref: component:db, strength: %s}]}"
    for strength, risk in (("hard", Risk.HIGH), ("soft", Risk.MEDIUM)):
        found = catalog(component("db"), component("web", f"dependsOn: [component:db], {tarmac % strength}"))
        assert impact(found, ref("db")).risk is risk


def test_impact_names_owners_and_counts_tiers() -> None:
    found = catalog(
        component("db"),
        component("web", "dependsOn: [component:db], tarmac: {tier: critical}", owner="front"),
        component("job", "dependsOn: [component:web]", owner="back"),
    )
    hit = impact(found, ref("db"))
    assert [owner.name for owner in hit.owners] == ["back", "front"]
    assert dict(hit.tiers) == {"critical": 1, "untiered": 1}
    assert [one.ref.name for one in hit.direct] == ["web"]
    assert [one.ref.name for one in hit.transitive] == ["job"]


def test_the_graph_around_a_thing_is_bounded_by_depth_and_names_what_is_missing() -> None:
    found = catalog(
        component("a", "dependsOn: [component:b], system: shop"), component("b", "dependsOn: [component:c]"),
        component("c", "dependsOn: [component:gone]"),
    )  # fmt: skip
    near = graph(found, ref("a"), 1)
    assert [node.name for node in near.nodes] == ["a", "b", "shop"]
    assert {edge.relation for edge in near.edges} == {Relation.DEPENDS_ON, Relation.PART_OF}
    assert [node.name for node in graph(found).missing] == ["gone", "shop"]


def test_a_request_hangs_on_what_it_is_for_and_depends_on_nothing() -> None:
    found = catalog(component("shop"), request("disk"))
    (edge,) = graph(found).edges
    assert (edge.source.name, edge.relation, edge.target.name) == ("disk", Relation.IS_FOR, "shop")
    assert list(dependents(found, ref("shop"))) == []


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=24))
def test_dependents_are_exactly_what_a_plain_search_reaches(pairs: Sequence[tuple[int, int]]) -> None:
    names = [f"n{number}" for number in range(8)]
    needs = {name: sorted({names[b] for a, b in pairs if names[a] == name}) for name in names}
    documents = [
        component(name, f"dependsOn: [{', '.join(f'component:{need}' for need in needs[name])}]") for name in names
    ]
    found = catalog(*documents)
    edges = {(edge.source.name, edge.target.name) for edge in dependence(found)}
    for name in names:
        steps = {name: 0}
        rim = [name]
        while rim:
            step = steps[rim[0]] + 1
            rim = sorted({a for a, b in edges if b in rim and a not in steps})
            steps |= dict.fromkeys(rim, step)
        answer = dependents(found, ref(name))
        assert {one.ref.name: one.distance for one in answer} == {n: d for n, d in steps.items() if n != name}
        assert len({one.ref for one in answer}) == len(answer)
        for one in answer:
            assert len(one.path) == one.distance + 1
            assert all((a.name, b.name) in edges for a, b in zip(one.path, one.path[1:], strict=False))
