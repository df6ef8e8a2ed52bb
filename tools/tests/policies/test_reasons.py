"""Why a policy says what it says: each fact, each operand, and the parts that decide."""

from __future__ import annotations

import pytest

from tarmac.adapters.cel import Cel
from tarmac.model.ages import Ages
from tarmac.model.frozen import replace
from tarmac.model.values import parse_instant
from tarmac.rules.policy_judging import Verdict, compile_policy
from tarmac.rules.policy_reasons import Operand, Reasons, Value, reasons, said
from tests.rules.worlds import catalog_of, settings_of

BROKEN = "when is not true or false, which counts as failed"
MISSING = 'object.x has no value: the key "x" is not there'
WORLD = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, owner: one, lifecycle: %s}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: one}
spec: {type: team, children: []}
---
apiVersion: tarmac/v1
kind: Policy
metadata: {name: p}
spec: {severity: error, match: {kinds: [%s]}, require: "%s", message: "{object.metadata.name} is wrong"%s}
"""
PATH = "catalog/all.yaml"


def asked(
    require: str, when: str | None = None, kinds: str = "Component", before: str = "beta", more: str = ""
) -> Reasons:
    """The policy's word on the shop; in the base it had the lifecycle `before`."""
    applies = "" if when is None else f', when: "{when}"'
    catalog, base = (catalog_of(WORLD % (stage, kinds, require, applies) + more) for stage in ("production", before))
    policy, shop = catalog.get("policy:default/p"), catalog.get("component:default/shop")
    assert policy is not None
    assert shop is not None
    settings = replace(settings_of(base), ages=Ages({PATH: parse_instant("2026-11-01T00:00:00Z")}))
    return reasons(compile_policy(policy, Cel()), shop, catalog, settings)


def shape(operand: Operand | None) -> object:
    """(operator, value, children), or the value of what is not taken apart."""
    if operand is None or not operand.children:
        return None if operand is None else (operand.source, operand.operator, shown(operand.value))
    return (operand.operator, shown(operand.value), *map(shape, operand.children))


def shown(value: Value) -> object:
    return value.fact if value.error is None else f"! {value.error}"


def test_what_does_not_match_is_not_evaluated() -> None:
    found = asked("true", "true", kinds="System")
    assert (found.matches, found.verdict, found.why) == (False, Verdict("skip"), ("spec.match does not take it",))
    assert (found.when, found.require, found.facts) == (None, None, ())
    assert (found.policy.name, str(found.entity.ref)) == ("p", "component:default/shop")


def test_every_fact_has_its_value_once() -> None:
    found = asked(
        "object.spec.type == owner.name || object.spec.?nothing.orValue('x') == object.spec.type",
        "has(git.changed) && ref != '' && object.spec.none == 1 || old.spec.lifecycle == 'beta'",
    )
    assert found.matches is True
    assert [(path, shown(value)) for path, value in found.facts] == [
        ("git.changed", "2026-11-01T00:00:00Z"),
        ("ref", "component:default/shop"),
        ("object.spec.none", '! the key "none" is not there'),
        ("old.spec.lifecycle", "beta"),
        ("object.spec.type", "service"),
        ("owner.name", "one"),
        ("object.spec.?nothing", None),
    ]


def test_optional_facts_show_what_they_hold() -> None:
    found = asked("object.spec[?'type'].orValue('') == '' || object.?spec.?type.orValue('') == 'service'")
    assert [(path, shown(value)) for path, value in found.facts] == [
        ("object.spec[?'type']", "service"),
        ("object.?spec.?type", "service"),
    ]
    assert shape(found.require) == (
        "||",
        True,
        ("object.spec[?'type'].orValue('') == ''", "", False),
        ("object.?spec.?type.orValue('') == 'service'", "", True),
    )


def test_every_operand_has_its_value() -> None:
    found = asked("ref != '' && (object.a || ref == 'x' || true) && (ref == '' ? 1 == 1 : false)", "ref != ''")
    assert shape(found.when) == ("ref != ''", "", True)
    assert shape(found.require) == (
        "&&",
        False,
        ("ref != ''", "", True),
        ("||", True, ("object.a", "", '! the key "a" is not there'), ("ref == 'x'", "", False), ("true", "", True)),
        ("?:", False, ("ref == ''", "", False), ("1 == 1", "", True), ("false", "", False)),
    )
    assert (found.verdict.outcome, found.verdict.message) == ("fail", "shop is wrong")


