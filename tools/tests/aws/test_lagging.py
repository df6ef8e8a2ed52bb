"""The tagging API may be minutes behind: what it does not tell yet is not made twice, what is gone not made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.model.frozen import replace
from tarmac.model.plan import Observation, Result
from tarmac.providers.aws import Aws
from tarmac.providers.base import Provider
from tests.aws.things import Things
from tests.crash.worlds import Wide, no_limits
from tests.reconcile.company import Company

KINDS = ("bucket", "queue")


class Behind(Wide):
    """The provider, whose inventory is the one of an earlier moment."""

    def __init__(self, inside: Provider, told: tuple[Observation, ...]) -> None:
        super().__init__(inside, lambda *_: None)
        self.told = told

    def list_instances(self) -> tuple[Observation, ...]:
        return self.told


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company.found(tmp_path)
    no_limits(company)
    for kind in KINDS:
        path = company.root / f"catalog/resource-types/{kind}.yaml"
        text = path.read_text("utf-8").replace("provider: embedded", "provider: aws")
        path.write_text(text.replace("size: {enum: [small, large], default: small}", "retentionDays: {type: integer}"))
    company.ask("files", "bucket")
    company.ask("jobs", "queue")
    company.commit()
    return company


def run(company: Company, provider: Aws, told: tuple[Observation, ...]) -> list[tuple[str, str]]:
    """One run whose inventory is that: (verb, result) of each step."""
    deps = replace(company.deps(), providers=lambda name, platform: Behind(provider, told))
    done = company.reconcile(deps=deps)
    assert done.executed is not None
    assert all(outcome.result is Result.DONE for outcome in done.executed.outcomes), done.executed.outcomes
    return [(str(outcome.action.verb), str(outcome.result)) for outcome in done.executed.outcomes]


def test_what_is_not_told_yet_is_found_and_not_made_twice(things: Things, company: Company) -> None:
    provider = things.open()
    assert run(company, provider, ()) == [("create", "done")] * 2
    made = provider.list_instances()
    assert len(made) == 2
    # By the ledger both are ready, and the inventory does not tell of them.
    assert run(company, provider, ()) == [("create", "done")] * 2
    assert provider.list_instances() == made
    assert len(things.account.client("sqs").list_queues()["QueueUrls"]) == 2
    assert run(company, provider, made) == []


def test_what_is_still_told_after_its_removal_is_removed_in_vain_and_never_made_again(
    things: Things, company: Company
) -> None:
    provider = things.open()
    run(company, provider, ())
    before = provider.list_instances()
    company.withdraw("jobs")
    company.commit()
    assert run(company, provider, before) == [("delete", "done")]
    gone = provider.list_instances()
    assert len(gone) == 1
    assert run(company, provider, before) == [("delete", "done")]
    assert run(company, provider, gone) == []
    assert provider.list_instances() == gone
