"""How often the engine is asked: not for what short cuts tell, and once for values that many documents share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tarmac.adapters.cel import Cel
from tarmac.adapters.schema_check import load_kinds
from tarmac.catalog.index import build
from tarmac.model.ages import Ages
from tarmac.model.documents import Document
from tarmac.model.expressions import NO_CALLS, NO_FUNCTIONS, Calls, Expression, Fact, Functions, Sure
from tarmac.model.places import Places
from tarmac.model.values import parse_instant
from tarmac.rules.policy import check
from tarmac.rules.policy_unread import Altered
from tarmac.rules.settings import Holds, Settings
from tests.policies.test_judging import Forgetful
from tests.policies.test_outcomes import NOW, Lenient, document

KEPT, NOT_KEPT = 'object.spec.type == "service"', 'object.spec.type == "website"'
APPLIES, NOT_APPLIES = 'object.spec.lifecycle == "production"', 'object.spec.lifecycle == "beta"'
BROKEN = "1 / 0 == 1"


class Asked:
    """An expression whose evaluations are counted."""

    def __init__(self, inner: Expression, counted: Counter[str]) -> None:
        self.inner, self.counted = inner, counted
        self.source, self.gives = inner.source, inner.gives

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        self.counted[self.source] += 1
        return self.inner.evaluate(facts, calls)


class Engine:
    """The engine with short cuts for the expressions of `plain` alone. `asked` counts what the engine evaluates, `told`
    what short cuts do."""

    def __init__(self, *plain: str) -> None:
        self.engine, self.plain = Cel(), plain
        self.asked: Counter[str] = Counter()
        self.told: Counter[str] = Counter()

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Expression:
        return Asked(self.engine.compile(source, variables, functions), self.asked)

    def sure(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Sure | None:
        found = self.engine.sure(source, variables, functions) if source in self.plain else None
        if found is None:
            return None

        def counted(facts: dict[str, Any]) -> bool:
            self.told[source] += 1
            return found(facts)

        return counted


def components(*specs: Mapping[str, Any]) -> list[Document]:
    base = {"type": "service", "lifecycle": "production"}
    return [
        document(0, "backstage.io/v1alpha1", "Component", f"c{number}", {**base, **spec})
        for number, spec in enumerate(specs)
    ]


def policies(*pairs: tuple[str | None, str], match: Mapping[str, Any] | None = None) -> list[Document]:
    found = []
    for number, (when, require) in enumerate(pairs):
        spec = {"severity": "error", "match": match or {"kinds": ["Component"]}, "require": require, "message": "no"}
        spec |= {} if when is None else {"when": when}
        found.append(document(0, "tarmac/v1", "Policy", f"p{number}", spec))
    return found


def said(
    engine: Engine,
    documents: Sequence[Document],
    ages: Ages | None = None,
    altered: Mapping[str, Altered] | None = None,
) -> list[str]:
    catalog = build("test", documents, (), load_kinds())
    known = altered or {}
    settings = Settings(catalog, NOW, engine, Lenient(), ages=ages, altered=lambda entity: known.get(entity.name))
    found = check(catalog, settings)
    return sorted(f"{one.rule} {(one.entity or '').rpartition('/')[2]}" for one in found)


@pytest.mark.parametrize(
    ("when", "require", "plain", "asked", "told", "fails"),
    [
        (None, KEPT, {KEPT}, {}, {KEPT: 3}, False),
        # Whose word is for the engine to say is asked for once more, beside those that need none.
        (None, NOT_KEPT, {NOT_KEPT}, {NOT_KEPT: 3}, {NOT_KEPT: 6}, True),
        (APPLIES, KEPT, {APPLIES, KEPT}, {}, {APPLIES: 3, KEPT: 3}, False),
        (NOT_APPLIES, KEPT, {NOT_APPLIES, KEPT}, {}, {NOT_APPLIES: 3}, False),
        (NOT_APPLIES, KEPT, {NOT_APPLIES}, {}, {NOT_APPLIES: 3}, False),
        (APPLIES, KEPT, {APPLIES}, {APPLIES: 1, KEPT: 1}, {APPLIES: 3}, False),
        (APPLIES, KEPT, {KEPT}, {APPLIES: 1, KEPT: 1}, {}, False),
        (APPLIES, NOT_KEPT, {APPLIES, NOT_KEPT}, {APPLIES: 3, NOT_KEPT: 3}, {APPLIES: 6, NOT_KEPT: 6}, True),
        (None, KEPT, set(), {KEPT: 1}, {}, False),
        (None, NOT_KEPT, set(), {NOT_KEPT: 3}, {}, True),
        (APPLIES, KEPT, set(), {APPLIES: 1, KEPT: 1}, {}, False),
        (APPLIES, NOT_KEPT, set(), {APPLIES: 1, NOT_KEPT: 3}, {}, True),
        (NOT_APPLIES, KEPT, set(), {NOT_APPLIES: 1}, {}, False),
        (BROKEN, KEPT, set(), {BROKEN: 3}, {}, True),
        (None, BROKEN, set(), {BROKEN: 3}, {}, True),
    ],
)
def test_three_documents_of_the_same_values(
    when: str | None, require: str, plain: set[str], asked: Mapping[str, int], told: Mapping[str, int], fails: bool
) -> None:
    engine = Engine(*plain)
    found = said(engine, [*policies((when, require)), *components({}, {}, {})])
    assert found == (["p0 c0", "p0 c1", "p0 c2"] if fails else [])
    assert (engine.asked, engine.told) == (asked, told)


def test_what_is_altered_where_a_policy_does_not_read_is_not_asked_about() -> None:
    engine = Engine(KEPT)
    kind = load_kinds()["backstage.io/v1alpha1", "Component"]
    altered = {
        "c0": Altered(kind, frozenset({("spec", "lifecycle")}), frozenset()),
        "c1": Altered(kind, frozenset({("metadata", "title")}), frozenset()),
        "c2": Altered(kind, frozenset({("metadata", "title")}), frozenset({"p1"})),
    }
    documents = [*policies((None, KEPT), (None, NOT_APPLIES)), *components({}, {}, {}, {})]
    assert said(engine, documents, altered=altered) == ["p1 c0", "p1 c2", "p1 c3"]
    assert engine.told == {KEPT: 1}
    assert engine.asked == {NOT_APPLIES: 3}


def test_what_several_policies_ask_first_is_told_once_for_each_document() -> None:
    engine = Engine(APPLIES, NOT_APPLIES, KEPT)
    pairs = [(APPLIES, KEPT), (APPLIES, KEPT), (NOT_APPLIES, KEPT), (NOT_APPLIES, NOT_KEPT)]
    assert said(engine, [*policies(*pairs), *components({}, {})]) == []
    assert engine.told == {APPLIES: 2, NOT_APPLIES: 2, KEPT: 4}
    assert engine.asked == {}


def test_what_one_policy_needs_the_engine_for_leaves_the_others_as_they_are() -> None:
    engine = Engine(APPLIES, KEPT)
    pairs = [(APPLIES, KEPT), (None, NOT_KEPT), (NOT_APPLIES, KEPT)]
    assert said(engine, [*policies(*pairs), *components({}, {"type": "website"})]) == ["p0 c1", "p1 c0"]
    assert engine.asked == {NOT_KEPT: 2, NOT_APPLIES: 1, APPLIES: 1, KEPT: 1}


def test_other_values_are_asked_for_anew() -> None:
    engine = Engine()
    documents = components({}, {}, {"type": "website"}, {"type": "website"}, {"lifecycle": "beta"})
    assert said(engine, [*policies((APPLIES, KEPT)), *documents]) == ["p0 c2", "p0 c3"]
    assert engine.asked == {APPLIES: 2, KEPT: 3}


def test_whose_it_is_and_how_old_it_is_are_values_too() -> None:
    engine = Engine()
    group = {"type": "team", "children": []}
    teams = [document(0, "backstage.io/v1alpha1", "Group", name, group) for name in ("one", "two")]
    owned, aged = 'owner.name == "one"', 'git.changed == "2026-11-01T00:00:00Z"'
    documents = [
        *policies((None, owned), (None, aged)),
        *teams,
        *components(*({"owner": name} for name in ("one", "two", "one"))),
    ]
    day, other = parse_instant("2026-11-01T00:00:00Z"), parse_instant("2026-11-02T00:00:00Z")
    ages = Ages({"catalog/c0.yaml": day, "catalog/c1.yaml": day, "catalog/c2.yaml": other})
    assert said(engine, documents, ages) == ["p0 c1", "p1 c2"]
    assert engine.asked == {owned: 2, aged: 2}


@pytest.mark.parametrize(
    ("match", "asked"),
    [
        ({"kinds": ["Component"]}, 2),
        ({"kinds": ["Component"], "types": ["website"]}, 1),
        ({"kinds": ["Component"], "environments": ["production"]}, 1),
    ],
)
def test_only_what_is_matched_is_asked_about(match: Mapping[str, Any], asked: int) -> None:
    engine = Engine()
    documents = components({"environment": "production", "size": 1}, {"type": "website", "size": 2})
    assert said(engine, [*policies((None, "object.spec.size > 0"), match=match), *documents]) == []
    assert engine.asked == {"object.spec.size > 0": asked}


def test_what_is_remembered_holds_as_long_as_what_was_asked() -> None:
    engine, heard = Engine(), []
    aged = 'now - timestamp("2026-11-30T00:00:00Z") < days(9)'
    catalog = build("test", [*policies((None, aged)), *components({}, {}, {})], (), load_kinds())
    holds: Holds = lambda since, until: heard.append((since, until))  # noqa: E731
    assert list(check(catalog, Settings(catalog, NOW, engine, Lenient(), holds=holds))) == []
    assert engine.asked[aged] == 1
    assert len(heard) == 2 * 3
    assert len(set(heard)) == 2


def test_an_instant_is_asked_for_anew_where_verdicts_are_kept_with_what_they_rest_on() -> None:
    over = '!past("2026-12-31")'
    catalog = build("test", [*policies((None, over)), *components({}, {}, {})], (), load_kinds())
    for base, asked in ((catalog, 1), (Forgetful(catalog), 3)):
        engine = Engine()
        assert list(check(catalog, Settings(base, NOW, engine, Lenient()))) == []  # type: ignore[arg-type]
        assert engine.asked == {over: asked}


def test_a_place_is_not_looked_for_unless_something_is_said() -> None:
    def never() -> tuple[int, int, None]:
        raise AssertionError

    there = Document("catalog/c.yaml", 0, components({})[0].data, Places("c", never))
    assert said(Engine(KEPT), [*policies((None, KEPT)), there]) == []
