"""What instances need between changes, asked of every provider that sees to it, at the end of each applied run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from tarmac.errors import ProviderError
from tarmac.model.plan import Upkeep
from tarmac.providers.base import Maintains, Provider


def keep_up(
    providers: Iterable[Provider], now: datetime, *, made_up_time: bool, stop: Callable[[], bool]
) -> Iterator[Upkeep]:
    """Have each of the providers do what is due at `now`. `stop` is asked before each step.

    At a made-up time only those are asked whose instances nobody else sees: a backup of tomorrow would stand in the
    way of tomorrow's.
    """
    for provider in providers:
        if not isinstance(provider, Maintains) or (made_up_time and not provider.capabilities.local_time) or stop():
            continue
        done: list[str] = []
        failure = None
        try:
            for sentence in provider.maintain(now):
                done.append(sentence)
                if stop():
                    break
        except ProviderError as fault:
            failure = str(fault)
        if done or failure is not None:
            yield Upkeep(provider.name, tuple(done), failure)
