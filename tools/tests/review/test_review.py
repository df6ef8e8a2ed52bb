"""What a change means: judged by the base's tip, told from the merge base, checked as it would be merged."""

from __future__ import annotations

import html
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tarmac.app import wire
from tarmac.app.review import review
from tarmac.errors import UsageError
from tarmac.model.facts import State
from tarmac.model.findings import Severity
from tarmac.model.refs import Ref
from tarmac.reports.review import Verdict
from tarmac.reports.reviews import REVIEWS, load
from tests.approvals.test_evaluate import rule
from tests.review.repository import Repository
from tests.trees import DISK, NOW, RATES, READING, api, budget, company, component, request

WHERE = "requests/one/staging/r.yaml"
AUTO = {"policies/rules.yaml": rule("auto", "true", "auto")}
ONE = Ref.of("group", "one")


def test_a_request_is_told_with_its_cost_its_budget_and_its_approvers(tmp_path: Path) -> None:
    base = company(**{"policies/rules.yaml": rule("lead", "true", "[{from: [owner], role: lead}]")})
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r", "gb: 30")})
    (asked,) = found.requests
    assert (asked.operation, asked.increase.amount) == ("add", Decimal("146.099999999990"))
    (team,) = found.teams
    assert team.team == ONE
    assert team.before is not None
    assert team.after is not None
    assert (team.before.committed, team.after.committed) == (Decimal(0), Decimal("146.099999999990"))
    assert (found.verdict, found.failed, found.decision.state) == (Verdict.PENDING, False, State.PENDING)
    assert found.decision.children[0].children[0].candidates == ("ana-1",)


def test_nothing_open_is_approved(tmp_path: Path) -> None:
    base = company(**AUTO)
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r")})
    assert found.verdict is Verdict.APPROVED


def test_only_what_the_branch_changed_is_told_and_the_tip_judges(tmp_path: Path) -> None:
    base = company(**AUTO)
    tip = {**base, "catalog/new/catalog-info.yaml": component("new"), "teams/one/budget.yaml": budget(limit="100.00")}
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r")}, tip)
    assert [entity.ref.name for entity in found.change.added] == ["r"]
    assert found.verdict is Verdict.BLOCKED
    assert found.teams[0].facts.blocked
    assert found.failed


def test_what_is_checked_is_the_tree_that_a_merge_gives(tmp_path: Path) -> None:
    base = company(**AUTO, **{"catalog/old/catalog-info.yaml": component("old")})
    without = {path: text for path, text in base.items() if "old" not in path}
    head = {**base, "catalog/user/catalog-info.yaml": component("user", "dependsOn: [component:old]")}
    found = Repository.of(tmp_path, base).review(head, without)
    assert [(error.rule, error.place.path) for error in found.new_errors] == [
        ("unknown-reference", "catalog/user/catalog-info.yaml")
    ]
    assert found.verdict is Verdict.BLOCKED


def test_an_error_that_the_base_has_too_is_not_held_against_the_change(tmp_path: Path) -> None:
    base = company(**AUTO, **{"catalog/bad/catalog-info.yaml": component("bad", "dependsOn: [component:gone]")})
    moved = base["catalog/bad/catalog-info.yaml"].replace("kind:", "# moved down by a line\nkind:")
    found = Repository.of(tmp_path, base).review({**base, "catalog/bad/catalog-info.yaml": moved})
    assert [finding.severity for finding in found.findings] == [Severity.ERROR]
    assert not found.new
    assert not found.failed


def test_a_conflict_is_a_finding_and_the_verdict_waits(tmp_path: Path) -> None:
    base = company(**AUTO, **{WHERE: request("r", "gb: 1")})
    found = Repository.of(tmp_path, base).review(
        {**base, WHERE: request("r", "gb: 2")}, {**base, WHERE: request("r", "gb: 3")}
    )
    assert found.conflicts == (WHERE,)
    assert [(finding.rule, finding.place.path) for finding in found.new_errors] == [("merge-conflict", WHERE)]
    assert found.verdict is Verdict.PENDING
    assert found.failed


@pytest.mark.parametrize(
    "path", ["policies/rules.yaml", "teams/one/budget.yaml", "policies/rates.yaml", "catalog/types/disk.yaml"]
)
def test_a_change_cannot_weaken_what_judges_it(tmp_path: Path, path: str) -> None:
    base = company(
        **{
            "policies/rules.yaml": rule("strict", 'change.kind == "ResourceRequest"'),
            "teams/one/budget.yaml": budget(limit="100.00"),
        }
    )
    weaker = {
        "policies/rules.yaml": rule("strict", "true", "auto"),
        "teams/one/budget.yaml": budget(limit="100000.00"),
        "policies/rates.yaml": RATES.replace('"0.20"', '"0.00"'),
        "catalog/types/disk.yaml": DISK.replace("quantity: hours", "quantity: 0 * hours"),
    }[path]
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r", "gb: 0"), path: weaker})
    assert found.teams[0].facts.blocked
    assert found.requests[0].increase.amount == Decimal("146.00")
    strict = next(node for node in found.decision.children if node.name == "strict")
    assert strict.state is State.PENDING
    assert found.judging


