"""What is remembered of policies, and what is told without the engine, never changes what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.adapters.schema_check import JsonSchemas, load_kinds
from tarmac.catalog.index import Catalog, build
from tarmac.model.documents import Document
from tarmac.model.expressions import (
    NO_CALLS,
    NO_FUNCTIONS,
    Calls,
    Expression,
    Fact,
    Functions,
)
from tarmac.model.places import Places
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy import check, finding_of
from tarmac.rules.policy_judging import compile_policy, judge
from tarmac.rules.policy_outcomes import Plan
from tarmac.rules.settings import Settings
from tests.examples import examples

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


class Lenient(JsonSchemas):
    """Every document is formed, so that policies speak of all of them."""

    def formed(self, document: Document) -> bool:
        return True


class Counting:
    """The engine, counting how often each expression is evaluated."""

    def __init__(self) -> None:
        self.engine = Cel()
        self.asked: Counter[str] = Counter()

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Expression:
        return _Counted(self, self.engine.compile(source, variables, functions))

    def sure(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> None:
        """No short cut: what is remembered is looked at here."""


class _Counted:
    def __init__(self, owner: Counting, inner: Expression) -> None:
        self.owner, self.inner = owner, inner

    @property
    def source(self) -> str:
        return self.inner.source

    @property
    def gives(self) -> str:
        return self.inner.gives

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        self.owner.asked[self.inner.source] += 1
        return self.inner.evaluate(facts, calls)


def document(index: int, version: str, kind: str, name: str, spec: Mapping[str, Any]) -> Document:
    data: dict[str, Any] = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": dict(spec)}
    return Document(f"catalog/{name}.yaml", index, data, Places(name, lambda: (1, 1, None)))


def policy(name: str, **spec: Any) -> Document:
    wanted = {"match": {"kinds": ["Component"]}, "message": "{object.metadata.name} is wrong", **spec}
    return document(0, "tarmac/v1", "Policy", name, wanted)


def catalog_of(policies: Sequence[Document], specs: Sequence[Mapping[str, Any]]) -> Catalog:
    components = [
        document(0, "backstage.io/v1alpha1", "Component", f"c{number}", spec) for number, spec in enumerate(specs)
    ]
    return build("test", [*policies, *components], (), load_kinds())


def said(catalog: Catalog, expressions: Any) -> list[str]:
    return [
        f"{finding.rule} {finding.entity} {finding.message}"
        for finding in check(catalog, Settings(catalog, NOW, expressions, Lenient()))
    ]


def said_one_by_one(catalog: Catalog) -> list[str]:
    """Each policy asked about each entity, with an engine of its own."""
    found = []
    for entity in catalog.judged():
        for one in catalog.of_kind("policy"):
            if entity.ref.kind == "component":
                compiled = compile_policy(one, Cel())
                facts = PolicyFacts(catalog, catalog, NOW)
                verdict = judge(compiled, facts.of(entity), facts.calls)
                if verdict.outcome == "fail":
                    finding = finding_of(compiled, entity, verdict)
                    found.append(f"{finding.rule} {finding.entity} {finding.message}")
    return found


POLICIES = [
    policy("a-type", require='object.spec.type in ["service", "1"]'),
    policy("b-tier", when='object.spec.?tarmac.?tier.orValue("") == "critical"', require="object.spec.size >= 2"),
    policy("c-null", require="object.spec.?size.orValue(3) != null"),
    policy("d-needs", require='targets(ref, "dependsOn").all(one, exists(one)) // as written'),
    policy("e-name", require='object.metadata.name.matches("^c[0-9]$")'),
    policy("f-other", when="has(object.spec.owner)", require='entity("component:default/c0").spec.type == "service"'),
    policy("g-any", when="object.spec.size", require="true"),
]
VALUES = st.sampled_from([None, True, False, 0, 1, 2, 2.0, 2.5, "1", "service", "true", "", [], ["1"], {}, {"a": 1}])
SPECS = st.dictionaries(
    st.sampled_from(["type", "size", "owner", "tarmac"]), VALUES, max_size=4
) | st.fixed_dictionaries(
    {
        "type": VALUES,
        "tarmac": st.fixed_dictionaries({"tier": st.sampled_from(["critical", "standard", None])}),
        "dependsOn": st.lists(st.sampled_from(["component:c0", "component:none", "c1"]), max_size=2),
    }
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(SPECS, min_size=1, max_size=8))
def test_the_same_is_said_as_of_each_alone(specs: list[dict[str, Any]]) -> None:
    catalog = catalog_of(POLICIES, specs)
    expected = sorted(said_one_by_one(catalog))
    assert sorted(said(catalog, Cel())) == sorted(said(catalog, Counting())) == expected


def test_the_engine_is_asked_once_for_values_that_many_share() -> None:
    engine = Counting()
    catalog = catalog_of(POLICIES[:1], [{"type": "service"}] * 50 + [{"type": "1"}] * 50)
    assert said(catalog, engine) == []
    assert engine.asked == {'object.spec.type in ["service", "1"]': 2}


def test_what_fails_is_asked_again_for_its_own_words() -> None:
    engine = Counting()
    found = said(catalog_of(POLICIES[:1], [{"type": "x"}] * 3), engine)
    assert [line.split()[-3:] for line in found] == [[f"c{number}", "is", "wrong"] for number in range(3)]
    assert engine.asked['object.spec.type in ["service", "1"]'] == 3


def test_what_asks_for_an_instant_is_asked_once_for_the_same_day() -> None:
    engine = Counting()
    source = "past(object.spec.sunset)"
    assert said(catalog_of([policy("a", require=f"!{source}")], [{"sunset": "2026-12-31"}] * 20), engine) == []
    assert engine.asked == {f"!{source}": 1}


def test_a_memory_of_what_is_always_another_value_stays_small() -> None:
    plan = Plan(noted=False)
    memory = plan.memory("object.metadata.name == 'x'")
    assert memory is not None
    for number in range(2000):
        values = plan.values({"metadata": {"name": f"n{number}"}}, None, None)
        assert memory.recall(values) is None
        memory.learn(values, True)
    assert len(memory.known) < 300
