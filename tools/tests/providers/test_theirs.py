"""A provider of an installed package that raises what it should not: each verb becomes a step that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from tarmac.errors import ConfigurationError, GitError, ProviderError, TarmacError
from tarmac.model.plan import Desired, Observation
from tarmac.planning.identity import uid_of
from tarmac.providers.base import Capabilities, Health, Provider
from tarmac.providers.embedded import Embedded
from tarmac.providers.embedded_store import Store
from tarmac.providers.secrets import SinkSettings, TheirSink, make_sink
from tarmac.providers.theirs import Theirs
from tests.planning.worlds import NOW, OURS, wish

UID = uid_of(OURS, "one", 1)
CALLED = "provider odd of package theirs 1.0, theirs:odd,"


class Odd(Embedded):
    """Each verb raises what none should."""

    def list_instances(self) -> tuple[Observation, ...]:
        raise KeyError("a password")

    def observe(self, uid: str) -> Observation | None:
        raise KeyError("a password")

    def validate(self, desired: Desired) -> tuple[str, ...]:
        raise KeyError("a password")

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        raise KeyError("a password")

    def update(self, uid: str, desired: Desired) -> Observation:
        raise KeyError("a password")

    def delete(self, uid: str) -> None:
        raise KeyError("a password")

    def rotate(self, uid: str, now: datetime) -> str:
        raise KeyError("a password")

    def health(self, uid: str) -> Health:
        raise KeyError("a password")

    def prepare(self) -> None:
        raise KeyError("a password")

    def maintain(self, now: datetime) -> Iterator[str]:
        yield "one backup"
        raise KeyError("a password")


def odd(folder: Path) -> Theirs:
    return Theirs(Odd(OURS, Store(folder)), CALLED)


VERBS: dict[str, Callable[[Theirs], object]] = {
    "list": lambda one: one.list_instances(),
    "observe": lambda one: one.observe(UID),
    "create": lambda one: one.create(UID, wish("one"), NOW),
    "update": lambda one: one.update(UID, wish("one")),
    "delete": lambda one: one.delete(UID),
    "rotate": lambda one: one.rotate(UID, NOW),
    "health": lambda one: one.health(UID),
    "prepare": lambda one: one.prepare(),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_slip_in_a_verb_is_named_and_tried_again_and_says_no_secret(verb: str, tmp_path: Path) -> None:
    with pytest.raises(ProviderError) as caught:
        VERBS[verb](odd(tmp_path))
    assert str(caught.value).startswith(f"{CALLED} has a defect: KeyError at test_theirs.py:")
    assert caught.value.transient
    assert "password" not in str(caught.value)


ANSWERS: dict[str, tuple[str, str]] = {
    "list": ("int", "Observation"),
    "observe": ("int", "Observation"),
    "create": ("NoneType", "Observation"),
    "update": ("NoneType", "Observation"),
    "health": ("bool", "Health"),
}


class Loose:
    """A provider whose author did not look at what the verbs answer."""

    name = "loose"
    capabilities = Capabilities(frozenset(), frozenset())

    def list_instances(self) -> list[int]:
        return [1]

    def observe(self, uid: str) -> int:
        return 1

    def validate(self, desired: Desired) -> list[str]:
        return []

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> None: ...

    def update(self, uid: str, desired: Desired) -> None: ...

    def delete(self, uid: str) -> None: ...

    def rotate(self, uid: str, now: datetime) -> str:
        return ""

    def health(self, uid: str) -> bool:
        return True


@pytest.mark.parametrize("verb", ANSWERS)
def test_an_answer_of_another_kind_is_named(verb: str) -> None:
    loose = cast(Provider, Loose())
    answered, wanted = ANSWERS[verb]
    with pytest.raises(ProviderError) as caught:
        VERBS[verb](Theirs(loose, CALLED))
    assert str(caught.value) == f"{CALLED} has a defect: it answers {answered} and not {wanted}"
    assert caught.value.transient


def test_a_wish_that_cannot_be_looked_at_is_held(tmp_path: Path) -> None:
    (why,) = odd(tmp_path).validate(wish("one"))
    assert why.startswith(f"{CALLED} has a defect: KeyError at ")


def test_upkeep_that_breaks_off_has_said_what_it_did(tmp_path: Path) -> None:
    sentences = odd(tmp_path).maintain(NOW)
    assert next(sentences) == "one backup"
    with pytest.raises(ProviderError, match="has a defect"):
        next(sentences)


@pytest.mark.parametrize(
    ("fault", "transient"),
    [
        (ProviderError("full", transient=True), True),
        (ProviderError("full", transient=False), False),
        (GitError("full"), True),
        (ConfigurationError("full"), False),
    ],
)
def test_what_says_itself_what_is_wrong_keeps_its_words(fault: TarmacError, transient: bool, tmp_path: Path) -> None:
    class Full(Odd):
        def delete(self, uid: str) -> None:
            raise fault

    with pytest.raises(ProviderError) as caught:
        Theirs(Full(OURS, Store(tmp_path)), CALLED).delete(UID)
    assert (str(caught.value), caught.value.transient) == ("full", transient)


SINK_VERBS: dict[str, Callable[[TheirSink], object]] = {
    "reference": lambda sink: sink.reference(OURS, UID),
    "put": lambda sink: sink.put(OURS, UID, {"password": "hush"}),
    "get": lambda sink: sink.get(OURS, UID),
    "remove": lambda sink: sink.remove(OURS, UID),
}


class OddSink:
    """Each verb fails with what it was given."""

    def reference(self, platform: str, uid: str) -> str:
        raise KeyError(uid)

    def put(self, platform: str, uid: str, secret: Mapping[str, str]) -> str:
        raise ValueError(secret)

    def get(self, platform: str, uid: str) -> Mapping[str, str] | None:
        raise KeyError(uid)

    def remove(self, platform: str, uid: str) -> None:
        raise KeyError(uid)


@pytest.mark.parametrize("verb", SINK_VERBS)
def test_a_slip_in_a_secret_sink_is_named_and_says_no_secret(verb: str) -> None:
    with pytest.raises(ProviderError, match=r"^secret sink odd has a defect: (Key|Value)Error at test_theirs\.py:\d+$"):
        SINK_VERBS[verb](TheirSink(OddSink(), "secret sink odd"))


def test_a_secret_sink_that_works_is_handed_through(tmp_path: Path) -> None:
    plain = make_sink("file", SinkSettings(tmp_path, {}))
    sink = TheirSink(plain, "secret sink theirs")
    assert sink.put(OURS, UID, {"password": "hush"}) == sink.reference(OURS, UID) == plain.reference(OURS, UID)
    assert sink.get(OURS, UID) == plain.get(OURS, UID) == {"password": "hush"}
    sink.remove(OURS, UID)
    assert plain.get(OURS, UID) is None


def test_what_works_is_handed_through(tmp_path: Path) -> None:
    plain = Embedded(OURS, Store(tmp_path))
    theirs = Theirs(plain, CALLED)
    assert (theirs.name, theirs.capabilities) == (plain.name, plain.capabilities)
    made = theirs.create(UID, wish("one"), NOW)
    assert theirs.list_instances() == (made,) == plain.list_instances()
    assert theirs.observe(UID) == made
    assert theirs.update(UID, wish("one")) == plain.observe(UID)
    assert theirs.validate(wish("one")) == ()
    assert theirs.health(UID).healthy
    theirs.prepare()
    assert list(theirs.maintain(NOW)) == []
    theirs.delete(UID)
    assert plain.observe(UID) is None
