"""One server for all tests of this folder, emptied before each; every one of them needs PostgreSQL's programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.postgresql.cluster import Cluster, cluster
from tests.postgresql.databases import Bench

__all__ = ["bench", "cluster", "emptied"]
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.system)


@pytest.fixture(autouse=True)
def emptied(cluster: Cluster) -> None:
    cluster.empty()


@pytest.fixture
def bench(cluster: Cluster, tmp_path: Path) -> Bench:
    return Bench(cluster, tmp_path)
