"""What a review says of the plan that follows: what is made, changed, replaced, deleted or held, and what is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tarmac.app import wire
from tarmac.app.review import review
from tarmac.model.ledger import Phase, RequestState, Subject
from tarmac.model.values import parse_instant
from tarmac.planning.identity import uid_of
from tarmac.reports.review import Review
from tarmac.reports.reviews import load
from tests.approvals.test_evaluate import rule
from tests.review.repository import Repository
from tests.trees import DISK, NOW, READING, company, component, request

LIVE, WHERE = "requests/one/production/r.yaml", "requests/one/staging/s.yaml"
UID = "7c1f6e0a-94d2-4b5f-a3c8-5b6d0e2f9147"
BASE = company(
    **{
        "policies/rules.yaml": rule("auto", "true", "auto"),
        "catalog/types/disk.yaml": DISK.replace("immutable: []", "immutable: [size]"),
        LIVE: request("r", "gb: 1", environment="production"),
        WHERE: request("s", "gb: 1"),
        **{f"requests/one/staging/more-{n}.yaml": request(f"more-{n}", f"gb: {n}") for n in range(9)},
    }
)
NAMED = f"""\
apiVersion: tarmac/v1
kind: DeletionApproval
metadata: {{name: larger}}
spec: {{requests: ["{LIVE}"], reason: the disks are full, expires: "2026-12-31"}}
"""


def told(path: Path, head: dict[str, str | None], states: tuple[RequestState, ...] = ()) -> Review:
    repository = Repository.of(path, BASE)
    files = {name: text for name, text in {**BASE, **head}.items() if text is not None}
    repository.commit(files, "feature", onto="main")
    return review(wire.git(path), READING, "main", "feature", NOW, states)


def said(found: Review) -> dict[str, str]:
    return {(step.action.request or "").rpartition("/")[2]: str(step.action.verb) for step in found.steps}


def first(found: Review, form: str) -> str:
    return "\n".join(load(form)(found).splitlines()[:2])


def test_what_comes_and_what_changes_is_told_with_its_reason_and_fields(tmp_path: Path) -> None:
    found = told(tmp_path, {WHERE: request("s", "gb: 2"), "requests/one/staging/new.yaml": request("new")})
    assert said(found) == {"new": "create", "s": "update"}
    for form, form_text in (("text", "config.gb: 1 -> 2"), ("markdown", "config.gb: 1 -> 2"), ("json", '"config.gb"')):
        assert form_text in load(form)(found)
    assert "asked for in requests/one/staging/new.yaml, for 7d from being ready" in load("text")(found)
    assert "Warning" not in load("text")(found)


def test_a_replacement_in_production_is_said_first_in_every_format(tmp_path: Path) -> None:
    found = told(tmp_path, {LIVE: request("r", "gb: 1, size: large", environment="production")})
    assert said(found) == {"r": "hold"}
    for form in ("text", "markdown"):
        said_first = first(found, form).replace("&#64;&#8203;", "@")
        assert "r (disk@1.0.0, production) would be REPLACED after the merge: config.size cannot" in said_first
        assert "its data lost" in said_first
    answer = json.loads(load("json")(found))
    assert answer["warnings"][0].startswith("Warning: r (disk@1.0.0, production) would be REPLACED")
    (step,) = answer["plan"]
    assert (step["action"], step["held"], step["losesData"]) == ("hold", "replacement", True)


def test_an_approval_that_comes_along_lets_it_through_and_it_is_still_said_first(tmp_path: Path) -> None:
    head = {LIVE: request("r", "gb: 1, size: large", environment="production"), "policies/approval.yaml": NAMED}
    found = told(tmp_path, dict(head))
    assert said(found) == {"r": "replace"}
    assert "will be REPLACED after the merge: config.size cannot change in place: its data is lost" in first(
        found, "text"
    )


def test_a_store_outside_production_that_is_deleted_or_replaced_is_said_first(tmp_path: Path) -> None:
    found = told(tmp_path, {WHERE: None, "requests/one/staging/more-1.yaml": request("more-1", "gb: 1, size: large")})
    assert said(found) == {"more-1": "replace", "s": "delete"}
    assert "more-1 (disk@1.0.0, staging) will be REPLACED" in load("text")(found)
    assert "s (disk@1.0.0, staging) will be DELETED" in load("text")(found)


def test_a_rename_that_does_not_say_so_is_a_warning_in_the_words_of_the_plan(tmp_path: Path) -> None:
    found = told(tmp_path, {LIVE: None, "requests/one/production/new.yaml": BASE[LIVE].replace("name: r", "name: new")})
    assert said(found) == {"new": "hold", "r": "hold"}
    assert "new will be held after the merge: it may be r under a new name: write previously: [r]" in first(
        found, "text"
    )
    assert "replacement" not in load("text")(found)


def test_a_type_that_changes_tells_of_every_request_that_follows(tmp_path: Path) -> None:
    other = BASE["catalog/types/disk.yaml"].replace("default: 10", "default: 20")
    found = told(tmp_path, {"catalog/types/disk.yaml": other, "requests/one/staging/more-1.yaml": request("more-1")})
    assert said(found) == {"more-1": "update"}


def test_more_removals_than_one_run_may_make_are_said_first(tmp_path: Path) -> None:
    found = told(tmp_path, {f"requests/one/staging/more-{n}.yaml": None for n in range(5)})
    assert found.breaches
    assert any("refuse the whole run" in line for line in json.loads(load("json")(found))["warnings"])


def test_a_limit_that_others_break_is_not_held_against_a_change_that_removes_nothing(tmp_path: Path) -> None:
    found = told(tmp_path, {WHERE: request("s", "gb: 2")})
    assert not found.breaches


def state(name: str, phase: Phase, ready_at: str) -> RequestState:
    reference = f"resourcerequest:default/{name}"
    subject = Subject(
        UID, reference, uid_of(UID, reference, 1), 1, "embedded", "disk@1.0.0", "group:default/one",
        "component:default/shop", "staging", "CC-1", f"requests/one/staging/{name}.yaml", {"gb": 1},
    )  # fmt: skip
    return RequestState(subject, phase, NOW, ready_at=parse_instant(ready_at))


def test_what_the_ledger_calls_expired_costs_nothing_any_more(tmp_path: Path) -> None:
    over = state("s", Phase.EXPIRED, "2026-11-01T00:00:00Z")
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    known = told(tmp_path / "one", {WHERE: None}, (over,))
    unknown = told(tmp_path / "two", {WHERE: None})
    assert (known.monthly_before.amount, known.monthly_after.amount) == (Decimal(0), Decimal(0))
    assert unknown.monthly_before.amount > 0
    (one,), (other,) = known.teams, unknown.teams
    assert one.before is not None
    assert other.before is not None
    assert one.before.committed < other.before.committed
    assert said(known) == {}
    assert said(unknown) == {"s": "delete"}


def test_a_later_end_makes_what_had_expired_cost_again(tmp_path: Path) -> None:
    over = state("s", Phase.EXPIRED, "2026-11-29T00:00:00Z")
    longer = request("s", "gb: 1", more='  expires: "2026-12-20"\n')
    found = told(tmp_path, {WHERE: longer}, (over,))
    assert said(found) == {"s": "create"}
    assert found.monthly_after.amount > 0


@pytest.mark.parametrize(("ready_at", "verb"), [("2026-11-28T00:00:00Z", "expire"), ("2026-11-30T07:00:00Z", "update")])
def test_a_shorter_life_is_counted_from_when_the_ledger_says_it_was_ready(
    tmp_path: Path, ready_at: str, verb: str
) -> None:
    ready = state("s", Phase.READY, ready_at)
    found = told(tmp_path, {WHERE: request("s", "gb: 3", more="  ttl: 1d\n")}, (ready,))
    assert parse_instant(ready_at) < NOW - timedelta(hours=20)
    assert said(found) == {"s": verb}


def test_a_file_that_breaks_something_else_holds_what_names_it(tmp_path: Path) -> None:
    found = told(tmp_path, {"catalog/shop/catalog-info.yaml": None, WHERE: BASE[WHERE]})
    assert set(said(found).values()) == {"hold"}
    assert "s" in said(found)


def test_what_planning_does_not_read_leads_to_no_step(tmp_path: Path) -> None:
    assert said(told(tmp_path, {"catalog/new/catalog-info.yaml": component("new")})) == {}
