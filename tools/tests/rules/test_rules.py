"""Rules over many catalogs: circles, near names, bounds to the second, exemptions, focus, and any data at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters.files import WorkingTree
from tarmac.adapters.schema_check import load_kinds
from tarmac.adapters.yaml_reader import read_documents
from tarmac.app.load import load as load_tree
from tarmac.app.wire import reading
from tarmac.catalog.index import Catalog, build
from tarmac.model.documents import Document
from tarmac.model.findings import Finding, in_order
from tarmac.model.json_value import JsonValue
from tarmac.model.places import Place, Places
from tarmac.rules import judge, load, run
from tarmac.rules.near import Near
from tests.examples import examples
from tests.rules.worlds import NOW, catalog_of, settings_of

FILE = "policies/platform.yaml"
REPOS = Path(__file__).parents[1] / "repos"


def found(rule: str, catalog: Catalog, now: datetime = NOW) -> tuple[Finding, ...]:
    """What one rule says of a catalog that judges itself."""
    return tuple(load(rule).find(catalog, settings_of(catalog, now)))


# --- circles ---------------------------------------------------------------------------------------------------

edges = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), max_size=14)


def graph_of(given_edges: list[tuple[int, int, bool]]) -> tuple[Catalog, set[tuple[int, int]]]:
    """Components with these dependencies, and those of them that are hard."""
    needs: dict[int, dict[int, bool]] = {node: {} for node in range(7)}
    for one, other, soft in given_edges:
        needs[one][other] = soft
    documents = []
    for node, targets in needs.items():
        eased = ", ".join(f"{{ref: component:c{target}, strength: soft}}" for target in targets if targets[target])
        documents.append(
            f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: c{node}}}\nspec:\n"
            f"  dependsOn: [{', '.join(f'component:c{target}' for target in targets)}]\n"
            f"  tarmac: {{dependencies: [{eased}]}}\n"
        )
    hard = {(one, other) for one, targets in needs.items() for other in targets if not targets[other]}
    return catalog_of("---\n".join(documents)), hard


@given(edges)
def test_a_circle_is_told_where_and_only_where_there_is_one(given_edges: list[tuple[int, int, bool]]) -> None:
    catalog, hard = graph_of(given_edges)
    reach = set(hard)
    for middle in range(7):
        reach |= {(a, d) for a, b in reach if b == middle for c, d in reach if c == middle}
    knots = {frozenset(b for b in range(7) if (a, b) in reach and (b, a) in reach) for a in range(7) if (a, a) in reach}
    findings = found("cycle", catalog)
    assert len(findings) == len(knots)
    for finding in findings:
        way = [int(step[-1]) for step in finding.message.split(": ", 1)[1].split(" -> ")]
        assert way[0] == way[-1] == min(way)
        assert all(step in hard for step in pairwise(way))
        assert frozenset(way) <= next(knot for knot in knots if way[0] in knot)


def test_a_circle_of_thousands_is_found_without_recursion_and_told_in_a_line() -> None:
    size = 5_000
    documents: list[JsonValue] = [
        {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Domain",
            "metadata": {"name": f"d{number:04}"},
            "spec": {"owner": "x", "subdomainOf": f"d{(number + 1) % size:04}"},
        }
        for number in range(size)
    ]
    (finding,) = found("cycle", built(documents))
    assert finding.message.startswith("a circle of subdomainOf: domain:default/d0000 -> domain:default/d0001")
    assert finding.message.endswith("-> (4993 more) -> domain:default/d0000")


# --- near names ------------------------------------------------------------------------------------------------

names = st.text(st.sampled_from("abcde-"), min_size=4, max_size=12)


@given(names, st.integers(0, 11), st.sampled_from("xyz"), st.sampled_from(["drop", "add", "swap", "replace"]))
def test_one_slip_of_the_hand_leads_back(name: str, at: int, letter: str, slip: str) -> None:
    at %= len(name)
    slipped = {
        "drop": name[:at] + name[at + 1 :],
        "add": name[:at] + letter + name[at:],
        "replace": name[:at] + letter + name[at + 1 :],
        "swap": name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    }[slip]
    assert Near([name]).of(slipped) == name


def test_nothing_is_near_what_is_far_and_the_choice_is_always_the_same() -> None:
    assert Near(["payments", "orders"]).of("shipping") is None
    assert Near(["b-x", "a-x"]).of("c-x") == "a-x"
    assert Near(["payments"]).of("payments-api") == "payments"
    assert Near(["a" * 5_000]).of("a" * 4_999) is None


# --- bounds ------------------------------------------------------------------------------------------------------

TYPE = """
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: db}
spec: {versions: [{name: 1.0.0, schema: {}}], environments: {dev: {ttl: {max: 30d}}, open: {ttl: {}}}}
---
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: one}
"""


@given(st.integers(1, 60), st.integers(0, 86_399))
def test_a_lifetime_may_reach_the_maximum_and_not_pass_it(days: int, second: int) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(seconds=second)
    day = (now + timedelta(days=days)).date().isoformat()
    for field, text in (("ttl", f"{days}d"), ("expires", f'"{day}"')):
        catalog = catalog_of(TYPE + f"spec: {{type: db@1.0.0, environment: dev, {field}: {text}}}\n")
        assert bool(found("request-ttl", catalog, now)) is (days > 30)
        catalog = catalog_of(TYPE + f"spec: {{type: db@1.0.0, environment: open, {field}: {text}}}\n")
        assert found("request-ttl", catalog, now) == ()


EXEMPTED = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders}
spec: {owner: nobody, system: nothing}
---
apiVersion: tarmac/v1
kind: Exemption
metadata: {name: e}
spec: {rule: unknown-reference, target: component:default/orders, expires: "2026-11-30"}
"""