def test_of_what_is_not_looked_at_only_when_is_evaluated() -> None:
    found = asked("object.spec.type == 'service'", "ref == ''")
    assert found.verdict == Verdict("skip")
    assert found.require is None
    assert shape(found.when) == ("ref == ''", "", False)
    assert [path for path, _ in found.facts] == ["ref", "object.spec.type"]


@pytest.mark.parametrize(
    ("require", "when", "why"),
    [
        ("ref != '' && true", None, ["require is true", "ref != '' is true", "true is true"]),
        ("ref != '' && false", None, ["require is not true", "false is false"]),
        ("false && ref == ''", None, ["require is not true", "false is false", "ref == '' is false"]),
        ("ref == '' || true", None, ["require is true", "true is true"]),
        ("ref != '' || true", None, ["require is true", "ref != '' is true", "true is true"]),
        ("ref == '' || false", None, ["require is not true", "ref == '' is false", "false is false"]),
        (
            "(ref == '' || false) && (true || false)",
            None,
            ["require is not true", "ref == '' is false", "false is false"],
        ),
        (
            "(ref == '' || true) && (true && ref != '')",
            None,
            ["require is true", "true is true", "true is true", "ref != '' is true"],
        ),
        ("(ref == '' ? true : false)", None, ["require is not true", "ref == '' is false", "false is false"]),
        ("(ref != '' ? true : false)", None, ["require is true", "ref != '' is true", "true is true"]),
        ("(ref != '' ? false : true)", None, ["require is not true", "ref != '' is true", "false is false"]),
        ("object.x ? true : true", None, ["require is not true", MISSING]),
        ("object.x == 1", None, ["require is not true", 'object.x == 1 has no value: the key "x" is not there']),
        ("object.spec.type", None, ["require is not true", "object.spec.type is neither true nor false"]),
        ("true", "ref == ''", ["when is false", "ref == '' is false"]),
        ("true", "ref == '' || false", ["when is false", "ref == '' is false", "false is false"]),
        ("true", "ref != '' && false", ["when is false", "false is false"]),
        ("true", "ref", [BROKEN, "ref is neither true nor false"]),
        ("true", "object.x || false", [BROKEN, MISSING]),
        ("true", "object.x && true", [BROKEN, MISSING]),
        ("true", "(object.x && true) || ref && ref != ''", [BROKEN, MISSING, "ref is neither true nor false"]),
        ("true", "(object.x ? ref : true)", [BROKEN, MISSING]),
        ("true", "(true ? object.x : ref)", [BROKEN, MISSING]),
        ("true", "(false ? ref : object.x)", [BROKEN, MISSING]),
        ("true", "(true ? 1 : 2)", [BROKEN, "1 is neither true nor false"]),
        ("true", "ref != ''", ["require is true", "true is true"]),
        ("false", "ref != ''", ["require is not true", "false is false"]),
    ],
)
def test_why_names_the_parts_that_decide(require: str, when: str | None, why: list[str]) -> None:
    assert list(asked(require, when).why) == why


EXEMPTION = """---
apiVersion: tarmac/v1
kind: Exemption
metadata: {name: e}
spec: {rule: p, target: component:default/shop, owner: one, approvers: [one], reason: r, expires: "2026-12-31"}
"""


def test_an_exemption_that_takes_a_failure_off_is_told() -> None:
    found = asked("false", more=EXEMPTION).exempted
    assert found is not None
    assert (str(found.exemption), f"{found.until:%Y-%m-%d}") == ("exemption:default/e", "2027-01-01")
    assert asked("true", more=EXEMPTION).exempted is None
    assert asked("false").exempted is None
    selecting = EXEMPTION.replace("target: component:default/shop", "select: {kind: Component, atMost: 1}")
    assert asked("false", more=selecting).exempted is not None


def test_a_value_in_words() -> None:
    values = [Value(True), Value(False), Value(1), Value(None), Value(error="no")]
    assert [said(value) for value in values] == [
        "is true", "is false", "is neither true nor false", "is neither true nor false", "has no value: no",
    ]  # fmt: skip


def test_an_operand_stands_alone_unless_it_is_taken_apart() -> None:
    assert Operand("a", Value()) == Operand("a", Value(None, None), "", ())
