"""What a policy looks at, what it says and where; held so closely that no small fault in its code goes unnoticed."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from tarmac.adapters.cel import Cel
from tarmac.catalog.index import Catalog
from tarmac.model.ages import Ages
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Observed, Severity, observed
from tarmac.model.frozen import replace
from tarmac.model.places import Place
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy import check, finding_of
from tarmac.rules.policy_judging import Match, Verdict, compile_policy, judge, match_of
from tarmac.rules.settings import Holds
from tests.rules.worlds import NOW, catalog_of, settings_of

THINGS = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  labels:
    data-class: public
spec:
  type: service
  lifecycle: production
  owner: payments
  list: [a, b]
  ratio: 0.50
  "not a word": 1
---
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: db}
spec: {type: disk@1.0.0, owner: payments, environment: staging, config: {}}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: payments}
"""
ORDERS = "component:default/orders"


def policy(require: str = "false", name: str = "p", match: str = "{}", **fields: str) -> str:
    lines = {"match": match, "message": "no", "severity": "error", **fields}
    body = "".join(f"  {key}: {value}\n" for key, value in lines.items())
    return (
        f"---\napiVersion: tarmac/v1\nkind: Policy\nmetadata: {{name: {name}}}\nspec:\n"
        f"  require: {quoted(require)}\n{body}"
    )


def quoted(expression: str) -> str:
    return "'" + expression.replace("'", "''") + "'"


def entity(catalog: Catalog, ref: str) -> Entity:
    found = catalog.get(ref)
    assert found is not None
    return found


def said(*policies: str, **more: Any) -> list[Finding]:
    catalog = catalog_of(THINGS + "".join(policies))
    return list(check(catalog, replace(settings_of(catalog), **more)))


def judged(require: str, ref: str = ORDERS, **fields: str) -> tuple[Verdict, Finding]:
    catalog = catalog_of(THINGS + policy(require, **fields))
    facts = PolicyFacts(catalog, catalog, NOW)
    compiled, subject = compile_policy(entity(catalog, "policy:default/p"), Cel()), entity(catalog, ref)
    verdict = judge(compiled, facts.of(subject), facts.calls)
    return verdict, finding_of(compiled, subject, verdict)


# --- what it looks at --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "taken"),
    [
        ("{}", ["component", "policy", "resourcerequest", "system"]),
        ("{kinds: [Component]}", ["component"]),
        ("{kinds: [COMPONENT, system]}", ["component", "system"]),
        ("{types: [service]}", ["component"]),
        ("{types: [disk]}", ["resourcerequest"]),
        ("{types: [disk@1.0.0]}", ["resourcerequest"]),
        ("{types: [disk@2.0.0, 1.0.0, '@', serv]}", []),
        ("{types: [service, disk]}", ["component", "resourcerequest"]),
        ("{environments: [staging]}", ["resourcerequest"]),
        ("{environments: [production]}", []),
        ("{kinds: [Component], types: [disk]}", []),
        ("{kinds: [ResourceRequest], types: [disk], environments: [staging]}", ["resourcerequest"]),
        ("{kinds: [ResourceRequest], types: [disk], environments: [production]}", []),
    ],
)
def test_the_match_takes_what_fits_in_every_way(match: str, taken: list[str]) -> None:
    catalog = catalog_of(THINGS + policy(match=match))
    found = match_of(entity(catalog, "policy:default/p"))
    answers = {one.ref.kind: found.takes(one) for one in catalog.judged()}
    assert sorted(kind for kind, answer in answers.items() if answer is True) == taken
    assert set(answers.values()) <= {True, False}
    asked = sorted({(one.entity or "").partition(":")[0] for one in said(policy(match=match))})
    # An empty match is no form of a policy, so nothing is said of that one.
    assert asked == [kind for kind in taken if kind != "policy"]


def test_of_each_kind_the_type_and_the_environment_of_each_entity_count() -> None:
    lines = [("one", "disk@1.0.0", "staging"), ("two", "disk@1.0.0", "production"), ("three", "cache@1.0.0", "staging")]
    requests = "".join(
        f"---\napiVersion: tarmac/v1\nkind: ResourceRequest\nmetadata: {{name: {name}}}\n"
        f"spec: {{type: {type_}, owner: payments, environment: {environment}, config: {{}}}}\n"
        for name, type_, environment in lines
    )
    texts = [policy(name="disks", match="{types: [disk]}"), policy(name="early", match="{environments: [staging]}")]
    assert sorted((one.rule, (one.entity or "").partition("/")[2]) for one in said(requests, *texts)) == [
        ("disks", "db"),
        ("disks", "one"),
        ("disks", "two"),
        ("early", "db"),
        ("early", "one"),
        ("early", "three"),
    ]


