"""Who is in a team, in which role, and how people are reached."""

from __future__ import annotations

import pytest

from tarmac.catalog.people import address, email, login, members, roles, slack_channel
from tarmac.model.documents import Entity
from tarmac.model.refs import Ref
from tests.trees import catalog_of

TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: one
  annotations: {tarmac/slack-channel: "#one"}
spec:
  type: team
  children: [group:default/below]
  members: [zoe, "user:", user:default/ana]
  profile: {email: one@acme.example}
  tarmac: {roles: {on-call: [zoe, ana, zoe, "user:"], lead: [other/eve]}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: below}
spec: {type: team, children: [], members: [dan]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ben, annotations: {github.com/user-login: Ben-K}}
spec: {memberOf: [one, group:default/below]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ana, annotations: {github.com/user-login: ""}}
spec: {memberOf: [one]}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: far, namespace: other}
spec: {type: team, children: [], tarmac: {roles: {lead: [eve]}}}
"""
CATALOG = catalog_of({"teams/all.yaml": TEAM})


def entity(reference: str) -> Entity:
    return CATALOG.entities[Ref.parse(reference)]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        # Whoever a team names and whoever names the team, each once; those below are not members above.
        ("group:default/one", ["user:default/ana", "user:default/ben", "user:default/zoe"]),
        ("group:default/below", ["user:default/ben", "user:default/dan"]),
        ("group:other/far", []),
        ("group:default/unheard", []),
    ],
)
def test_the_members_of_a_team(group: str, expected: list[str]) -> None:
    assert [str(one) for one in members(CATALOG, Ref.parse(group))] == expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        # As they are stated, each once, in the team's own namespace; what is no reference is left out.
        (
            "group:default/one",
            [("lead", ["user:other/eve"]), ("on-call", ["user:default/zoe", "user:default/ana"])],
        ),
        ("group:default/below", []),
        ("group:other/far", [("lead", ["user:other/eve"])]),
    ],
)
def test_the_roles_of_a_team(group: str, expected: list[tuple[str, list[str]]]) -> None:
    found = roles(entity(group))
    assert [(role, [str(one) for one in holders]) for role, holders in found.items()] == expected


def test_a_login_is_in_small_letters_and_an_empty_one_is_none() -> None:
    assert login(entity("user:default/ben")) == "ben-k"
    assert login(entity("user:default/ana")) is None
    assert login(entity("group:default/below")) is None


def test_how_a_team_is_reached() -> None:
    assert (email(entity("group:default/one")), slack_channel(entity("group:default/one"))) == (
        "one@acme.example",
        "#one",
    )
    assert (email(entity("group:default/below")), slack_channel(entity("group:default/below"))) == (None, None)


@pytest.mark.parametrize("stated", ["Ana@Acme.Example", " ana@acme.example\n", "ANA@ACME.EXAMPLE"])
def test_addresses_are_compared_without_case_and_blanks(stated: str) -> None:
    assert address(stated) == "ana@acme.example"
