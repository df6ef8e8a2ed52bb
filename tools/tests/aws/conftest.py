"""The simulated account, started when the first test asks; what asks for it needs the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.aws.account import Account, account
from tests.aws.things import Things

__all__ = ["account", "things"]
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE) and "account" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.system)


@pytest.fixture
def things(account: Account, tmp_path: Path) -> Things:
    account.empty()
    return Things(account, tmp_path)
