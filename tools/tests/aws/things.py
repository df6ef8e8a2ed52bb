"""The provider over an emptied account, and wishes for what it makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tarmac.model.plan import Desired
from tarmac.planning.identity import uid_of
from tarmac.providers.aws import Aws, open_aws
from tarmac.providers.base import ProviderSettings
from tests.aws.account import Account
from tests.planning.worlds import OURS, wish

ONE, TWO = uid_of(OURS, "one", 1), uid_of(OURS, "two", 1)
_CATEGORIES = {"bucket": "storage", "queue": "queue", "topic": "queue", "table": "database"}


@dataclass(frozen=True, slots=True)
class Things:
    """The account, and how to open the provider over it as a run does."""

    account: Account
    folder: Path

    def open(self, platform: str = OURS, **options: str) -> Aws:
        given = self.account.options(**{"kind.topic": "topic", **options})
        return open_aws(ProviderSettings(platform, self.folder, given))


def asked(kind: str, name: str = "one", **config: object) -> Desired:
    """A wish for a thing of that kind."""
    return wish(name, provider="aws", type=kind, category=_CATEGORIES[kind], config=config, immutable=())
