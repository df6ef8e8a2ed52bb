"""What a policy lets through and what it does not, and that the shipped ones pass their own tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tarmac.adapters.cel import Cel
from tarmac.adapters.files import WorkingTree
from tarmac.adapters.schema_check import load_kinds
from tarmac.app.load import load
from tarmac.app.wire import reading
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.findings import Severity
from tarmac.rules import run
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy_judging import Verdict, compile_policy, judge
from tarmac.rules.policy_tests import CaseResult, run_tests
from tests.rules.worlds import NOW, catalog_of, settings_of

ROOT = Path(__file__).resolve().parents[3]

WORLD = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders, labels: {data-class: public}}
spec:
  {type: service, lifecycle: production, owner: payments, ratio: 0.25, huge: 1e300, large: 123456789012345.5, e: null}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments, annotations: {tarmac/slack-channel: "#pay"}, labels: {cost-center: CC-1}}
spec: {type: team, children: [], members: [ana], profile: {email: pay@example.com}, tarmac: {roles: {lead: [ana]}}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bo}
spec: {memberOf: [payments]}
---
apiVersion: tarmac/v1
kind: Platform
metadata: {name: acme}
spec: {regions: [eu], maxResourcesPerTeam: 9}
"""


def policy(require: str, **more: str) -> Entity:
    """A policy over components, its expressions in quotes as JSON writes them."""
    fields = {"require": require, "message": "no", **more}
    lines = "".join(f"  {name}: '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in fields.items())
    head = "apiVersion: tarmac/v1\nkind: Policy\nmetadata: {name: p}\nspec:\n  match: {kinds: [Component]}\n"
    found = catalog_of(head + lines).get("policy:default/p")
    assert found is not None
    return found


def verdict(require: str, **more: str) -> Verdict:
    """What the policy says of the component of the little world."""
    world = catalog_of(WORLD)
    facts = PolicyFacts(world, world, NOW)
    entity = world.get("component:default/orders")
    assert entity is not None
    return judge(compile_policy(policy(require, **more), Cel()), facts.of(entity), facts.calls)


@pytest.mark.parametrize(
    "require",
    [
        "true",
        'object.spec.type == "service"',
        'ref == "component:default/orders"',
        'owner.ref == "group:default/payments" && owner.kind == "group" && owner.name == "payments"',
        'owner.email == "pay@example.com" && owner.slack == "#pay" && owner.costCenter == "CC-1"',
        'owner.members == ["user:default/ana", "user:default/bo"] && owner.memberCount == 2',
        'owner.roles["lead"] == ["user:default/ana"]',
        "owner.requests == 0 && owner.quota == 9",
        'platform.regions == ["eu"]',
        'now == timestamp("2026-12-01T06:00:00Z")',
        'object.spec.ratio == decimal("0.25") && object.spec.ratio < decimal("0.3")',
        'object.spec.large > decimal("99999999999999.5")',
        'exists("user:bo") && !exists("user:cleo") && entity("user:cleo") == {}',
        'targets(ref, "owner") == ["group:default/payments"] && targets("component:x", "owner") == []',
        'referring("group:default/payments", "user") == ["user:default/bo"]',
        "dependents(ref) == []",
    ],
)
def test_true_passes(require: str) -> None:
    assert verdict(require) == Verdict("pass")


@pytest.mark.parametrize(
    "require",
    [
        "false",
        "object.spec.nothing",
        "object.spec.nothing.deeper == 1",
        'object.metadata.annotations["x"] == "y"',
        'entity("user:cleo").spec.memberOf == []',
        'object.spec.type == true || object.spec.type == "website"',
    ],
)
def test_false_and_a_missing_key_are_plain_failures(require: str) -> None:
    found = verdict(require)
    assert (found.outcome, found.message, found.error) == ("fail", "no", None)
    assert (found.missing is None) is (require == "false" or "true" in require)


@pytest.mark.parametrize(
    ("require", "error"),
    [
        ("object.spec.type", "require gives no truth value"),
        ("object.spec.e", "require gives no truth value"),
        ("object.spec.large", "require gives no truth value"),
        ("object.spec.huge > 1", "in require, '>' cannot be used on (string, int)"),
        ("object.spec.type + 1 == 2", "in require, '+' cannot be used on (string, int)"),
        ("object.spec.ratio < 1", "cannot be used on (bytes, int)"),
        ("object.spec.e.x == 1", "in require, a field is read from a value that is no mapping"),
        ('object.spec.type.matches("(")', "in require, '(' is no pattern"),
        ('entity("orders") == {}', "in require, reference 'orders' names no kind"),
        ('[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, '
         "[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, true)))))", "it takes too many steps"),
    ],
)  # fmt: skip
def test_everything_else_counts_as_failed_and_says_so(require: str, error: str) -> None:
    found = verdict(require)
    assert found.outcome == "fail"
    assert found.error is not None
    assert error in found.error


def test_when_decides_whether_it_is_looked_at_and_fails_closed() -> None:
    assert verdict("false", when='object.spec.type == "website"') == Verdict("skip")
    assert verdict("true", when='object.spec.type == "service"') == Verdict("pass")
    for when, error in [
        ("object.spec.nothing", 'in when, the key "nothing" is not there'),
        ("object.spec.type", "when gives no truth value"),
    ]:
        found = verdict("true", when=when)
        assert (found.outcome, found.error) == ("fail", error)


def test_the_message_shows_values_bounded_and_visible() -> None:
    message = "{object.metadata.name} {{x}} {owner.members} {object.spec.nothing} {1 < 2} {owner.memberCount}"
    assert verdict("false", message=message).message == (
        "orders {x} user:default/ana, user:default/bo (not given) true 2"
    )
    long = verdict("false", message="{owner.members}" * 20).message
    assert len(long) == 503
    assert verdict("false", message='{"a\\u001b[31m"}').message == "a\\u001b[31m"


def test_a_policy_that_does_not_compile_is_said_by_its_own_rule_and_not_run() -> None:
    with pytest.raises(ExpressionError):
        compile_policy(policy("nobody"), Cel())
    content = (
        WORLD + "---\napiVersion: tarmac/v1\nkind: Policy\nmetadata: {name: p}\nspec: {require: nobody, message: no}\n"
    )
    found = run(
        catalog_of(content, "policies/platform.yaml"), settings_of(catalog_of(content, "policies/platform.yaml"))
    )
    assert [(finding.rule, finding.place.line) for finding in found if finding.rule in ("p", "expression")] == [
        ("expression", 26)
    ]


def test_the_policies_of_the_base_judge() -> None:
    strict = catalog_of(WORLD + POLICY.format("object.spec.type == 'website'"))
    lax = catalog_of(WORLD + POLICY.format("true"))
    assert [one.rule for one in run(lax, settings_of(strict)) if one.rule == "p"] == ["p"]
    assert [one.rule for one in run(strict, settings_of(lax)) if one.rule == "p"] == []


POLICY = """---
apiVersion: tarmac/v1
kind: Policy
metadata: {{name: p}}
spec: {{severity: warning, match: {{kinds: [Component]}}, require: "{}", message: no}}
"""


@pytest.mark.parametrize(
    ("mode", "severity", "said"), [("enforce", "warning", "no"), ("observe", "info", "would have warned: no")]
)
def test_what_is_observed_only_informs(mode: str, severity: str, said: str) -> None:
    world = catalog_of(WORLD + POLICY.format("false").replace("message", f"mode: {mode}, message"))
    found = [one for one in run(world, settings_of(world)) if one.rule == "p"]
    assert [(one.severity, one.message) for one in found] == [(Severity(severity), said)]


# --- the tests beside a policy ---------------------------------------------------------------------------------

CASES = """apiVersion: tarmac/v1
kind: Policy
metadata: {name: p}
spec:
  match: {kinds: [System]}
  require: now < timestamp("2026-06-01T00:00:00Z") && owner.name == "a"
  message: "{object.metadata.name} fails"
  tests:
"""
SYSTEM = "{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: s}, spec: {owner: a}}"


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        (f"{{object: {SYSTEM}, facts: {{owner: {{name: a}}}}, expect: pass}}", None),
        (f"{{object: {SYSTEM}, facts: {{owner: {{name: b}}}}, expect: fail, message: s fails}}", None),
        (f"{{object: {SYSTEM}, facts: {{owner: {{name: a}}, now: 2026-06-01T00:00:00Z}}, expect: fail}}", None),
        (
            f"{{object: {SYSTEM}, facts: {{owner: {{name: a}}, now: soon}}, expect: fail}}",
            "facts.now: 'soon' is no instant",
        ),
        (f"{{object: {SYSTEM}, expect: pass}}", "pass was expected, and it is fail: s fails"),
        (f"{{object: {SYSTEM}, expect: fail, message: other}}", "the message is 's fails', and 'other' was expected"),
        (f"{{object: {SYSTEM}, expect: skip}}", "skip was expected, and it is fail"),
        ("{object: {kind: System}, expect: pass}", "object is no document"),
        (f"{{object: {SYSTEM}, facts: {{catalog: [{{kind: x}}]}}, expect: pass}}", "facts.catalog[0] is no document"),
        (f"{{object: {SYSTEM.replace('System', 'Domain')}, expect: skip}}", None),
    ],
)
def test_a_case_says_what_came_out_instead(case: str, fault: str | None) -> None:
    entity = catalog_of(CASES + f"    - {case}\n").get("policy:default/p")
    assert entity is not None
    (result,) = run_tests(entity, Cel(), load_kinds())
    assert (result.fault is None) == (fault is None)
    assert (fault or "") in (result.fault or "")


