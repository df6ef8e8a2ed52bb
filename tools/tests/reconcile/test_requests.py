"""request list, show and new: what is asked for, how far it is, and asking for more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tarmac.app.plan import Deps
from tarmac.app.reconcile import reconcile
from tarmac.cli.request import command
from tarmac.errors import ProviderError, TarmacError, UsageError
from tarmac.providers.base import Health
from tests.planning.worlds import NOW
from tests.reconcile.company import Company
from tests.reconcile.test_reconcile import Wrapped, nothing, with_provider

AT = ("--now", "2026-12-01T06:00:00Z")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def run(company: Company, *arguments: str, answers: str | None = None) -> Result:
    """One command; an error of ours is raised, as the command line's last line would see it."""
    root = ("--root", str(company.root), *AT)
    result = CliRunner().invoke(command, [*arguments, *root], input=answers, standalone_mode=False)
    if isinstance(result.exception, TarmacError):
        raise result.exception
    assert result.exception is None, result.exception
    return result


def plain(result: Result) -> str:
    """Standard output with one blank where columns stand apart."""
    return " ".join(result.stdout.split())


REASONS = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: request-has-reason}
spec:
  severity: error
  mode: enforce
  match: {kinds: [ResourceRequest]}
  require: has(object.spec.reason) && object.spec.reason.size() > 3
  message: "{object.metadata.name} says nothing about why"
  fix: write spec.reason
