"""What is kept only spares work: with it and without it a review of any change says the same, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tarmac.adapters.cache_write import write_cache
from tarmac.app import wire
from tarmac.app.keep import check_and_keep
from tarmac.app.review import review
from tarmac.errors import ConfigurationError, UsageError
from tarmac.model.documents import Document
from tarmac.model.findings import Finding
from tarmac.model.frozen import replace
from tarmac.reports.reviews import REVIEWS, load
from tests.incremental.reviewed_town import History, ReviewedTown
from tests.trees import READING

EDITS = int(os.environ.get("EDITS", "40"))
_LIFE = 20


def said(*given: Any) -> str:
    """A review in all of its forms, or why there is none."""
    try:
        found = review(*given)
    except (ConfigurationError, UsageError) as nothing:
        return str(nothing)
    return "\n".join(load(form)(found) for form in REVIEWS)


@pytest.fixture(scope="module")
def tally() -> Iterator[list[int]]:
    """How many reviews of each town were spared most reading. In some towns hardly one is, as a CODEOWNERS file asks
    for all files; of all towns' reviews a quarter are."""
    spared: list[int] = []
    yield spared
    assert sum(spared) > len(spared) * _LIFE // 4, spared


@pytest.mark.parametrize("seed", range(max(1, EDITS // _LIFE)))
def test_a_review_with_what_is_kept_says_the_same_as_one_without(seed: int, tmp_path: Path, tally: list[int]) -> None:
    random = Random(1000 + seed)  # noqa: S311
    root, folder = tmp_path / "root", tmp_path / "cache"
    root.mkdir()
    town, history = ReviewedTown(random), History(root)
    git, histories = wire.git(root), wire.histories(root)
    told = wire.cache_reader(root, folder)
    trees = [dict(town.files)]
    reads: list[str] = []
    spared = 0

    def read(path: str, content: bytes) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
        reads.append(path)
        return READING.read(path, content)

    reading = replace(READING, read=read)

    def commit(parent: int | None) -> None:
        at = int(town.now.timestamp()) - random.randrange(1, 400) * 3600
        history.commit(town.files, parent, random.choice(("user-1", "user-2", "robot[bot]")), at)

    def keep(number: int) -> None:
        rev = history.commits[number]
        ages = partial(histories.at, (rev,))
        check_and_keep(git.tree(rev), git.tree_name(rev), READING, town.now, ages, lambda one: write_cache(folder, one))

    commit(None)
    keep(0)
    done, kept = ["begin"], 0
    for step in range(1, _LIFE + 1):
        parent = random.choice((step - 1, step - 1, step - 1, random.randrange(step)))
        town.files = dict(trees[parent])
        done.append(f"{town.edit()} on {parent}")
        trees.append(dict(town.files))
        commit(parent)
        base = random.choice((parent, kept, kept, random.randrange(step)))
        pull = random.choice((None, town.pull(history.commits[-3:])))
        states = town.states(trees[base])
        answers = []
        for cache in (told, None):
            reads.clear()
            ends = history.commits[base], history.commits[step]
            answers.append(said(git, reading, *ends, town.now, states, pull, None, histories, cache))
            spared += cache is not None and len(reads) < len(trees[step]) // 2
        assert answers[0] == answers[1], (seed, kept, base, done)
        if random.random() < 0.2:
            kept = step
            keep(step)
    # Without it only where the base leaves out other files than what is kept did, or is the first to ask for ages, and
    # where a CODEOWNERS file asks for all files.
    assert spared
    tally.append(spared)