def test_the_match_is_what_the_document_says() -> None:
    catalog = catalog_of(THINGS + policy(match="{kinds: [API, Component], types: [a, b], environments: [c]}"))
    assert match_of(entity(catalog, "policy:default/p")) == Match(
        frozenset({"api", "component"}), frozenset({"a", "b"}), frozenset({"c"})
    )


def test_every_policy_of_a_kind_is_asked_and_no_other() -> None:
    texts = [
        policy(name="one", match="{kinds: [Component]}"),
        policy(name="two", match="{kinds: [Component, System]}"),
        policy(name="three", match="{kinds: [System]}"),
        policy("true", name="kept", match="{kinds: [Component]}"),
        policy("nobody", name="broken", match="{kinds: [Component]}"),
    ]
    found = sorted((one.rule, one.entity) for one in said(*texts))
    assert found == [
        ("one", ORDERS), ("three", "system:default/shop"), ("two", ORDERS), ("two", "system:default/shop"),
    ]  # fmt: skip


def test_of_a_document_without_its_form_nothing_is_said_but_that() -> None:
    broken = THINGS.replace("lifecycle: production", "lifecycle: [production]")
    catalog = catalog_of(
        broken
        + policy(match="{kinds: [Component, System]}", name="a")
        + policy(match="{kinds: [Component, ResourceRequest]}", name="b")
    )
    assert sorted((one.rule, one.entity) for one in check(catalog, settings_of(catalog))) == [
        ("a", "system:default/shop"), ("b", "resourcerequest:default/db"),
    ]  # fmt: skip


# --- what it says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("require", "when", "verdict"),
    [
        ("true", None, Verdict("pass")),
        ("false", None, Verdict("fail", "no")),
        ("object.spec.zz", None, Verdict("fail", "no", None, 'the key "zz" is not there')),
        ("object.spec.type", None, Verdict("fail", "no", "require gives no truth value")),
        ("1 / 0 == 1", None, Verdict("fail", "no", "in require, divide by zero")),
        ("false", "true", Verdict("fail", "no")),
        ("true", "true", Verdict("pass")),
        ("false", "false", Verdict("skip")),
        ("true", "object.spec.type", Verdict("fail", "no", "when gives no truth value")),
        ("true", "object.spec.zz", Verdict("fail", "no", 'in when, the key "zz" is not there')),
        ("true", "1 / 0 == 1", Verdict("fail", "no", "in when, divide by zero")),
    ],
)
def test_only_true_passes(require: str, when: str | None, verdict: Verdict) -> None:
    assert judged(require, **({} if when is None else {"when": quoted(when)}))[0] == verdict


def test_what_is_proved_to_compile_is_compiled_when_it_is_asked_for_and_says_the_same() -> None:
    text = policy("object.spec.type == 'x'", when=quoted("ref != ''"), message='"{object.spec.zz}"')
    subject = entity(catalog_of(THINGS + text), "policy:default/p")
    now, later = compile_policy(subject, Cel()), compile_policy(subject, Cel(), proved=True)
    for one, other in ((now.require, later.require), (now.when, later.when)):
        assert one is not None
        assert other is not None
        assert (other.source, other.gives) == (one.source, one.gives)
    catalog = catalog_of(THINGS + text)
    facts = PolicyFacts(catalog, catalog, NOW)
    seen = facts.of(entity(catalog, ORDERS))
    assert judge(later, seen, facts.calls) == judge(now, seen, facts.calls) == Verdict("fail", "(not given)")
    broken = entity(catalog_of(THINGS + policy("nobody")), "policy:default/p")
    assert compile_policy(broken, Cel(), proved=True).require.source == "nobody"


def test_a_verdict_says_nothing_unless_it_is_told() -> None:
    assert (Verdict("pass").message, Verdict("pass").error) == ("", None)


@pytest.mark.parametrize(
    ("hole", "shown"),
    [
        ('"x"', "x"), ("null", "null"), ("true", "true"), ("false", "false"), ("12", "12"),
        ("object.spec.ratio", "0.5"),
        ('decimal("1200")', "1200"), ("now", "2026-12-01T06:00:00Z"), ("object.spec.list", "a, b"),
        ("{'l': true, 'k': 1, 'm': 0}", "k: 1, l: true, m: 0"),
        ("[[1, 2], [3]]", "1, 2, 3"), ("days(1)", "1 day, 0:00:00"),
        ("object.zz", "(not given)"), ("1 / 0", "(not given)"), ('"a\\nb"', "a\\u000ab"),
    ],
)  # fmt: skip
def test_the_message_shows_every_kind_of_value(hole: str, shown: str) -> None:
    text = f"<{{ {hole} }}>".replace("\\", "\\\\").replace('"', '\\"')
    assert judged("false", message=f'"{text}"')[0].message == f"<{shown}>"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("x" * 500, "x" * 500),
        ("x" * 501, "x" * 500 + "..."),
        ("x" * 499 + "{ref}", "x" * 499 + "c..."),
        ("x" * 490 + "{ref}{ref}{ref}", "x" * 490 + "component:..."),
        ("{ref}" + "x" * 476, ORDERS + "x" * 476),
    ],
)
def test_the_message_is_cut_at_five_hundred_characters(message: str, shown: str) -> None:
    assert judged("false", message=f'"{message}"')[0].message == shown


