"""A policy's page says word for word what the policy says of itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tarmac.model.documents import Entity
from tarmac.model.findings import Severity
from tarmac.rules.pages import Page
from tarmac.rules.policy_page import policy_page
from tests.rules.worlds import catalog_of


def policy(metadata: dict[str, Any] | None = None, **spec: Any) -> Entity:
    document = {
        "apiVersion": "tarmac/v1",
        "kind": "Policy",
        "metadata": {"name": "p", **(metadata or {})},
        "spec": {"require": "object.a", **spec},
    }
    found = catalog_of(yaml.safe_dump(document, allow_unicode=True, width=100_000), "policies/p.yaml").get("policy:p")
    assert found is not None
    return found


def of(metadata: dict[str, Any] | None = None, **spec: Any) -> Page:
    return policy_page(policy(metadata, **spec))


def test_all_that_a_policy_says_stands_on_its_page() -> None:
    found = of(
        {"description": "Says  what\nit is.  "},
        severity="warning",
        mode="observe",
        match={"kinds": ["API", "Component"], "types": ["service"], "environments": ["production"]},
        when="object.b ||\nobject.c\n",
        require="  object.a\n",
        message="it is not\n",
        fix="write it\n",
        controls=["A.1", "B.2"],
        tests=[{"name": "one", "expect": "pass"}, {"expect": "fail"}, {"name": "three"}],
    )
    assert (
        found.text
        == """\
Says what it is.

Severity: warning, only observed: it blocks nothing yet

Looks at: kinds API or Component, types service, environments production

Where this is true:

    object.b ||
    object.c

Requires:

    object.a

Says otherwise:

    it is not

What to do: write it

Controls: A.1, B.2

Tests:

    one: pass
    case 2: fail
    three: null

Stands in: policies/p.yaml:1:1
"""
    )
    assert (found.id, found.severity, found.topic) == ("p", Severity.WARNING, "policies of this repository")
    assert str(found.place) == "policies/p.yaml:1:1"
    assert found.policy is not None
    assert found.policy["severity"] == "warning"


def test_what_a_policy_does_not_say_is_left_out() -> None:
    assert (
        of().text
        == """\
What policy p asks for.

Severity: error

Looks at: every entity

Requires:

    object.a

Stands in: policies/p.yaml:1:1
"""
    )


def test_a_severity_that_is_none_counts_as_error_and_a_mode_that_is_not_observe_as_none() -> None:
    found = of(severity="grave", mode="enforce")
    assert found.severity is Severity.ERROR
    assert "\n\nSeverity: error\n\n" in found.text


@pytest.mark.parametrize(
    ("metadata", "message", "title"),
    [
        ({"description": "described", "title": "titled"}, "said", "described"),
        ({"title": "titled"}, "said", "titled"),
        ({}, "said", "said"),
        ({"description": "", "title": ""}, "", "What policy p asks for."),
    ],
)
def test_the_first_line_is_the_description_the_title_or_the_message(
    metadata: dict[str, Any], message: str, title: str
) -> None:
    assert of(metadata, message=message).text.startswith(f"{title}\n\n")


def test_a_long_first_line_is_cut_and_then_stands_whole() -> None:
    assert of({"title": "a" * 200}).text.startswith("a" * 200 + "\n\nSeverity")
    cut, whole, third = of({"title": "a" * 201}).text.split("\n\n")[:3]
    assert cut.startswith("a" * 190)
    assert len(cut) <= 203
    assert cut != whole
    assert whole == "a" * 201
    assert third.startswith("Severity")
