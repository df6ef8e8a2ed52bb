"""policy list, eval, test and replay: what they say, in every format, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tarmac.app import wire
from tarmac.app.check import check
from tarmac.app.deps import Reading
from tarmac.app.policy import evaluate, policies
from tarmac.app.policy_replay import replay
from tarmac.app.policy_test import run_policy_tests
from tarmac.errors import ConfigurationError, UsageError
from tarmac.model.documents import Document
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import replace
from tarmac.model.trees import Source
from tarmac.reports import policy_json, policy_junit, policy_text
from tests.review.repository import Repository
from tests.trees import NOW, PLATFORM, READING, Memory, component

SYSTEM = (
    "{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a}, spec: {type: service, lifecycle: %s}}"
)
PASSES = "{name: production passes, object: %s, expect: pass}" % (SYSTEM % "production")
FAILS = "{name: beta fails, object: %s, expect: fail, message: a is beta}" % (SYSTEM % "beta")
RUNS = "policies/runs.yaml"


def policy(require: str = 'object.spec.lifecycle == "production"', more: str = "", name: str = "runs") -> str:
    return (
        f"apiVersion: tarmac/v1\nkind: Policy\nmetadata: {{name: {name}}}\nspec:\n  severity: error\n"
        f"  match: {{kinds: [Component]}}\n  require: {require}\n"
        f'  message: "{{object.metadata.name}} is {{object.spec.lifecycle}}"\n{more}'
    )


def with_tests(*cases: str) -> str:
    return policy(more=f"  tests: [{', '.join(cases)}]\n")


def memory(**more: str) -> Memory:
    return Memory({"catalog/shop.yaml": component("shop"), **more})


def run(files: Mapping[str, str], *names: str) -> tuple[list[str], list[tuple[str, str]]]:
    """(the faults of cases, the findings as severity and message)."""
    found = run_policy_tests(memory(**files), READING, names, NOW)
    faults = [f"{one.policy}: {one.case}: {one.fault}" for one in found.results if one.fault]
    assert found.failed == bool(faults or any(one.severity is Severity.ERROR for one in found.findings))
    return faults, [(one.severity.value, one.message) for one in found.findings]


# --- policy test -------------------------------------------------------------------------------------------------


def test_cases_within_a_policy_pass_or_say_what_came_out() -> None:
    assert run({RUNS: with_tests(PASSES, FAILS)}) == ([], [])
    wrong = PASSES.replace("production}", "beta}")
    assert run({RUNS: with_tests(wrong, FAILS)}) == (
        ["runs: production passes: pass was expected, and it is fail: a is beta"], [],
    )  # fmt: skip


def test_cases_stand_in_a_file_beside_too_and_that_is_no_document() -> None:
    beside = f"policy: runs\ntests: [{PASSES}]\n---\npolicy: runs\ntests: [{FAILS}]\n"
    files = {RUNS: policy(), "policies/runs.tests.yaml": beside}
    assert run(files) == ([], [])
    assert len(run_policy_tests(memory(**files), READING, (), NOW).results) == 2
    only_one = {**files, "policies/runs.tests.yaml": f"policy: runs\ntests: [{PASSES}]\n"}
    assert run(only_one) == ([], [("warning", "no test of runs expects fail")])


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        (f"policy: run\ntests: [{PASSES}]", "there is no policy run next to this file"),
        (f"tests: [{PASSES}]", "the tests name no policy"),
        ("policy: runs", "there is no list of tests"),
        (f"policy: runs\ntests: [{PASSES}]\ntest: x", "a field test is not known here"),
        ("policy: runs\ntests: [{object: {}, expect: pas}]", "the case does not say what is expected"),
        ("policy: runs\ntests: [{expect: pass}]", "the case has no object to judge"),
        ("policy: runs\ntests: [{object: {}, expect: pass, name: 1}]", "name must be a text"),
        ("policy: runs\ntests: [{object: {}, expect: pass, fact: {}}]", "a field fact is not known here"),
        ("", "the file holds no tests"),
        ("policy: [", "no value where one has to stand"),
    ],
)
def test_a_file_of_tests_that_is_not_right_is_an_error_at_its_place(beside: str, message: str) -> None:
    _, findings = run({RUNS: with_tests(PASSES, FAILS), "policies/runs.tests.yaml": beside})
    assert any(severity == "error" and message in said for severity, said in findings), findings
    # A check of everything says the same, and where.
    files = memory(**{RUNS: with_tests(PASSES, FAILS), "policies/runs.tests.yaml": beside})
    checked = [one for one in check(files, READING, NOW).findings if one.place.path == "policies/runs.tests.yaml"]
    assert [(one.severity.value, one.message) for one in checked] == findings


def test_a_check_looks_at_the_form_of_tests_and_runs_none() -> None:
    wrong = PASSES.replace("production}", "beta}")
    text = f"policy: runs\ntests:\n  - {wrong}\n  - {{expect: pass}}\n"
    # Whatever lies elsewhere under such a name is nobody's tests.
    files = memory(**{RUNS: policy(), "policies/runs.tests.yaml": text, "catalog/x/runs.tests.yaml": "a: 1\n"})
    found = check(files, READING, NOW).findings
    assert [f"{one.place}: {one.message}" for one in found if one.rule == "policy-test"] == [
        "policies/runs.tests.yaml:4:5: the case has no object to judge"
    ]


def test_a_run_without_a_case_does_not_seem_to_pass() -> None:
    found = policy_text.tests(run_policy_tests(memory(**{RUNS: policy()}), READING, (), NOW))
    assert found.endswith("\n1 policy, no case that could show anything\n")


def test_tests_of_nobodys_are_an_error() -> None:
    _, findings = run(
        {RUNS: with_tests(PASSES, FAILS), "policies/other.tests.yaml": f"policy: runs\ntests: [{PASSES}]"}
    )
    assert findings == [("error", "there is no policy in the file next to this one")]


def test_a_policy_that_nothing_proves_or_that_meets_nothing_is_said() -> None:
    assert run({RUNS: policy()})[1] == [("warning", "no test of runs expects pass or fail")]
    idle = with_tests(PASSES, FAILS).replace("kinds: [Component]", "kinds: [Component], types: [website]")
    faults, findings = run({RUNS: idle})
    assert len(faults) == 2
    assert findings == [("info", "runs matches nothing in this repository")]


def test_a_policy_that_cannot_be_read_fails_the_run() -> None:
    faults, findings = run({RUNS: policy("objct.x", f"  tests: [{PASSES}, {FAILS}]\n")})
    assert len(faults) == 2
    assert any(severity == "error" and "nothing is called 'objct'" in said for severity, said in findings)
    assert run({RUNS: policy() + "  requires: x\n"})[1][-1][0] == "error"
    assert run({RUNS: "kind: [\n"})[1] != []


def test_only_the_policies_named_are_tested_and_unknown_names_refused() -> None:
    files = {RUNS: with_tests(PASSES, FAILS), "policies/o.yaml": policy(name="other")}
    assert run(files, "runs") == ([], [])
    with pytest.raises(UsageError, match="there is no policy 'rums': did you mean runs"):
        run(files, "rums")
    with pytest.raises(ConfigurationError, match="no policies"):
        run({})


@pytest.mark.parametrize(
    ("facts", "require", "expected"),
    [
        ("{old: %s}", "old.spec.lifecycle == object.spec.lifecycle", "fail"),
        ("{}", "old == {}", "pass"),
        ("{owner: {name: x}}", 'owner.name == "x"', "pass"),
        ("{platform: {regions: [eu]}}", 'platform.regions == ["eu"]', "pass"),
        ("{git: {changed: 2026-01-01T00:00:00Z}}", 'timestamp(git.changed) < now', "fail"),
        ("{now: 2027-01-01T00:00:00Z}", 'now > timestamp("2026-06-01T00:00:00Z")', "pass"),
        ("{catalog: [%s]}", 'exists("component:default/b")', "pass"),
    ],
)  # fmt: skip
def test_a_case_says_what_the_world_around_is(facts: str, require: str, expected: str) -> None:
    other = (SYSTEM % "beta").replace("name: a", "name: b") if "catalog" in facts else SYSTEM % "beta"
    stated = facts % other if "%" in facts else facts
    case = f"{{name: c, object: {SYSTEM % 'production'}, facts: {stated}, expect: {expected}}}"
    found = run_policy_tests(memory(**{RUNS: policy(f"'{require}'", f"  tests: [{case}]\n")}), READING, (), NOW)
    assert [one.fault for one in found.results] == [None]


def test_a_fact_that_does_not_exist_is_no_silent_nothing() -> None:
    case = f"{{name: c, object: {SYSTEM % 'production'}, facts: {{ownr: {{}}}}, expect: pass}}"
    assert "facts.ownr is no fact" in run({RUNS: with_tests(case)})[0][0]


def test_a_policy_that_does_not_compile_is_said_once_and_what_is_beside_is_counted() -> None:
    broken = policy("object.spec.a ==", more=f"  tests:\n    - {PASSES}\n    - {FAILS}\n    - {PASSES}\n")
    text = policy_text.tests(run_policy_tests(memory(**{RUNS: broken}), READING, (), NOW))
    assert text.count("the policy does not compile") == 1
    assert "\n  the same of 2 more cases\n" in text
    assert text.endswith("1 policy, 3 cases: 3 did not come out as expected; 1 error beside\n")


def test_the_difference_can_be_read_in_every_format() -> None:
    other = FAILS.replace("message: a is beta", 'message: "a is \\e[31mbeta"')
    files = {RUNS: policy(more=f"  tests:\n    - {PASSES}\n    - {other}\n")}
    found = run_policy_tests(memory(**files), READING, (), NOW)
    text = policy_text.tests(found)
    assert "  - a is \\u001b[31mbeta\n  + a is beta\n" in text
    assert text.splitlines()[4].index("^") == text.splitlines()[3].index("b")
    assert all(char.isprintable() or char == "\n" for char in text)
    assert text.endswith("1 policy, 2 cases: 1 did not come out as expected\n")
    answer = json.loads(policy_json.tests(found))
    assert answer["summary"] == {"policies": 1, "cases": 2, "failed": 1}
    assert [row["message"] for row in answer["results"]] == [None, "a is beta"]
    root = ElementTree.fromstring(policy_junit.tests(found))  # noqa: S314  # our own output is what is tested
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    assert [suite.get("name") for suite in root] == ["runs"]
    assert len(root.findall("./testsuite/testcase/failure")) == 1


# --- policy list, policy eval ------------------------------------------------------------------------------------


def test_the_list_says_what_each_matches_and_what_comes_out() -> None:
    beta = component("beta").replace("lifecycle: production", "lifecycle: beta")
    website = component("site").replace("type: service", "type: website")
    strict = policy(more="  when: object.spec.type == 'service'\n  mode: observe\n  controls: [SOC2-CC6.1]\n")
    broken = policy("objct", name="broken")
    files = {RUNS: strict, "policies/b.yaml": broken, "catalog/beta.yaml": beta, "catalog/site.yaml": website}
    rows = policies(memory(**files), READING, NOW)
    assert [row.name for row in rows] == ["broken", "runs"]
    assert rows[0].fault is not None
    assert (rows[1].observe, rows[1].controls, rows[1].matched) == (True, ("SOC2-CC6.1",), 3)
    assert rows[1].outcomes == {"pass": 1, "fail": 1, "skip": 1}
    text = policy_text.rows(rows)
    assert "runs  error, observe, proves SOC2-CC6.1" in text
    assert "looks at component: 3 entities: 1 pass, 1 fail, 1 not looked at (when)" in text
    answer = json.loads(policy_json.rows(rows))["policies"][1]
    assert (answer["mode"], answer["entities"], answer["outcomes"]["fail"]) == ("observe", 3, 1)


def test_an_evaluation_shows_every_fact_and_every_operand_and_why() -> None:
    require = '\'object.spec.?tarmac.?tier.orValue("none") == "critical" || (ref != "" && object.spec.nothing)\''
    found = evaluate(memory(**{RUNS: policy(require)}), READING, "runs", "shop", NOW)
    assert found.verdict.outcome == "fail"
    assert found.why == (
        "require is not true",
        'object.spec.?tarmac.?tier.orValue("none") == "critical" is false',
        'object.spec.nothing has no value: the key "nothing" is not there',
    )
    assert [path for path, _ in found.facts] == ["object.spec.?tarmac.?tier", "ref", "object.spec.nothing"]
    assert [value.fact for _, value in found.facts] == [None, "component:default/shop", None]
    assert found.require is not None
    assert [child.value.fact for child in found.require.children] == [False, None]
    text = policy_text.reasons(found)
    assert "component:default/shop fails runs\n  because require is not true\n" in text
    assert json.loads(policy_json.reasons(found))["require"]["operands"][1]["operator"] == "&&"


@pytest.mark.parametrize(
    ("require", "when", "why"),
    [
        ("ref != '' && true", None, ("require is true", "ref != '' is true", "true is true")),
        ("ref == '' || true", None, ("require is true", "true is true")),
        ("(ref == '' ? true : false)", None, ("require is not true", "ref == '' is false", "false is false")),
        ("true", "ref == ''", ("when is false", "ref == '' is false")),
        ("true", "ref", ("when is not true or false, which counts as failed", "ref is neither true nor false")),
    ],
)  # fmt: skip
def test_why_names_the_parts_that_decide(require: str, when: str | None, why: tuple[str, ...]) -> None:
    files = {RUNS: policy(f'"{require}"', f'  when: "{when}"\n' if when else "")}
    assert evaluate(memory(**files), READING, "runs", "component:shop", NOW).why == why


def test_an_entity_that_does_not_match_is_said_and_not_evaluated() -> None:
    files = {RUNS: policy(), "catalog/s.yaml": "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: s}\n"
             "spec: {owner: o}\n"}  # fmt: skip
    found = evaluate(memory(**files), READING, "runs", "system:s", NOW)
    assert (found.matches, found.verdict.outcome, found.facts) == (False, "skip", ())
    assert policy_text.reasons(found).startswith("runs does not look at system:default/s\n")
    with pytest.raises(UsageError):
        evaluate(memory(**files), READING, "runs", "nobody", NOW)
    with pytest.raises(UsageError, match=rf"^{RUNS}:7:12: spec.require: nothing is called 'objct'.*; write object$"):
        evaluate(memory(**{RUNS: policy("objct")}), READING, "runs", "shop", NOW)


# --- policy replay -----------------------------------------------------------------------------------------------

DAY = timedelta(days=1)


def beta(name: str) -> str:
    return component(name).replace("lifecycle: production", "lifecycle: beta")


def history(path: Path) -> Repository:
    """Five changes: one that breaks the policy, one that does not, one that mends it, and two of other files."""
    one, two = {"catalog/one.yaml": component("one")}, {"catalog/two.yaml": component("two")}
    repository = Repository.of(path, one)
    repository.commit({**one, **two}, at="2026-11-01T00:00:00Z")
    repository.commit({**one, "catalog/two.yaml": beta("two")}, at="2026-11-02T00:00:00Z")
    repository.commit({**one, "catalog/two.yaml": beta("two"), "README.md": "x"}, at="2026-11-03T00:00:00Z")
    repository.commit({**one, **two}, at="2026-11-04T00:00:00Z")
    repository.commit(
        {**one, **two, "catalog/b.yaml": beta("b"), "catalog/c.yaml": beta("c")}, at="2026-11-05T00:00:00Z"
    )
    return repository


def test_a_replay_names_the_changes_that_would_have_been_blocked(tmp_path: Path) -> None:
    git, source = wire.git(history(tmp_path).path), memory(**{RUNS: policy(more="  mode: observe\n")})
    found = replay(source, git, READING, "runs", "main", 60 * DAY, NOW)
    assert (found.commits, found.complete, found.severity) == (5, True, Severity.ERROR)
    assert [[finding.entity for finding in change.findings] for change in found.against] == [
        ["component:default/b", "component:default/c"],
        ["component:default/two"],
    ]
    assert [f"{change.commit.committed_at:%d}" for change in found.against] == ["05", "02"]
    text = policy_text.replay(found)
    assert text.startswith(
        "runs would have blocked 2 of 5 changes between 2026-10-02T06:00:00Z and 2026-12-01T06:00:00Z"
    )
    answer = json.loads(policy_json.replay(found))
    assert (answer["changes"], len(answer["against"]), answer["complete"]) == (5, 2, True)


def test_a_replay_ends_at_now_and_begins_when_it_is_told(tmp_path: Path) -> None:
    git, source = wire.git(history(tmp_path).path), memory(**{RUNS: policy()})
    assert replay(source, git, READING, "runs", "main", 27 * DAY, NOW).commits == 1
    before = NOW.replace(day=3, month=11)
    assert replay(source, git, READING, "runs", "main", 60 * DAY, before).commits == 3
    assert replay(source, git, READING, "runs", "main", timedelta(0), before).against == ()


def test_an_exemption_that_stood_before_the_change_counts(tmp_path: Path) -> None:
    exemption = (
        "apiVersion: tarmac/v1\nkind: Exemption\nmetadata: {name: e}\nspec: {rule: runs, target: component:default/a, "
        'owner: o, approvers: [o], reason: r, expires: "2026-12-31"}\n'
    )
    files = {"catalog/a.yaml": component("a")}
    repository = Repository.of(tmp_path, files)
    repository.commit({**files, "policies/e.yaml": exemption}, at="2026-11-02T00:00:00Z")
    repository.commit({"catalog/a.yaml": beta("a"), "policies/e.yaml": exemption}, at="2026-11-03T00:00:00Z")
    found = replay(memory(**{RUNS: policy()}), wire.git(tmp_path), READING, "runs", "main", 60 * DAY, NOW)
    assert (found.commits, found.against) == (2, ())


def test_a_policy_that_reads_the_time_blames_no_change_for_its_passing(tmp_path: Path) -> None:
    files = {"catalog/a.yaml": component("a")}
    repository = Repository.of(tmp_path, files)
    repository.commit({**files, "catalog/b.yaml": component("b")}, at="2026-11-02T00:00:00Z")
    repository.commit({**files, "catalog/c.yaml": component("c")}, at="2026-11-20T00:00:00Z")
    late = policy('\'now < timestamp("2026-11-10T00:00:00Z") || object.metadata.name == "a"\'')
    found = replay(memory(**{RUNS: late}), wire.git(tmp_path), READING, "runs", "main", 60 * DAY, NOW)
    assert [[finding.entity for finding in change.findings] for change in found.against] == [["component:default/c"]]


def test_a_replay_knows_what_stood_there_before_and_whose_platform_it_was(tmp_path: Path) -> None:
    files = {"catalog/a.yaml": component("a")}
    repository = Repository.of(tmp_path, files)
    repository.commit({"catalog/a.yaml": beta("a")}, at="2026-11-02T00:00:00Z")
    repository.commit({"catalog/a.yaml": beta("a"), "README.md": "x"}, at="2026-11-03T00:00:00Z")
    repository.commit(files, at="2026-11-04T00:00:00Z")
    repository.commit({"catalog/a.yaml": beta("a"), "policies/platform.yaml": PLATFORM}, at="2026-11-05T00:00:00Z")
    stays = policy("old == {} || old.spec.lifecycle == object.spec.lifecycle")
    found = replay(memory(**{RUNS: stays}), wire.git(tmp_path), READING, "runs", "main", 60 * DAY, NOW)
    assert [f"{change.commit.committed_at:%d}" for change in found.against] == ["05", "04", "02"]
    bare = policy("platform != {} || object.spec.lifecycle == 'production'")
    found = replay(memory(**{RUNS: bare}), wire.git(tmp_path), READING, "runs", "main", 60 * DAY, NOW)
    assert [f"{change.commit.committed_at:%d}" for change in found.against] == ["05", "02"]


def test_a_replay_says_nothing_of_what_has_not_its_kinds_form(tmp_path: Path) -> None:
    repository = Repository.of(tmp_path, {"catalog/a.yaml": component("a")})
    formless = beta("a").replace("owner: one", "owner: 1")
    repository.commit({"catalog/a.yaml": formless}, at="2026-11-02T00:00:00Z")
    found = replay(memory(**{RUNS: policy()}), wire.git(tmp_path), READING, "runs", "main", 60 * DAY, NOW)
    assert (found.commits, found.against) == (1, ())


def test_a_clock_that_went_wrong_does_not_tear_the_line(tmp_path: Path) -> None:
    """A change that says it is later than the one after it is one all the same."""
    repository = Repository.of(tmp_path, {"catalog/a.yaml": component("a")})
    repository.commit({"catalog/a.yaml": component("a"), "catalog/b.yaml": beta("b")}, at="2026-11-05T00:00:00Z")
    repository.commit({"catalog/b.yaml": beta("b")}, at="2026-11-03T00:00:00Z")
    repository.commit({"catalog/c.yaml": component("c")}, at="2026-11-09T00:00:00Z")
    source, git = memory(**{RUNS: policy()}), wire.git(tmp_path)
    found = replay(source, git, READING, "runs", "main", 60 * DAY, NOW.replace(day=4, month=11))
    assert found.commits == 2
    assert [[finding.entity for finding in change.findings] for change in found.against] == [["component:default/b"]]


def test_each_content_is_parsed_once_however_many_commits_hold_it(tmp_path: Path) -> None:
    read: Counter[bytes] = Counter()

    def counting(path: str, content: bytes) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
        read[content] += 1
        return READING.read(path, content)

    reading: Reading = replace(READING, read=counting)
    source: Source = memory(**{RUNS: policy()})
    repository = history(tmp_path)
    read.clear()
    replay(source, wire.git(repository.path), reading, "runs", "main", 60 * DAY, NOW)
    for text in source.texts.values():  # type: ignore[attr-defined]
        read[text.encode()] -= 1
    assert sorted(+read) == sorted(
        text.encode() for text in (component("one"), component("two"), *map(beta, "bc"), beta("two"))
    )
    assert set((+read).values()) == {1}


def test_a_shallow_clone_says_that_it_does_not_know_all(tmp_path: Path) -> None:
    (tmp_path / "origin").mkdir()
    origin = history(tmp_path / "origin")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth=2", f"file://{origin.path}", str(clone)], check=True)
    found = replay(memory(**{RUNS: policy()}), wire.git(clone), READING, "runs", "HEAD", 60 * DAY, NOW)
    assert (found.complete, found.commits) == (False, 1)
    assert "The clone is shallow" in policy_text.replay(found)


# --- how they end ------------------------------------------------------------------------------------------------


def test_exit_codes(tmp_path: Path) -> None:
    files = {RUNS: with_tests(PASSES, FAILS), "catalog/shop.yaml": component("shop"), "catalog/b.yaml": beta("b")}
    path = Repository.of(tmp_path, files).path
    program = str(Path(sys.executable).with_name("tarmac"))

    def ended(*arguments: str) -> int:
        done = subprocess.run([program, "policy", *arguments], cwd=path, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode

    assert ended("list") == ended("list", "--format", "json") == 0
    assert ended("test") == ended("test", "runs", "--format", "junit") == 0
    assert ended("eval", "runs", "--entity", "shop") == 0
    assert ended("eval", "runs", "--entity", "b", "--format", "json") == 1
    assert ended("replay", "runs", "--since", "90d") == 0
    assert ended("test", "nobody") == ended("eval", "runs", "--entity", "x") == ended("replay", "x") == 2
    assert ended("replay", "runs", "--since", "soon") == 2
    (path / RUNS).write_text(with_tests(PASSES), "utf-8")
    assert ended("test") == 0
    (path / RUNS).write_text(with_tests(FAILS.replace("a is beta", "no")), "utf-8")
    assert ended("test") == 1