@pytest.mark.parametrize(("before", "counts"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
def test_an_exemption_counts_until_its_last_day_is_over(before: timedelta, counts: bool) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC) - before
    catalog = catalog_of(EXEMPTED)
    judgement = judge(catalog, settings_of(catalog, now))
    assert len(judgement.exempted) == (2 if counts else 0)
    assert [one.rule for one in judgement.findings] == ([] if counts else ["unknown-reference"] * 2 + ["exemption"])
    for exempted in judgement.exempted:
        assert exempted.until == datetime(2026, 12, 1, tzinfo=UTC)


def test_only_an_exemption_of_the_base_counts() -> None:
    head = catalog_of(EXEMPTED.replace("2026-11-30", "2027-01-31"))
    base = catalog_of(EXEMPTED.split("---")[0])
    assert [one.rule for one in run(head, settings_of(base))] == ["unknown-reference"] * 2
    assert run(head, settings_of(head)) == ()


# --- all of them -------------------------------------------------------------------------------------------------


def tree(name: str) -> Catalog:
    return load_tree(WorkingTree.at(REPOS / name), reading()).catalog


@pytest.mark.parametrize("name", sorted(path.name for path in REPOS.iterdir()))
def test_judging_each_entity_alone_says_what_judging_all_of_them_says(name: str) -> None:
    catalog = tree(name)
    settings_now = settings_of(catalog)
    together = [one for one in run(catalog, settings_now) if not one.message.startswith("nothing needs")]
    alone = [one for ref in catalog.entities for one in run(catalog.focused([ref]), settings_now)]
    assert in_order(alone) == in_order(together)


def built(documents: list[JsonValue]) -> Catalog:
    """A catalog of plain data, in files of which nothing else is known."""
    found_documents = []
    for index, data in enumerate(documents):
        assert isinstance(data, dict)
        found_documents.append(Document(FILE, index, data, Places(FILE, lambda: (1, 1, None))))
    return build("test", found_documents, (FILE,), load_kinds())


def every_document() -> list[JsonValue]:
    """The documents of every broken repository, as data."""
    documents: list[JsonValue] = []
    for path in sorted(REPOS.rglob("*.yaml")):
        documents += [dict(document.data) for document in read_documents(path.name, path.read_bytes())[0]]
    return documents


DOCUMENTS = every_document()
junk: st.SearchStrategy[JsonValue] = st.sampled_from(
    [None, True, 0, -1, 2**70, 0.5, float("nan"), "", "x", "a:b/c", ":", "\x1b[31m", "\ud800", "@", "{", "(?=x)",
     [], [None], [[]], {}, {"": 1}, {"$text": "../.."}, "x" * 5_000, "9999-12-31", "999999d", ["x"] * 3]
)  # fmt: skip


def changed(value: JsonValue, draw: st.DrawFn) -> JsonValue:
    """The value with one node somewhere in it replaced."""
    if isinstance(value, Mapping) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: changed(value[key], draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], changed(value[index], draw), *value[index + 1 :]]
    return draw(junk)


@st.composite
def worlds(draw: st.DrawFn) -> list[JsonValue]:
    chosen = draw(st.lists(st.sampled_from(DOCUMENTS), min_size=1, max_size=8))
    return [found_one if isinstance(found_one, dict) else {} for found_one in (changed(one, draw) for one in chosen)]


@given(worlds())
@settings(max_examples=examples(400))
def test_whatever_documents_hold_the_rules_answer_with_findings(documents: list[JsonValue]) -> None:
    catalog = built(documents)
    once = run(catalog, settings_of(catalog))
    assert once == in_order(once)
    assert once == run(catalog, settings_of(catalog))
    for finding in once:
        assert isinstance(finding.place, Place)
        assert finding.message.isprintable(), json.dumps(finding.message)
        assert len(finding.message) < 900