"""
FULL = ("--yes", "--name", "orders-db", "--for", "shop", "--environment", "staging")


def test_a_request_is_written_where_it_belongs_and_can_be_planned(company: Company) -> None:
    result = run(company, "new", "postgres", *FULL, "--set", "size=large", "--reason", "no: really", "--label", "a=b")
    assert "Written: requests/platform/staging/orders-db.yaml" in result.stdout
    text = (company.root / "requests/platform/staging/orders-db.yaml").read_text("utf-8")
    assert text == (
        "# postgres: what it can be is said in catalog/resource-types/postgres.yaml.\n"
        "apiVersion: tarmac/v1\n"
        "kind: ResourceRequest\n"
        "metadata:\n"
        "  name: orders-db\n"
        "  labels:\n"
        "    a: b\n"
        "spec:\n"
        "  type: postgres@1.0.0\n"
        "  owner: group:default/platform\n"
        "  for: component:default/shop\n"
        "  environment: staging\n"
        "  # Not set here, so the type's defaults hold: encrypted true.\n"
        "  config:\n"
        "    size: large\n"
        "  # From being ready on. At most 90d here.\n"
        "  ttl: 30d\n"
        "  reason: 'no: really'\n"
    )
    company.commit()
    assert dict(company.plan().plan.summary) == {"create": 1}


def test_what_is_not_given_is_asked_for_and_wrong_answers_are_asked_again(company: Company) -> None:
    answers = "orders-db\nshop\n\nstaging\nhuge\nlarge\nmaybe\nno\n14d\nbecause\ny\n"
    result = run(company, "new", "postgres", answers=answers)
    assert "must be small or large" in result.stderr
    assert "neither true nor false" in result.stderr
    text = (company.root / "requests/platform/staging/orders-db.yaml").read_text("utf-8")
    for line in ("    size: large\n", "    encrypted: false\n", "  ttl: 14d\n", "  reason: because\n"):
        assert line in text


def test_what_cost_and_approvers_are_is_shown_before_anything_is_written(company: Company) -> None:
    result = run(company, "new", "postgres", *FULL[1:], answers="\n\n\n\n\nn\n")
    assert "Cost: " in result.stdout
    assert "Approvals: " in result.stdout
    assert "Life: for 30d from being ready (at most 90d)." in result.stdout
    assert result.stdout.endswith("Nothing was written.\n")
    assert not (company.root / "requests").exists()


def test_json_says_what_was_written(company: Company) -> None:
    data = json.loads(run(company, "new", "postgres", *FULL, "--format", "json").stdout)
    assert data["written"] is True
    assert data["path"] == "requests/platform/staging/orders-db.yaml"
    assert data["findings"] == []
    assert (company.root / data["path"]).read_text("utf-8") == data["text"]


def test_a_request_that_would_not_pass_is_not_written(company: Company) -> None:
    company.write("policies/reasons.yaml", REASONS)
    result = run(company, "new", "postgres", *FULL)
    assert result.return_value == 1
    assert "orders-db says nothing about why" in result.stdout
    assert "Approvals: known when what follows is mended." in result.stdout
    assert not (company.root / "requests").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nosql",), "there is no resource type"),
        (("postgress",), "did you mean postgres"),
        (("postgres@9",), "postgres has no version 9: it has 1.0.0 (active)"),
        (("postgres", "--yes"), "--name, --owner (or --for), --environment development|staging|production"),
        (("postgres", *FULL, "--set", "sise=large"), "did you mean size"),
        (("postgres", *FULL, "--set", "size"), "key=value"),
        (("postgres", *FULL, "--set", "size=huge"), "must be small or large"),
        (("postgres", *FULL, "--set", "size=small", "--set", "size=large"), "twice"),
        (("postgres", *FULL, "--label", "x"), "key=value"),
        (("postgres", *FULL, "--label", "x=1", "--label", "x=2"), "given twice"),
        (("postgres", *FULL, "--label", "x=a b"), "cannot be its value"),
        (("postgres", *FULL, "--ttl", "400d"), "400d is over the maximum of postgres in staging: 90d"),
        (("postgres", *FULL, "--ttl", "soon"), "duration"),
        (("postgres", *FULL, "--environment", "production", "--ttl", "7d"), "is permanent: leave the TTL out"),
        (("postgres", *FULL, "--environment", "stagin"), "did you mean staging"),
        (("postgres", *FULL, "--owner", "component:shop"), "is no group"),
        (("postgres", *FULL, "--for", "group:platform"), "is no component, resource, system or api"),
        (("post", *FULL), "did you mean postgres"),
        (("postgres", *FULL, "--owner", "nobody"), "there is no group:default/nobody"),
        (("postgres", *FULL, "--for", "shoe"), "did you mean shop"),
        (("postgres", *FULL, "--for", ":"), "empty part"),
        (("postgres", *FULL, "--environment", "../../x"), "not offered"),
        (("postgres", *FULL, "--name", "../x"), "cannot be part of a file's path"),
        (("postgres", *FULL, "--name", ".."), "cannot be part of a file's path"),
        (("postgres", *FULL, "--name", "a/b"), "cannot be part of a file's path"),
        (("postgres", *FULL, "--name", "x\n"), "cannot be part of a file's path"),
        (("postgres", *FULL, "--name", "x" * 64), "cannot be part of a file's path"),
        (("postgres", *FULL, "--reason", "a\x07b\udc00"), "YAML"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(company: Company, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError) as wrong:
        run(company, "new", *arguments)
    assert said in str(wrong.value)
    assert not (company.root / "requests").exists()


def test_where_there_is_no_type_at_all_the_root_is_asked_for(company: Company) -> None:
    for name in ("postgres", "bucket", "queue"):
        (company.root / f"catalog/resource-types/{name}.yaml").unlink()
    said = "^there is no resource type 'postgres', nor any other: name the root with --root$"
    with pytest.raises(UsageError, match=said):
        run(company, "new", "postgres", *FULL)


def test_nothing_is_overwritten_and_no_name_taken_twice(company: Company) -> None:
    run(company, "new", "postgres", *FULL)
    before = (company.root / "requests/platform/staging/orders-db.yaml").read_bytes()
    for environment in ("staging", "production"):
        with pytest.raises(UsageError, match=r"orders-db\.yaml exists already"):
            run(company, "new", "bucket", *FULL, "--environment", environment)
    assert (company.root / "requests/platform/staging/orders-db.yaml").read_bytes() == before


def test_nothing_is_written_through_a_link(company: Company, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (company.root / "requests").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(UsageError, match="no folder of its own"):
        run(company, "new", "postgres", *FULL)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "reason", ["no", "2026-01-01", "1_000", "- x", "# x", "{{7*7}}", "a: b", "'", '"', "ü ✓", "0x1"]
)
def test_any_text_is_read_back_as_it_was(company: Company, reason: str) -> None:
    run(company, "new", "postgres", *FULL, "--reason", reason)
    company.commit()
    data = json.loads(run(company, "show", "orders-db", "--format", "json").stdout)
    assert data["reason"] == reason


def test_list_and_show_tell_how_far_a_request_is(company: Company) -> None:
    company.ask("orders-db")
    company.ask("files", "bucket", "production")
    assert "orders-db pending postgres@1.0.0 development platform" in plain(run(company, "list"))
    company.commit()
    assert "orders-db approved postgres@1.0.0 development platform" in plain(run(company, "list"))
    company.reconcile()
    ready = "orders-db ready postgres@1.0.0 development platform until 2026-12-08T06:00:00Z"
    assert ready in plain(run(company, "list"))
    data = json.loads(run(company, "list", "--format", "json").stdout)
    assert [(row["request"], row["phase"], row["expires"]) for row in data["requests"]] == [
        ("resourcerequest:default/files", "ready", None),
        ("resourcerequest:default/orders-db", "ready", "2026-12-08T06:00:00Z"),
    ]
    shown = json.loads(run(company, "show", "orders-db", "--format", "json").stdout)
    assert shown["config"] == {"encrypted": True, "size": "small"}
    assert [condition["status"] for condition in shown["state"]["conditions"]] == [True, True]
    company.reconcile(NOW.replace(day=9))
    assert json.loads(run(company, "show", "orders-db", "--format", "json").stdout)["phase"] == "expired"


def test_a_request_that_is_held_or_has_had_its_time_says_so(company: Company) -> None:
    kind = company.root / "catalog/resource-types/postgres.yaml"
    kind.write_text(kind.read_text("utf-8").replace("{default: 7d", "{grace: 2d, default: 7d"), "utf-8")
    company.ask("orders-db")
    company.ask("bad", config="size: enormous")
    company.commit()
    company.reconcile()
    assert "bad held postgres@1.0.0" in plain(run(company, "list"))
    late = ["list", "--root", str(company.root), "--now", "2026-12-08T06:00:00Z"]
    later = CliRunner().invoke(command, late, standalone_mode=False)
    assert "orders-db expiring postgres@1.0.0" in plain(later)


def test_a_request_that_is_not_there_is_wrong_usage(company: Company) -> None:
    company.ask("orders-db")
    with pytest.raises(UsageError, match="did you mean orders-db"):
        run(company, "show", "orders-bd")


def test_a_request_whose_file_went_is_told_to_be_in_the_ledger(company: Company) -> None:
    company.ask("one")
    company.ask("other")
    company.commit()
    company.reconcile()
    company.withdraw("one")
    company.commit()
    with pytest.raises(UsageError) as before:
        run(company, "show", "one")
    assert str(before.value) == "one has no file any more, and its instance is ready: tarmac ledger show one"
    company.reconcile()
    with pytest.raises(UsageError) as after:
        run(company, "show", "resourcerequest:one")
    assert "its instance is deprovisioned: tarmac ledger show resourcerequest:one" in str(after.value)
    with pytest.raises(UsageError, match="there is no request 'two'"):
        run(company, "show", "two")


def test_without_a_repository_requests_are_pending(tmp_path: Path, company: Company) -> None:
    company.ask("orders-db")
    (company.root / ".git").rename(tmp_path / "away")
    assert "pending" in run(company, "list").stdout


class Sick(Wrapped):
    def health(self, uid: str) -> Health:
        return Health(False, "no answer")


def test_what_the_last_run_told_is_part_of_the_state(company: Company) -> None:
    company.ask("one", environment="production")
    company.commit()
    sick = with_provider(company, lambda inside: Sick(inside, nothing, nothing))
    company.reconcile()

    def phase() -> str:
        (row,) = json.loads(run(company, "list", "--format", "json").stdout)["requests"]
        return str(row["phase"])

    assert phase() == "ready"
    reconcile_with_health(sick)
    assert phase() == "failed"
    text = run(company, "show", "one").stdout
    assert "    Ready: yes (ready) since 2026-12-01T06:00:00Z\n" in text
    assert "    Healthy: no (unhealthy) since 2026-12-01T06:00:00Z: it is not well: no answer\n" in text
    reconcile_with_health(company.deps())
    assert phase() == "ready"
    # Its replacement waits for somebody: it is there, and held.
    company.ask("one", environment="production", config="encrypted: false")
    company.commit()
    company.reconcile()
    assert phase() == "held"
    shown = json.loads(run(company, "show", "one", "--format", "json").stdout)
    synced = next(one for one in shown["conditions"] if one["type"] == "Synced")
    assert (synced["status"], synced["reason"], synced["attempts"]) == (False, "held", 0)
    assert "config.encrypted cannot change in place" in synced["message"]
    assert [one["status"] for one in shown["conditions"] if one["type"] == "Ready"] == [True]


def test_failures_are_counted_with_their_reason_and_time(company: Company) -> None:
    def busy(verb: str, what: str) -> None:
        raise ProviderError("busy", transient=True)

    company.ask("one")
    company.commit()
    failing = with_provider(company, lambda inside: Wrapped(inside, busy, nothing))
    company.reconcile(deps=failing)
    company.reconcile(deps=failing)
    text = run(company, "show", "one").stdout
    assert text.startswith("resourcerequest:default/one: failed\n")
    assert "    Synced: no (failed) since 2026-12-01T06:00:00Z, after 2 attempts: busy\n" in text


def reconcile_with_health(deps: Deps) -> None:
    reconcile(
        deps,
        "HEAD",
        NOW,
        apply=True,
        made_up_time=True,
        health=True,
        stop=lambda: False,
        planned=lambda made: None,
        tell=lambda outcome: None,
    )