def test_a_higher_price_that_comes_with_the_change_counts(tmp_path: Path) -> None:
    base = company(**AUTO)
    dear = RATES.replace('"0.20"', '"0.30"')
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r", "gb: 0"), "policies/rates.yaml": dear})
    assert found.requests[0].increase.amount == Decimal("219.00")


def test_a_change_of_currency_is_no_crash_and_no_sum(tmp_path: Path) -> None:
    base = company(**AUTO, **{WHERE: request("r")})
    files = {path: text.replace("currency: EUR", "currency: SEK") for path, text in base.items()}
    found = Repository.of(tmp_path, base).review({**files, "requests/one/staging/s.yaml": request("s")})
    assert found.monthly_after.currency == "EUR"


def test_removing_a_service_lists_what_to_rewrite_and_how_far_it_reaches(tmp_path: Path) -> None:
    base = company(
        **AUTO,
        **{
            "catalog/db/catalog-info.yaml": component("db", "providesApis: [orders]") + "---\n" + api("orders"),
            "catalog/web/catalog-info.yaml": component("web", "consumesApis: [orders]"),
        },
    )
    head = {path: text for path, text in base.items() if "/db/" not in path}
    found = Repository.of(tmp_path, base).review(head)
    assert [(str(one.place), one.text, one.replacement) for one in found.broken] == [
        ("catalog/web/catalog-info.yaml:4:73", "orders", None)
    ]
    (reach,) = found.impacts
    assert [one.ref.name for one in reach.impact.direct] == ["web"]
    assert (reach.impact.ref.name, [ref.name for ref in reach.together]) == ("db", ["orders"])
    assert reach.tell == (ONE,)
    assert found.failed
    for form in ("text", "markdown"):
        said = html.unescape(load(form)(found))
        # Once: as a reference to rewrite, and not as a finding too.
        assert said.count("catalog/web/catalog-info.yaml:4:73") == 1
        assert "point it at what takes its place, or take it out where nothing does" in said
        assert "Blast radius: risk medium (component:default/db: one depends on it), 1 dependent, 1 reference" in said
        assert "so talk to group:default/one." in said
    assert "unknown-reference" in load("json")(found)


def test_what_a_request_is_for_is_never_advised_to_be_taken_out(tmp_path: Path) -> None:
    base = company(**AUTO, **{WHERE: request("r")})
    head = {path: text for path, text in base.items() if path != "catalog/shop/catalog-info.yaml"}
    found = Repository.of(tmp_path, base).review(head)
    assert "point it at what takes its place, or remove the request" in load("text")(found)
    assert "take it out" not in load("text")(found)


def test_a_renamed_service_says_what_to_write_instead(tmp_path: Path) -> None:
    base = company(
        **AUTO,
        **{
            "catalog/old/catalog-info.yaml": component("old"),
            "catalog/web/catalog-info.yaml": component("web", "dependsOn: [component:old]"),
        },
    )
    head = {path: text for path, text in base.items() if "/old/" not in path}
    head["catalog/new/catalog-info.yaml"] = component("new")
    found = Repository.of(tmp_path, base).review(head)
    assert [str(one.replacement) for one in found.broken] == ["component:default/new"]


def test_increases_of_thirty_days_add_up_and_decreases_do_not_help(tmp_path: Path) -> None:
    base = company(**AUTO)
    repository = Repository.of(tmp_path, base)
    one = {**base, "requests/one/staging/a.yaml": request("a", "gb: 0")}
    repository.commit({**one, "requests/one/staging/old.yaml": request("old", "gb: 0")}, at="2026-10-31T05:59:59Z")
    repository.commit(one, at="2026-11-05T00:00:00Z")
    repository.commit({**one, "requests/one/staging/b.yaml": request("b", "gb: 0")}, at="2026-11-10T00:00:00Z")
    repository.commit(one, at="2026-11-20T00:00:00Z")
    found = repository.review({**one, WHERE: request("r", "gb: 0")})
    assert found.teams[0].recent is not None
    # b, merged and gone again, and r; a is older than 30 days.
    assert found.teams[0].recent.amount == Decimal("292.00")


def test_a_clone_too_shallow_to_know_makes_the_cost_incomplete(tmp_path: Path) -> None:
    base = company(**{"policies/rules.yaml": rule("unknown", "!cost.complete")})
    (tmp_path / "whole").mkdir()
    whole = Repository.of(tmp_path / "whole", base)
    whole.commit({**base, "requests/one/staging/a.yaml": request("a")})
    whole.commit({**base, WHERE: request("r")}, "feature", onto="main")
    whole.git("clone", "--quiet", "--depth=2", "--no-single-branch", whole.path.as_uri(), str(tmp_path / "part"))
    part = Repository(tmp_path / "part")
    part.git("checkout", "--quiet", "-b", "main", "origin/main")
    part.git("fetch", "--quiet", "--depth=1", "origin", "main")
    found = review(wire.git(part.path), READING, "origin/main", "origin/feature", NOW)
    assert found.teams[0].recent is None
    assert next(node for node in found.decision.children if node.name == "unknown").state is State.PENDING


