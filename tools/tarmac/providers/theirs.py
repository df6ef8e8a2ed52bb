"""A provider of an installed package, held apart: what goes wrong in it is a step that failed, and not the whole run.

The protocol says that a provider raises ProviderError and nothing else. Whoever writes one cannot be held to that, and
one slip there must not keep the night from everything else that is to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from tarmac.errors import ProviderError
from tarmac.model.plan import Desired, Observation
from tarmac.providers.added import held
from tarmac.providers.base import Capabilities, Health, Maintains, Prepares, Provider

T = TypeVar("T")


class Theirs:
    """Each verb of `provider`; whatever it raises becomes a ProviderError, which names `called` where it is a slip.
    What the provider does not keep (Prepares, Maintains) does nothing here."""

    def __init__(self, provider: Provider, called: str) -> None:
        self.provider = provider
        self.called = called

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def capabilities(self) -> Capabilities:
        return self.provider.capabilities

    def list_instances(self) -> tuple[Observation, ...]:
        return tuple(self._of(Observation, one) for one in self._held(lambda: tuple(self.provider.list_instances())))

    def observe(self, uid: str) -> Observation | None:
        there = self._held(lambda: self.provider.observe(uid))
        return None if there is None else self._of(Observation, there)

    def validate(self, desired: Desired) -> tuple[str, ...]:
        try:
            return self._held(lambda: tuple(self.provider.validate(desired)))
        except ProviderError as fault:
            return (str(fault),)

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        return self._of(Observation, self._held(lambda: self.provider.create(uid, desired, ready_at)))

    def update(self, uid: str, desired: Desired) -> Observation:
        return self._of(Observation, self._held(lambda: self.provider.update(uid, desired)))

    def delete(self, uid: str) -> None:
        self._held(lambda: self.provider.delete(uid))

    def rotate(self, uid: str, now: datetime) -> str:
        return self._held(lambda: self.provider.rotate(uid, now))

    def health(self, uid: str) -> Health:
        return self._of(Health, self._held(lambda: self.provider.health(uid)))

    def prepare(self) -> None:
        if isinstance(self.provider, Prepares):
            self._held(self.provider.prepare)

    def maintain(self, now: datetime) -> Iterator[str]:
        if not isinstance(self.provider, Maintains):
            return
        maintain = self.provider.maintain
        sentences = self._held(lambda: iter(maintain(now)))
        while (sentence := self._held(lambda: next(sentences, None))) is not None:
            yield sentence

    def _of(self, kind: type[T], answer: object) -> T:
        if not isinstance(answer, kind):
            said = f"{self.called} has a defect: it answers {type(answer).__name__} and not {kind.__name__}"
            raise ProviderError(said, transient=True)
        return answer

    def _held(self, act: Callable[[], T]) -> T:
        return held(act, self.called)