def test_without_a_message_its_name_is_said_and_without_a_severity_it_is_an_error() -> None:
    head = "---\napiVersion: tarmac/v1\nkind: Policy\nmetadata: {name: p}\n"
    bare = head + "spec: {require: 'false', match: {kinds: [Component]}}\n"
    assert [(one.message, one.severity) for one in said(bare)] == [("p", Severity.ERROR)]
    assert [one.severity for one in said(bare.replace("require", "severity: loud, require"))] == [Severity.ERROR]
    assert [one.rule for one in said(bare.replace("require: 'false', ", ""))] == []


@pytest.mark.parametrize("severity", Severity)
def test_the_severity_is_the_policys(severity: Severity) -> None:
    assert [one.severity for one in said(policy(match="{kinds: [Component]}", severity=severity))] == [severity]


@pytest.mark.parametrize(("severity", "verb"), [("error", "blocked"), ("warning", "warned"), ("info", "said")])
def test_what_is_observed_says_what_it_would_have_done(severity: str, verb: str) -> None:
    (found,) = said(policy(match="{kinds: [Component]}", severity=severity, mode="observe"))
    assert (found.severity, found.message) == (Severity.INFO, f"would have {verb}: no")
    assert found.observed == severity
    assert observed([found, found]) == (Observed("p", Severity(severity), 2),)
    assert said(policy(match="{kinds: [Component]}"))[0].observed is None


def test_the_gravest_of_what_is_observed_stands_first_and_equals_by_name() -> None:
    rows = [("b", Severity.INFO), ("c", Severity.ERROR), ("b", Severity.ERROR), ("a", Severity.WARNING), ("c", None)]
    found = [Finding(rule, Severity.INFO, "said", Place("a.yaml"), observed=severity) for rule, severity in rows]
    assert [(one.rule, one.severity.value, one.count) for one in observed([*found, *found])] == [
        ("b", "error", 2), ("c", "error", 2), ("a", "warning", 2), ("b", "info", 2),
    ]  # fmt: skip


def test_an_error_is_part_of_what_is_said() -> None:
    assert judged("1 / 0 == 1")[1].message == (
        "no (policy p cannot be evaluated, which counts as failed: in require, divide by zero)"
    )


@pytest.mark.parametrize(
    ("require", "message", "line"),
    [
        ("object.spec.zz", "no (spec.zz is not there)", 7),
        ("object.spec.type == 'service' && object.metadata.labels.zz.a", "no (metadata.labels.zz.a is not there)", 5),
        ("object.spec.type == 'x' || entity(ref).zz", 'no (the key "zz" is not there)', 8),
    ],
)
def test_a_key_that_is_not_there_is_said_with_its_path_and_pointed_at(require: str, message: str, line: int) -> None:
    found = judged(require)[1]
    assert (found.message, found.place.line) == (message, line)


def test_the_fix_is_the_policys_or_where_to_read_on() -> None:
    for fields, fix in [({"fix": "mend it"}, "mend it"), ({}, "`tarmac explain p` says what it asks for")]:
        found = judged("false", **fields)[1]
        assert found.fix is not None
        assert (found.rule, found.entity, found.fix.sentence) == ("p", ORDERS, fix)


@pytest.mark.parametrize(
    ("require", "line", "column"),
    [
        ("object.spec.type == ''", 8, 9),
        ("object.spec.?type.orValue('') == ''", 8, 9),
        ("object.spec.type.startsWith('x')", 8, 9),
        ('object.metadata.labels["data-class"] == ""', 6, 17),
        ('object.metadata.labels[?"data-class"].orValue("") == ""', 6, 17),
        ('object["spec"]["not a word"] == 2', 13, 17),
        ("object.spec.zz == 1", 7, 1),
        ("object.spec.zz.deeper == 1", 7, 1),
        ("object.kind == '' || object.spec.lifecycle == ''", 9, 14),
        ("object.spec.size() == 0 || object.spec.owner == ''", 10, 10),
        ("object.spec.list.size() == 0", 11, 9),
        ("ref == ''", 4, 9),
        ("object == old && false", 4, 9),
        ("object.kind == ''", 4, 9),
        ("ref.contains('my_object.spec.type')", 4, 9),
    ],
)
def test_it_points_at_what_is_read_first(require: str, line: int, column: int) -> None:
    place = judged(require)[1].place
    assert (place.line, place.column) == (line, column)


