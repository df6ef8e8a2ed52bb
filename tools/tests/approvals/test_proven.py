"""What a proof of the main line holds back: everything, or a path, or a request."""

from __future__ import annotations

from tarmac.app.proof_values import Proven

HELD = Proven("a" * 40, {"requests/one/r.yaml": "it was pushed", "resourcerequest:default/s": "it was moved"})


def test_what_goes_by_a_held_name_is_held_for_the_reason_of_the_first() -> None:
    assert HELD.reason("requests/one/r.yaml") == "it was pushed"
    assert HELD.reason("requests/one/s.yaml", "resourcerequest:default/s") == "it was moved"
    assert HELD.reason("resourcerequest:default/s", "requests/one/r.yaml") == "it was moved"


def test_what_goes_by_no_held_name_is_free() -> None:
    assert HELD.reason("requests/one/s.yaml", "resourcerequest:default/r") is None
    assert HELD.reason() is None
    assert Proven("a" * 40).reason("requests/one/r.yaml") is None


def test_where_everything_is_held_so_is_what_is_held_for_itself() -> None:
    held = Proven("a" * 40, HELD.held, everything="the ledger is another")
    assert held.reason("requests/one/r.yaml") == held.reason("anything") == held.reason() == "the ledger is another"


def test_proving_has_begun_unless_it_is_said_that_it_has_not() -> None:
    assert Proven("a" * 40).begun
