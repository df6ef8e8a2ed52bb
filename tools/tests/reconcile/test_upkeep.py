"""What instances need between changes: who is asked, and that one that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tarmac.app.upkeep import keep_up
from tarmac.errors import ProviderError
from tarmac.model.frozen import field, replace
from tarmac.model.plan import Upkeep
from tarmac.providers.base import Capabilities, ProviderSettings
from tarmac.providers.embedded import Embedded, open_embedded
from tarmac.reports.plan_text import upkeep_text
from tests.planning.worlds import NOW, OURS


class Kept(Embedded):
    """The embedded provider with upkeep: it says each sentence, then fails if there is a failure."""

    sentences: tuple[str, ...] = ()
    failure: str = ""
    shared: bool = False
    asked: list[datetime] = field(default_factory=list)

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, local_time=not self.shared)

    def maintain(self, now: datetime) -> Iterator[str]:
        for sentence in self.sentences:
            self.asked.append(now)
            yield sentence
        if self.failure:
            raise ProviderError(self.failure, transient=True)


@pytest.fixture
def plain(tmp_path: Path) -> Embedded:
    return open_embedded(ProviderSettings(OURS, tmp_path, {}))


def run(*providers: Embedded, made_up_time: bool = False) -> tuple[Upkeep, ...]:
    return tuple(keep_up(providers, NOW, made_up_time=made_up_time, stop=lambda: False))


def test_each_sentence_is_told_and_a_failure_stops_no_other(plain: Embedded) -> None:
    failing = Kept(plain.platform, plain.store, ("one",), "no\x1b[31m disk")
    fine = Kept(plain.platform, plain.store, ("two", "three"))
    kept = run(failing, plain, fine)
    assert [(each.done, each.failure) for each in kept] == [(("one",), "no\x1b[31m disk"), (("two", "three"), None)]
    assert upkeep_text(kept) == (
        "    embedded: one\n    embedded: FAILED: no\\x1b[31m disk\n    embedded: two\n    embedded: three\n"
    )


def test_who_has_nothing_to_do_is_not_named(plain: Embedded) -> None:
    assert run(plain, Kept(plain.platform, plain.store)) == ()
    assert upkeep_text(()) == ""


def test_at_a_made_up_time_what_others_see_is_left(plain: Embedded) -> None:
    shared = Kept(plain.platform, plain.store, ("one",), shared=True)
    own = Kept(plain.platform, plain.store, ("two",))
    assert [each.done for each in run(shared, own, made_up_time=True)] == [("two",)]
    assert shared.asked == []


def test_asked_to_stop_it_finishes_the_thing_at_hand(plain: Embedded) -> None:
    kept = Kept(plain.platform, plain.store, ("one", "two"))
    (said,) = keep_up([kept, kept], NOW, made_up_time=False, stop=lambda: bool(kept.asked))
    assert said.done == ("one",)
    assert len(kept.asked) == 1