def test_without_a_forge_merging_is_approving_and_every_reader_is_told(tmp_path: Path) -> None:
    base = company()
    base |= {"policies/platform.yaml": base["policies/platform.yaml"].replace("forge: github", "forge: none")}
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r")})
    for form in REVIEWS:
        assert "merging is approving" in load(form)(found), form


def test_a_repository_without_policies_is_told_about_and_never_approved(tmp_path: Path) -> None:
    found = Repository.of(tmp_path, {"catalog/a.yaml": component("a")}).review({"catalog/a.yaml": component("b")})
    assert found.decision.state is State.ERROR
    assert found.verdict is not Verdict.APPROVED


def test_histories_without_a_common_commit_are_refused(tmp_path: Path) -> None:
    repository = Repository.of(tmp_path)
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.git("commit", "--quiet", "--message=other")
    with pytest.raises(UsageError, match="no commit in common"):
        review(wire.git(tmp_path), READING, "main", "other", NOW)


@pytest.mark.parametrize("form", sorted(REVIEWS))
def test_every_format_is_the_same_twice_and_says_the_verdict(tmp_path: Path, form: str) -> None:
    base = company(**AUTO)
    found = Repository.of(tmp_path, base).review(
        {**base, WHERE: request("r", "gb: 30, metered: true", more="  ttl: 14d\n")}
    )
    text = load(form)(found)
    assert text == load(form)(found)
    assert "approved" in text
    assert "146.1" in text or "146.09" in text


def test_json_holds_exact_amounts_and_null_for_what_nobody_knows(tmp_path: Path) -> None:
    base = company(**AUTO)
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r", "gb: 30, metered: true")})
    answer = json.loads(load("json")(found))
    assert answer["version"] == 1
    assert answer["cost"]["monthlyIncrease"] == "146.099999999990"
    assert answer["cost"]["complete"] is False
    assert answer["requests"][0]["after"]["items"][2]["amount"] is None
    assert answer["budgets"][0]["after"]["actual"] is None
    assert answer["approvals"]["rules"][0]["rule"] == "auto"


def test_the_first_five_lines_are_what_a_person_needs(tmp_path: Path) -> None:
    base = company(**AUTO)
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("r", more="  ttl: 14d\n")})
    heads = [line.lstrip("*").partition(":")[0] for line in load("markdown")(found).splitlines()[:5]]
    assert heads == ["Verdict", "Cost", "Budget", "Approvals", "Expiry"]


def test_a_new_rule_has_no_version_that_judges_and_a_changed_one_has(tmp_path: Path) -> None:
    base = company(**AUTO)
    found = Repository.of(tmp_path, base).review(
        {**base, "policies/rules.yaml": rule("auto", "false", "auto"), "policies/new.yaml": rule("other", "true")}
    )
    for form in ("text", "markdown"):
        said = html.unescape(load(form)(found)).replace("<code>", "").replace("</code>", "")
        assert "ApprovalRule auto changes; the base's version judges this change" in said
        assert "ApprovalRule other is new and does not judge this change" in said


@pytest.mark.parametrize("content", ["spec: [", "\tgarbage", "a: 1\n"])
def test_a_request_whose_file_cannot_be_read_is_not_known_to_cost_less(tmp_path: Path, content: str) -> None:
    base = company(**AUTO, **{WHERE: request("r", "gb: 30")})
    found = Repository.of(tmp_path, base).review({**base, WHERE: content})
    (asked,) = found.requests
    assert (asked.operation, asked.increase.amount, asked.complete) == ("unreadable", Decimal(0), False)
    assert found.monthly_after == found.monthly_before
    assert not found.complete
    (team,) = found.teams
    assert team.before is not None
    assert team.after is not None
    assert team.after.committed == team.before.committed
    said = load("text")(found)
    assert f"{WHERE} holds no document that can be read" in said
    assert "is removed" not in said


def test_a_request_that_another_takes_the_place_of_is_removed(tmp_path: Path) -> None:
    base = company(**AUTO, **{WHERE: request("r", "gb: 30")})
    found = Repository.of(tmp_path, base).review({**base, WHERE: request("s", "gb: 30")})
    assert {one.operation for one in found.requests} == {"add", "remove"}


def test_a_request_whose_file_is_emptied_is_removed(tmp_path: Path) -> None:
    base = company(**AUTO, **{WHERE: request("r", "gb: 30")})
    found = Repository.of(tmp_path, base).review({**base, WHERE: "# gone\n"})
    assert [one.operation for one in found.requests] == ["remove"]
