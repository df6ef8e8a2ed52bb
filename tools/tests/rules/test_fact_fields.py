"""What the fields of facts are declared to be is what they are, and slips are told from what is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.approvals.facts import Topic, seen
from tarmac.approvals.subjects import Subject
from tarmac.model.expressions import APPROVAL_FACTS, POLICY_FACTS
from tarmac.model.fact_shapes import FACT_FIELDS
from tarmac.rules.fact_fields import FactFields, Slip
from tarmac.rules.fact_reads import fact_reads
from tarmac.rules.facts import PolicyFacts
from tests.rules.worlds import NOW, catalog_of, settings_of

WORLD = catalog_of("""
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: [], members: [ana], tarmac: {roles: {lead: [ana]}}}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: payments}
---
apiVersion: tarmac/v1
kind: Platform
metadata: {name: acme}
spec: {regions: [eu], environments: [production], maxResourcesPerTeam: 9}
---
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: disk}
spec:
  versions:
    - {name: 1.0.0, status: active, schema: {type: object, properties: {encrypted: {type: boolean}}}}
---
apiVersion: tarmac/v1
kind: Policy
metadata: {name: on-requests}
spec: {match: {kinds: [ResourceRequest]}}
---
apiVersion: tarmac/v1
kind: ApprovalRule
metadata: {name: any}
spec: {}
""")


def slips(source: str, ref: str = "approvalrule:default/any") -> list[Slip]:
    entity = WORLD.get(ref)
    assert entity is not None
    known = APPROVAL_FACTS if entity.kind == "ApprovalRule" else POLICY_FACTS
    return list(FactFields(entity, WORLD, settings_of(WORLD), known).slips(source))


def test_an_approval_rule_sees_the_fields_that_are_declared_and_no_others() -> None:
    known = seen(Topic(Subject("System", "add", ("catalog/all.yaml",))), WORLD, WORLD, NOW).whole
    for fact in ("change", "cost", "budget"):
        value = known[fact]
        assert isinstance(value, dict)
        assert set(value) == FACT_FIELDS[fact]


def test_a_policy_sees_the_fields_of_a_team_that_are_declared_and_no_others() -> None:
    shop = WORLD.get("system:default/shop")
    assert shop is not None
    owner = PolicyFacts(WORLD, WORLD, NOW).of(shop)["owner"]
    assert isinstance(owner, dict)
    assert set(owner) == FACT_FIELDS["owner"]


@pytest.mark.parametrize(
    "source",
    [
        "change.kind == 'System' && change.operation != 'remove'",
        "change.kind in ['Budget', 'Something']",
        "cost.monthly > 0 && 0 < cost.monthlyIncrease && cost.teamIncrease30d > money('500')",
        "'production' in change.environments",
        "owner.roles[?'on-call'].orValue([]).size() > 1 && 'lead' in owner.roles",
        "change.paths.exists(change, change.foo == '')",
        "'change.knd' == object.kind // change.knd",
        "object.metadata.labels['anything'] == '' && object.spec.anything.at.all",
        "has(object.spec.tpe) && object.spec.tpe == ''",
        "object.spec.?tpe.orValue('') == ''",
        "!(change.kind == 'Budget') && object.spec.lifecycle == 'x'",
        "change.kind == 'Budget' || object.spec.lifecycle == 'x'",
    ],
)
def test_what_is_meant_is_no_slip(source: str) -> None:
    assert slips(source) == []


@pytest.mark.parametrize(
    ("source", "offset", "fix"),
    [
        ("change.knd == 'x'", 7, "write kind"),
        ("cost.?montly.orValue(0) == 0", 6, "write monthly"),
        ("budget['exist']", 8, "write exists"),
        ("now.day == 1", 4, "write now alone"),
        ("'Sytem' == change.kind", 0, "write System"),
        ("change.kind in ['Budget', 'Sytem']", 26, "write System"),
        ("500 < cost.monthly", 0, 'write money("500")'),
        ("cost.monthlyIncrease >= 1_000.50", 24, 'write money("1000.50")'),
        ("'prodution' in change.environments", 0, "write production"),
        ("change.kind == 'Budget' && object.spec.lifecycl == 'x'", 39, None),
        ("object.spec.lifecycl == 'x'", 12, "write lifecycle"),
    ],
)
def test_a_slip_is_told_with_its_place(source: str, offset: int, fix: str | None) -> None:
    (found,) = slips(source)
    assert (found.offset, found.fix if fix else None) == (offset, fix)


def test_the_config_of_a_request_is_held_to_the_resource_types() -> None:
    policy = "policy:default/on-requests"
    assert [found.fix for found in slips("object.spec.config.encryptd == true", policy)] == ["write encrypted"]
    assert slips("object.spec.config.encrypted && object.spec.config.quite_new", policy) == []


@given(st.text(alphabet="change.knd[]?'\"()&|! \n\\0inhasost", max_size=200))
def test_reads_stand_where_they_say_whatever_is_written(source: str) -> None:
    for read in fact_reads(source, ("change", "cost")):
        assert source[read.start :].startswith(read.fact)
        for step in read.steps:
            assert source[step.offset :].startswith(step.name)
        assert 0 <= read.start < read.end <= len(source)