def test_a_failure_for_the_wrong_reason_is_no_expected_failure() -> None:
    content = (
        CASES.replace("require: now", "require: owner.name + 1 == now && now")
        + f"    - {{object: {SYSTEM}, expect: fail}}\n"
    )
    entity = catalog_of(content.replace("owner.name + 1 == now", "object.metadata.name + 1 == 2")).get(
        "policy:default/p"
    )
    assert entity is not None
    (result,) = run_tests(entity, Cel(), load_kinds())
    assert result.fault == "it fails because it cannot be evaluated: in require, '+' cannot be used on (string, int)"


def shipped() -> dict[str, tuple[CaseResult, ...]]:
    """Every case of every policy that the repository ships."""
    catalog = load(WorkingTree.at(ROOT), reading()).catalog
    return {entity.name: run_tests(entity, Cel(), load_kinds()) for entity in catalog.of_kind("policy")}


def test_every_shipped_policy_keeps_its_own_tests_and_has_one_of_each_kind() -> None:
    found = shipped()
    assert len(found) >= 15
    for name, results in found.items():
        assert [f"{one.case}: {one.fault}" for one in results if one.fault] == [], name
        assert {"pass", "fail"} <= {one.expected for one in results}, name


def test_the_sample_company_keeps_its_own_rules() -> None:
    loaded = load(WorkingTree.at(ROOT), reading())
    now = datetime(2026, 12, 1, 6, tzinfo=UTC)
    found = run(loaded.catalog, settings_of(loaded.catalog, now))
    assert [f"{one.place}: {one.message}" for one in found if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("require", "message", "place"),
    [
        ("true && owner.nmae == ''", "owner has no field nmae; did you mean name?", (1, 15)),
        ("git.change == ''", "git has no field change; did you mean changed?", (1, 5)),
        ("ref.kind == ''", "ref is a plain value and has no fields", (1, 5)),
    ],
)
def test_a_field_that_no_fact_has_does_not_compile(require: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_policy(policy(require), Cel())
    assert (str(caught.value), (caught.value.line, caught.value.column)) == (message, place)
