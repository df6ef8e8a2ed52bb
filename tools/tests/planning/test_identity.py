"""How the instances of a request are called."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from tarmac.planning.identity import life_of, next_life, uid_of

PLATFORM, REQUEST = "7c1f6e0a-94d2-4b5f-a3c8-5b6d0e2f9147", "resourcerequest:default/orders-db"


def test_a_uid_is_the_same_in_every_version_of_the_tool() -> None:
    # What was made under another name would be nobody's.
    assert uid_of(PLATFORM, REQUEST, 1) == "e879c9a7-b6f6-51c9-98aa-2f2f194f844b"
    assert uid_of(PLATFORM, REQUEST, 12) == "db9815e9-290f-5321-80be-b6de56674383"


@given(st.text(max_size=9), st.text(max_size=9), st.integers(1, 99))
def test_a_uid_is_a_uuid_of_platform_request_and_life(platform: str, request: str, life: int) -> None:
    uid = uuid.UUID(uid_of(platform, request, life))
    assert (uid.version, uid.variant) == (5, uuid.RFC_4122)
    others = {uid_of(f"{platform}.", request, life), uid_of(platform, f"{request}.", life)}
    assert str(uid) not in others | {uid_of(platform, request, life + 1)}


def test_the_life_of_an_instance_is_told_by_its_uid() -> None:
    for life in (1, 2, 7, 1023):
        assert life_of(PLATFORM, REQUEST, uid_of(PLATFORM, REQUEST, life)) == life


def test_what_was_made_under_another_name_is_in_its_first_life() -> None:
    assert life_of(PLATFORM, REQUEST, uid_of(PLATFORM, "resourcerequest:default/other", 3)) == 1
    assert life_of(PLATFORM, REQUEST, "by-hand") == 1


def test_nobody_looks_for_a_life_beyond_the_thousandth() -> None:
    assert life_of(PLATFORM, REQUEST, uid_of(PLATFORM, REQUEST, 1024)) == 1


def test_the_next_life_is_the_first_whose_uid_nothing_has() -> None:
    uids = {life: uid_of(PLATFORM, REQUEST, life) for life in range(1, 6)}
    assert next_life(PLATFORM, REQUEST, 0, ()) == (1, uids[1])
    assert next_life(PLATFORM, REQUEST, 2, {uids[1], uids[4]}) == (3, uids[3])
    assert next_life(PLATFORM, REQUEST, 2, {uids[3]}) == (4, uids[4])
    assert next_life(PLATFORM, REQUEST, 2, {uids[3], uids[4]}) == (5, uids[5])