# --- what a verdict rests on -------------------------------------------------------------------------------------


@dataclass
class Noting:
    """A catalog that writes down what it is told."""

    catalog: Catalog
    notes: list[tuple[str, ...]] = field(default_factory=list)
    asides: list[tuple[str, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.catalog, name)

    def note(self, topic: str, *parts: str) -> None:
        self.notes.append((topic, *parts))

    def aside(self, topic: str, *parts: str) -> AbstractContextManager[None]:
        self.asides.append((topic, *parts))
        return nullcontext()


class Forgetful(Noting):
    """One that keeps nothing, as where verdicts are kept with what they rest on."""

    def memory(self) -> None:
        return None


def test_a_verdict_rests_on_the_policies_of_its_kind() -> None:
    base = Noting(catalog_of(THINGS + policy("true", match="{kinds: [System]}")))
    list(check(catalog_of(THINGS), replace(settings_of(catalog_of(THINGS)), base=base)))
    kinds = ["component", "resourcerequest", "system"]
    assert sorted(base.notes) == sorted([*(("policies", kind) for kind in kinds), *[("policies", "*")] * 3])
    assert [aside for aside in base.asides if aside[0] == "policies"] == [("policies", kind) for kind in kinds]


@pytest.mark.parametrize(
    ("require", "when", "held"),
    [
        ("true", None, False),
        ("now > now", None, True),
        ("true", "now > now", True),
        ("now > now", "false", False),
        ("git == {}", None, False),
    ],
)
def test_a_verdict_that_reads_the_time_holds_for_its_instant(require: str, when: str | None, held: bool) -> None:
    heard: list[tuple[datetime | None, datetime | None]] = []
    text = policy(require, match="{kinds: [Component]}", **({} if when is None else {"when": quoted(when)}))
    catalog = Forgetful(catalog_of(THINGS + text))
    holds: Holds = lambda since, until: heard.append((since, until))  # noqa: E731
    list(check(catalog, replace(settings_of(catalog.catalog), ages=Ages({}), holds=holds)))  # type: ignore[arg-type]
    assert heard == ([(NOW, NOW)] if held else [])


AGED = 'now - timestamp("2026-11-30T00:00:00Z")'


@pytest.mark.parametrize(
    ("require", "when", "message", "turns", "held"),
    [
        (f"{AGED} < days(9)", None, "no", 1, False),
        ("now > now", f"{AGED} > days(9)", "no", 1, False),
        (f"{AGED} < days(9)", f"{AGED} < days(7)", "no", 2, False),
        (f"{AGED} < days(9)", None, "{now}", 1, False),
        (f"{AGED} > days(9)", None, "{now}", 1, True),
        (f"{AGED} > days(9)", None, "{object.metadata.name}", 1, False),
    ],
)
def test_a_verdict_holds_until_what_it_rests_on_changes(
    require: str, when: str | None, message: str, turns: int, held: bool
) -> None:
    heard: list[tuple[datetime | None, datetime | None]] = []
    fields = {"message": f'"{message}"', **({} if when is None else {"when": quoted(when)})}
    catalog = Forgetful(catalog_of(THINGS + policy(require, match="{kinds: [Component]}", **fields)))
    holds: Holds = lambda since, until: heard.append((since, until))  # noqa: E731
    list(check(catalog, replace(settings_of(catalog.catalog), holds=holds)))  # type: ignore[arg-type]
    assert ((NOW, NOW) in heard) is held
    assert len([one for one in heard if one != (NOW, NOW)]) == 2 * turns


@pytest.mark.parametrize(
    ("require", "ages", "noted"),
    [("git == {}", Ages({}), True), ("git == {}", None, False), ("true", Ages({}), False)],
)
def test_a_verdict_that_reads_how_old_a_file_is_rests_on_that(require: str, ages: Ages | None, noted: bool) -> None:
    text = policy(require, match="{kinds: [Component]}")
    catalog = Noting(catalog_of(THINGS + text))
    list(check(catalog, replace(settings_of(catalog_of(THINGS + text)), ages=ages)))  # type: ignore[arg-type]
    assert {note for note in catalog.notes if note[0] == "age"} == ({("age", "catalog/all.yaml")} if noted else set())
