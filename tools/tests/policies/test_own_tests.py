"""The tests that stand beside a policy: what a case may say, what its little world is, and what comes out instead."""

from __future__ import annotations

import pytest

from tarmac.adapters.cel import Cel
from tarmac.adapters.schema_check import load_kinds
from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.documents import Document, Entity
from tarmac.model.findings import Finding, Severity
from tarmac.rules.policy_tests import CaseResult, cases_beside, cases_within, run_tests
from tests.rules.worlds import catalog_of

HEAD = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: p}
spec:
  match: {kinds: [System, ResourceRequest]}
  require: >-
    %s
  message: "{object.metadata.name} fails"
"""
SYSTEM = "{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: s}, spec: {owner: a}}"
OTHER = SYSTEM.replace("name: s", "name: t").replace("owner: a", "owner: b")
GROUP = "{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: a}, spec: {type: team, children: []}}"
FILE = "policies/p.yaml"
BAD_SUM = "in require, '+' cannot be used on (string, int)"


def policy(require: str, *cases: str) -> Entity:
    lines = "".join(f"    - {case}\n" for case in cases)
    found = catalog_of(HEAD % require + (f"  tests:\n{lines}" if cases else ""), FILE).get("policy:default/p")
    assert found is not None
    return found


def results(require: str, *cases: str) -> tuple[CaseResult, ...]:
    return run_tests(policy(require, *cases), Cel(), load_kinds())


def fault(require: str, case: str) -> str | None:
    (found,) = results(require, case)
    return found.fault


# --- what a case says ---------------------------------------------------------------------------------------------


def test_a_result_says_whose_it_is_and_where() -> None:
    named = f"{{name: first, object: {SYSTEM}, expect: pass}}"
    first, second, third = results("ref != ''", named, f"{{object: {SYSTEM}, expect: skip}}", f"{{object: {SYSTEM}}}")
    assert first == CaseResult("p", "first", first.place, "pass", None, None)
    assert str(first.place) == "policies/p.yaml:10:7"
    assert (second.case, second.expected, str(second.place)) == ("case 2", "skip", "policies/p.yaml:11:7")
    assert (third.expected, third.fault) == ("", " was expected, and it is pass")
    assert [str(case.place) for case in cases_within(policy("true", named))] == ["policies/p.yaml:10:7"]


@pytest.mark.parametrize(
    ("require", "case", "expected"),
    [
        ("ref != ''", "expect: pass", None),
        ("ref == ''", "expect: fail", None),
        ("ref == ''", "expect: fail, message: s fails", None),
        ("ref == ''", "expect: pass", "pass was expected, and it is fail: s fails"),
        ("ref != ''", "expect: fail", "fail was expected, and it is pass"),
        ("ref != ''", "expect: skip", "skip was expected, and it is pass"),
        ("ref + 1", "expect: pass", f"pass was expected, and it is fail: {BAD_SUM}"),
        ("object.spec.owner + 1 == 2", "expect: fail", f"it fails because it cannot be evaluated: {BAD_SUM}"),
        ("object.spec.none", "expect: fail", None),
    ],
)  # fmt: skip
def test_what_comes_out_instead(require: str, case: str, expected: str | None) -> None:
    assert fault(require, f"{{object: {SYSTEM}, {case}}}") == expected


def test_another_message_is_told_with_both() -> None:
    (found,) = results("ref == ''", f"{{object: {SYSTEM}, expect: fail, message: other}}")
    assert found.fault == "the message is 's fails', and 'other' was expected"
    assert found.messages == ("other", "s fails")
    (plain,) = results("ref == ''", f"{{object: {SYSTEM}, expect: pass, message: other}}")
    assert plain.messages is None


def test_what_the_policy_does_not_match_is_skipped() -> None:
    assert fault("ref != ''", f"{{object: {GROUP}, expect: skip}}") is None
    assert fault("ref != ''", f"{{object: {GROUP}, expect: pass}}") == "pass was expected, and it is skip"


def test_a_policy_that_does_not_compile_fails_every_case() -> None:
    found = results("nobody", f"{{object: {SYSTEM}, expect: pass}}", f"{{object: {SYSTEM}, expect: fail}}")
    assert len(found) == 2
    assert all((one.fault or "").startswith("the policy does not compile: nothing is called 'nobody'") for one in found)
    assert results("nobody") == ()


@pytest.mark.parametrize(
    ("case", "which"),
    [
        ("{object: {kind: System}, expect: pass}", "object"),
        ("{object: text, expect: pass}", "object"),
        ("{expect: pass}", "object"),
        (f"{{object: {SYSTEM}, facts: {{catalog: [{SYSTEM}, {{kind: x}}]}}, expect: pass}}", "facts.catalog[1]"),
        (f"{{object: {SYSTEM}, facts: {{beside: [x]}}, expect: pass}}", "facts.beside[0]"),
    ],
)
def test_what_is_no_document_is_named(case: str, which: str) -> None:
    assert fault("ref != ''", case) == f"{which} is no document: it needs apiVersion, kind and metadata.name"


@pytest.mark.parametrize(
    ("version", "kind", "said"),
    [
        ("backstage.io/v1alpha1", "Systm", "there is no kind Systm in backstage.io/v1alpha1; did you mean System?"),
        ("backstage.io/v1alpha1", "Zebra", "there is no kind Zebra in backstage.io/v1alpha1"),
        ("nobody/v1", "System", "there is no kind System in nobody/v1"),
        ("backstage.io/v1alpha1", "System", "it needs apiVersion, kind and metadata.name"),
    ],
)
def test_a_kind_that_there_is_not_is_named(version: str, kind: str, said: str) -> None:
    case = f"{{object: {{apiVersion: {version}, kind: {kind}}}, expect: pass}}"
    assert fault("ref != ''", case) == f"object is no document: {said}"


def test_a_fact_that_does_not_exist_is_named_with_those_that_do() -> None:
    assert fault("ref != ''", f"{{object: {SYSTEM}, facts: {{ref: a}}, expect: pass}}") == (
        "facts.ref is no fact: write catalog, beside, now, old, owner, platform or git"
    )
    assert fault("ref != ''", f"{{object: {SYSTEM}, facts: {{now: soon}}, expect: pass}}") == (
        "facts.now: 'soon' is no instant: write one with its offset, such as 2026-12-01T06:00:00Z"
    )


# --- the little world ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "require"),
    [
        ("", 'now == timestamp("2026-01-01T00:00:00Z") && old == {} && owner == {} && git == {} && platform == {}'),
        ("now: 2026-12-01T06:00:00Z", 'now == timestamp("2026-12-01T06:00:00Z")'),
        (f"old: {SYSTEM.replace('owner: a', 'owner: b')}", "old.spec.owner == 'b' && object.spec.owner == 'a'"),
        ("old: {spec: {owner: b}}", "old == {}"),
        (f"catalog: [{GROUP}, {OTHER}]", "owner.ref == 'group:default/a' && exists('system:t')"),
        (f"catalog: [{OTHER}]", "together(ref) == ['system:default/s']"),
        (f"catalog: [{OTHER}]", "together('system:t') == ['system:default/t']"),
        (f"beside: [{OTHER}, {GROUP}]", "together(ref) == ['system:default/t', 'group:default/a', 'system:default/s']"),
        ("owner: {name: x}", "owner == {'name': 'x'}"),
        ("owner: null", "owner == null"),
        ("platform: {regions: [eu]}", "platform.regions == ['eu']"),
        ("git: {changed: 2026-01-01T00:00:00Z}", "git.changed == '2026-01-01T00:00:00Z'"),
        ("catalog: [{apiVersion: tarmac/v1, kind: Platform, metadata: {name: p}, spec: {regions: [us]}}]",
         "platform.regions == ['us']"),
    ],
)  # fmt: skip
def test_what_stands_around_the_object(facts: str, require: str) -> None:
    assert fault(require, f"{{object: {SYSTEM}, facts: {{{facts}}}, expect: pass}}") is None


def test_what_a_request_leaves_out_is_filled_in_from_its_type_now_and_before() -> None:
    disk = (
        "{apiVersion: tarmac/v1, kind: ResourceType, metadata: {name: disk}, spec: {versions: [{name: 1.0.0, "
        "schema: {type: object, properties: {size: {default: small}}}}]}}"
    )
    request = (
        "{apiVersion: tarmac/v1, kind: ResourceRequest, metadata: {name: r}, spec: {type: disk@1.0.0, config: {}}}"
    )
    case = f"{{object: {request}, facts: {{catalog: [{disk}], old: {request}}}, expect: pass}}"
    assert fault("object.spec.config.size == 'small' && old.spec.config.size == 'small'", case) is None


# --- a file beside ------------------------------------------------------------------------------------------------


def part(content: str) -> Document:
    documents, findings = read_documents("policies/p.tests.yaml", content.encode())
    assert findings == ()
    return documents[0]


def told(findings: tuple[Finding, ...]) -> list[str]:
    assert {(one.rule, one.severity) for one in findings} <= {("policy-test", Severity.ERROR)}
    return [
        f"{one.place.line}:{one.place.column} {one.message} | {one.fix and one.fix.sentence}" for one in findings
    ]  # fmt: skip


def test_a_part_of_a_file_beside_names_its_policy_and_holds_cases() -> None:
    name, cases, findings = cases_beside(
        part(f"policy: p\ntests:\n  - {{object: {SYSTEM}, expect: pass}}\n  - {{object: {OTHER}, expect: fail}}\n"),
        ["q", "p"],
    )
    assert (name, findings) == ("p", ())
    assert [str(case.place) for case in cases] == ["policies/p.tests.yaml:3:5", "policies/p.tests.yaml:4:5"]
    within = policy("ref == 'system:default/s'", f"{{name: own, object: {SYSTEM}, expect: pass}}")
    found = run_tests(within, Cel(), load_kinds(), cases)
    assert [(one.case, one.fault) for one in found] == [("own", None), ("case 2", None), ("case 3", None)]


CASE = "{object: {}, expect: pass}"


@pytest.mark.parametrize(
    ("content", "policies", "findings"),
    [
        (f"policy: othr\ntests: [{CASE}]", ["p", "other"],
         ["1:9 there is no policy othr next to this file | write policy: other"]),
        (f"policy: x\ntests: [{CASE}]", ["p", "others"],
         ["1:9 there is no policy x next to this file | write policy: others or p"]),
        (f"tests: [{CASE}]", ["p"], ["1:1 the tests name no policy | write policy: p"]),
        (f"policy: 1\ntests: [{CASE}]", ["p"], ["1:9 the tests name no policy | write policy: p"]),
        (f"tests: [{CASE}]", ["XX", "other"], ["1:1 the tests name no policy | write policy: XX or other"]),
        (f"policy: p\ntests: [{CASE}]", [],
         ["1:9 there is no policy in the file next to this one | name this file after the policy's file"]),
        ("policy: p\n", ["p"], ["1:1 there is no list of tests | add tests: with a case or more"]),
        (f"policy: p\ntests: {CASE}\n", ["p"], ["1:1 there is no list of tests | add tests: with a case or more"]),
        (f"policy: p\ntest: 1\ntests: [{CASE}]", ["p"], ["2:1 a field test is not known here | write tests"]),
        (f"policy: p\nzzzz: 1\ntests: [{CASE}]", ["p"], ["2:1 a field zzzz is not known here | write policy or tests"]),
        ("policy: p\ntests: [{object: {}, expect: pas}]", ["p"],
         ["2:30 the case does not say what is expected | write expect: pass, fail or skip"]),
        ("policy: p\ntests: [{object: {}}]", ["p"],
         ["2:9 the case does not say what is expected | write expect: pass, fail or skip"]),
        ("policy: p\ntests: [{object: 1, expect: pass}]", ["p"],
         ["2:9 the case has no object to judge | add object: with a document"]),
        ("policy: p\ntests: [{object: {}, expect: pass, name: 1}]", ["p"],
         ["2:42 name must be a text | put it in quotes"]),
        ("policy: p\ntests: [{object: {}, expect: pass, message: [1]}]", ["p"],
         ["2:45 message must be a text | put it in quotes"]),
        ("policy: p\ntests: [{object: {}, expect: pass, fact: {}}]", ["p"],
         ["2:36 a field fact is not known here | write facts"]),
        ("policy: p\ntests: [{object: {}, expect: pass, zzzz: {}}]", ["p"],
         ["2:36 a field zzzz is not known here | write name, object, facts, expect or message"]),
        ("policy: p\ntests: [text]", ["p"],
         ["2:9 the case has no object to judge | add object: with a document",
          "2:9 the case does not say what is expected | write expect: pass, fail or skip"]),
    ],
)  # fmt: skip
def test_a_file_beside_that_is_not_right(content: str, policies: list[str], findings: list[str]) -> None:
    name, cases, found = cases_beside(part(content), policies)
    assert told(found) == findings
    assert name == ("p" if "policy: p\n" in content and policies else None)
    assert len(cases) == (CASE in content and "tests: [" in content)


def test_of_many_names_only_some_are_offered() -> None:
    names = [f"a-policy-of-a-long-name-{number}" for number in range(30)]
    _, _, (finding,) = cases_beside(part(f"tests: [{CASE}]"), names)
    assert finding.fix is not None
    assert finding.fix.sentence.startswith("write policy: a-policy-of-a-long-name-0, a-policy-of-a-long-name-1, ")
    assert len(finding.fix.sentence) < 300


@pytest.mark.parametrize(("last", "shown"), [(48, "d" * 48), (49, "d" * 48 + "...")])
def test_names_are_offered_up_to_two_hundred_letters(last: int, shown: str) -> None:
    names = ["a" * 48, "b" * 48, "c" * 48, "d" * last]
    _, _, (finding,) = cases_beside(part(f"tests: [{CASE}]"), names)
    assert finding.fix is not None
    assert finding.fix.sentence == f"write policy: {names[0]}, {names[1]}, {names[2]} or {shown}"
