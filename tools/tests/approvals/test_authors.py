"""Whose a commit is: by addresses, by co-authors, and as the forge says."""

from __future__ import annotations

import pytest

from tarmac.approvals.authors import Identities
from tarmac.model.commits import Contribution
from tarmac.model.forge import CommitLogins
from tests.approvals.town import town
from tests.trees import catalog_of, user

BASE = catalog_of(
    town(
        **{
            "teams/one/twins.yaml": user("gil", "gil-1").replace("gil@", "twin@")
            + "---\n"
            + user("hal", "hal-1").replace("gil@", "").replace("hal@", "twin@"),
            "teams/one/ina.yaml": user("ina"),
        }
    )
)
GHOST = "77+ghost@users.noreply.github.com"
ANA, BEN, WEB = "ana@acme.example", "ben@acme.example", "noreply@github.com"


def made(author: str, committer: str = ANA, message: str = "x") -> Contribution:
    return Contribution("1" * 40, "2" * 40, (), author, committer, message)


@pytest.mark.parametrize(
    ("commit", "told", "known", "unknown"),
    [
        (made(ANA), None, "ana-1:author", 0),
        (made(" ANA@Acme.Example "), None, "ana-1:author", 0),
        (made(ANA, BEN), None, "ana-1:author ben-1:committer", 0),
        (made(ANA, WEB), None, "ana-1:author", 0),
        (made(ANA, "NOREPLY@github.com"), None, "ana-1:author", 0),
        (made(WEB, ANA), None, "ana-1:committer", 1),
        (made("x@y.example", ANA), None, "ana-1:committer", 1),
        (made("x@y.example", "x@y.example"), None, "", 2),
        (made("", ANA), None, "ana-1:committer", 1),
        (made("ana+more@acme.example", ANA), None, "ana-1:committer", 1),
        (made("twin@acme.example", ANA), None, "ana-1:committer gil-1:author hal-1:author", 0),
        (made("ina@acme.example", ANA), None, "ana-1:committer user:default/ina:author", 0),
        (made("77+dev@users.noreply.github.com", ANA), None, "ana-1:committer dev:author", 0),
        (made("77+Ben-1@users.noreply.github.com", ANA), None, "ana-1:committer ben-1:author", 0),
        (made("ben-1@users.noreply.github.com", ANA), None, "ana-1:committer ben-1:author", 0),
        (made(GHOST, ANA), None, "ana-1:committer ghost:author", 1),
        (made("77+ben-1@users.noreply.github.com.evil.example", ANA), None, "ana-1:committer", 1),
        (made("x+77+ben-1@users.noreply.github.com", ANA), None, "ana-1:committer", 1),
        (made(GHOST, ANA), CommitLogins("ghost", None), "ana-1:committer ghost:author", 0),
        (made("x@y.example", ANA), CommitLogins("ben-1", "ana-1"), "ana-1:committer ben-1:author", 0),
        (made(ANA, ANA), CommitLogins("ben-1", None), "ana-1:author ben-1:author", 0),
        (made("x@y.example", ANA), CommitLogins(None, None), "ana-1:committer", 1),
        (made("x@y.example", ANA), CommitLogins("web-flow", None), "ana-1:committer", 1),
        (made(ANA, WEB), CommitLogins("ana-1", "web-flow"), "ana-1:author", 0),
        (made(ANA, "x@y.example"), CommitLogins(None, "cam-1"), "ana-1:author cam-1:committer", 0),
        (made(ANA, ANA, f"x\n\nCo-authored-by: Ben <{BEN}>"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"x\n\nCO-AUTHORED-BY : Ben <{BEN}>\nmore"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"Co-authored-by: <{BEN}>"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"x\r\n\r\nCo-authored-by: Ben\r\n  <{BEN}>\r\n"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"x\rCo-authored-by: Ben <{BEN}>\ry"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"x\r\rCo-authored-by: Ben\r  <{BEN}>"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"x\u2028Co-authored-by: Ben <{BEN}>"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"x\vCo-authored-by: Ben <{BEN}>\fy"), None, "ana-1:author ben-1:co-author", 0),
        (made(ANA, ANA, f"x\x85Co-authored-by: Ben <{BEN}>\x1cCo-authored-by: <cam@acme.example>"), None,
         "ana-1:author ben-1:co-author cam-1:co-author", 0),
        (made(ANA, ANA, f"x\n\n  Co-authored-by: a <{BEN}> <cam@acme.example>"), None,
         "ana-1:author ben-1:co-author cam-1:co-author", 0),
        (made(ANA, ANA, "x\n\nCo-authored-by: Ben"), None, "ana-1:author", 1),
        (made(ANA, ANA, "x\n\nCo-authored-by:"), None, "ana-1:author", 1),
        (made(ANA, ANA, f"x\n\nCo-authored-by: Ben <{WEB}>"), None, "ana-1:author", 1),
        (made(ANA, ANA, f"x\n\nReviewed-by: Ben <{BEN}>"), None, "ana-1:author", 0),
        (made(ANA, ANA, f"x\n\nnot Co-authored-by: Ben <{BEN}>"), None, "ana-1:author", 0),
    ],
    ids=range(40),
)  # fmt: skip
def test_who_made_a_commit(commit: Contribution, told: CommitLogins | None, known: str, unknown: int) -> None:
    found = Identities(BASE, ["dev"]).makers(commit, told)
    assert sorted(f"{name}:{how.split()[2]}" for name, how in found.known.items()) == known.split()
    assert len(found.unknown) == unknown
    assert all("111111111111" in how for how in (*found.known.values(), *found.unknown))


def test_the_logins_of_a_base_are_those_of_its_users() -> None:
    people = Identities(BASE, ["dev"])
    assert people.knows("ana-1")
    assert people.knows("user:default/ina")
    # Who has a login goes by no other name, and a group is no person.
    assert not any(map(people.knows, ("dev", "user:default/ana", "group:default/blue", "user:DEFAULT/ina", "")))


def test_what_is_said_of_them() -> None:
    found = Identities(BASE).makers(made(ANA, "x@y.example", "x\n\nCo-authored-by:"), None)
    assert found.known == {"ana-1": "is the author of 111111111111"}
    assert found.unknown == (
        "the committer of 111111111111 (x@y.example) is nobody that the base knows",
        "the co-author of 111111111111 (no address) is nobody that the base knows",
    )
