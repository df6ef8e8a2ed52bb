"""What is kept only spares work: with it and without it a check of any change says the same, byte for byte."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tarmac.adapters.cache_write import write_cache
from tarmac.app.check_change import Change
from tarmac.app.keep import check_and_keep
from tests.incremental.memory_git import MemoryGit, MemoryHistories
from tests.incremental.running import judged
from tests.incremental.town import Town
from tests.trees import READING

EDITS = int(os.environ.get("EDITS", "60"))
# Each town is edited so often, and rebuilt then, so that it does not fall into ruin.
_LIFE = 20


@pytest.mark.parametrize("seed", range(max(1, EDITS // _LIFE)))
def test_a_check_with_what_is_kept_says_the_same_as_one_without(seed: int, tmp_path: Path) -> None:
    random = Random(seed)  # noqa: S311
    spared = 0
    git, town, histories = MemoryGit(), Town(random), MemoryHistories()
    done = ["begin"]

    def keep(name: str) -> None:
        history = partial(histories.at, (name,))
        check_and_keep(git.tree_named(name), name, READING, town.now, history, lambda one: write_cache(tmp_path, one))

    git.keep("0", town.files)
    histories.ages["0"] = town.ages(dict.fromkeys(town.files, town.now))
    keep("0")
    kept = 0
    for step in range(1, _LIFE + 1):
        done.append(town.edit())
        git.keep(str(step), town.files)
        histories.ages[str(step)] = town.ages(histories.ages[str(step - 1)])
        base = random.choice((kept, kept, kept, random.randrange(step)))
        fork = random.choice((base, base, random.randrange(step)))
        git.listed.clear()
        change = Change(str(base), str(fork), str(step), git.tree_named(str(step)), str(fork), str(step))
        by_cache = judged(git, change, town.now, tmp_path, histories)
        spared += not git.listed
        assert by_cache == judged(git, change, town.now, None, histories), (kept, base, fork, done)
        if random.random() < 0.2:
            kept = step
            keep(str(step))
    # Without it only where the base leaves out other files than what is kept did, or is the first to ask for ages.
    assert spared > _LIFE // 2, spared
