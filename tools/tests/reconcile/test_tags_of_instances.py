"""The tag policy holds what is live too: a plan says which instance carries a tag that it must not, or lacks one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.reports.plan_text import plan_text
from tests.planning.worlds import NOW
from tests.reconcile.company import Company

TAGS = """\
apiVersion: tarmac/v1
kind: TagPolicy
metadata: {name: core}
spec:
  normalize: {aliases: {environment: stage}}
  tags:
    - {key: cost-center, required: true, match: "CC-[0-9]{4}"}
    - {key: data-class, required: true, environments: [production]}
    - {key: stage, required: true, values: [development]}
"""


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company.found(tmp_path)
    made.ask("orders-db")
    made.ask("stock-db", environment="staging")
    made.ask("main-db", environment="production")
    made.commit()
    made.reconcile()
    return made


def test_an_instance_whose_tags_a_policy_refuses_is_named_in_the_plan(company: Company) -> None:
    assert company.plan().notes == ()
    company.write("policies/tags.yaml", TAGS)
    company.commit()
    planned = company.plan()
    provider = "provider embedded, "
    assert sorted(note.partition(" of ")[2] for note in planned.notes) == [
        "resourcerequest:default/main-db: the tag cost-center has the value CC-1, and needs a value that matches"
        " CC-[0-9]{4} (tag policy core)",
        "resourcerequest:default/main-db: the tag stage has the value production, and needs one of development"
        " (tag policy core)",
        "resourcerequest:default/orders-db: the tag cost-center has the value CC-1, and needs a value that matches"
        " CC-[0-9]{4} (tag policy core)",
        "resourcerequest:default/stock-db: the tag cost-center has the value CC-1, and needs a value that matches"
        " CC-[0-9]{4} (tag policy core)",
        "resourcerequest:default/stock-db: the tag stage has the value staging, and needs one of development"
        " (tag policy core)",
    ]
    assert all(note.startswith(provider) for note in planned.notes)
    text = plan_text(planned.plan, planned.breaches, planned.notes, NOW)
    assert text.count("Note: provider embedded, ") == 5


def test_tags_that_fit_again_are_no_longer_named(company: Company) -> None:
    company.write("policies/tags.yaml", TAGS.replace("CC-[0-9]{4}", "CC-[0-9]").replace("[development]", "[nowhere]"))
    company.commit()
    assert len(company.plan().notes) == 3
    company.write("policies/tags.yaml", TAGS.replace("CC-[0-9]{4}", "CC-[0-9]").replace(", values: [development]", ""))
    company.commit()
    assert company.plan().notes == ()
