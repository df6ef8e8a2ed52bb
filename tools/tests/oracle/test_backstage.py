"""On the form of its own kinds our verdict is Backstage's: on our files, on generated ones, on mutations of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle.agreement import disagreements, entities_below, mutations
from tests.oracle.entities import SPECS, generated
from tests.oracle.node import Oracle

ROOT = Path(__file__).parents[3]
OURS = entities_below([ROOT / "catalog", ROOT / "teams", ROOT / "templates" / "python-rest-api" / "template.yaml"])
GENERATED = list(generated())


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with Oracle("entities.mjs") as found:
        yield found


@pytest.mark.system
@pytest.mark.parametrize("kind", SPECS)
def test_backstage_takes_what_is_generated(kind: str, oracle: Oracle) -> None:
    entities = [entity for entity in GENERATED if entity["kind"] == kind]
    assert oracle.verdicts(entities) == [None, None]


@pytest.mark.system
def test_sound_entities(oracle: Oracle) -> None:
    assert len(OURS) >= 100
    assert disagreements([*OURS, *GENERATED], oracle) == []


@pytest.mark.system
def test_mutations(oracle: Oracle) -> None:
    changed = [*mutations(OURS, 3_000), *mutations(GENERATED, 6_000)]
    assert disagreements(changed, oracle) == []
    verdicts = oracle.verdicts(changed)
    assert min(verdicts.count(None), len(verdicts) - verdicts.count(None)) > 1_000
