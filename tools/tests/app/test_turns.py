"""A repository that does not fit into memory is judged as if it did."""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tarmac.adapters.files import WorkingTree
from tarmac.adapters.shelf import FileShelf
from tarmac.app.ages import History
from tarmac.app.check import check, judge
from tarmac.app.check_change import Change
from tarmac.app.deps import Reading
from tarmac.app.load import load
from tarmac.app.wire import reading
from tarmac.catalog import index
from tarmac.catalog.index import Catalog
from tarmac.model.trees import Source
from tests.incremental import running
from tests.incremental.memory_git import MemoryGit, MemoryHistories
from tests.incremental.running import judged, said
from tests.incremental.town import Town
from tests.rules.test_broken_repositories import CASES, NOW, REPOS
from tests.trees import READING, Memory, component, group

ROOT = Path(__file__).parents[3]


def crowded(asked_for: int = 0) -> Reading:
    """Everything is put away at once, and what was given back before the last is taken again."""
    return reading(FileShelf(room=0, asked_for=asked_for))


@pytest.mark.parametrize("turn", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said_at_the_same_places(name: str, turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_TURN", turn)
    tree = WorkingTree.at(REPOS / name)
    assert said(check(tree, crowded(), NOW)) == said(check(tree, reading(), NOW))


@pytest.mark.parametrize("asked_for", [0, 4_000])
def test_this_repository_is_judged_the_same(asked_for: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_TURN", 10)
    tree = WorkingTree.at(ROOT)
    assert said(check(tree, crowded(asked_for), NOW)) == said(check(tree, reading(), NOW))


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))])
def test_any_tree_and_any_change_are_judged_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)  # noqa: S311
    git, town, histories = MemoryGit(), Town(random), MemoryHistories()
    git.keep("0", town.files)
    histories.ages["0"] = town.ages(dict.fromkeys(town.files, town.now))
    for step in range(1, 15):
        edit = town.edit()
        git.keep(str(step), town.files)
        histories.ages[str(step)] = town.ages(histories.ages[str(step - 1)])
        tree, history = git.tree_named(str(step)), partial(histories.at, (str(step),))
        before = str(random.randrange(step))
        change = Change(before, before, str(step), tree, before, str(step))
        whole = said_of(tree, READING, town, history), judged(git, change, town.now, None, histories)
        monkeypatch.setattr(index, "_TURN", random.randint(1, 9))
        narrow = crowded(random.choice((0, 500, 3_000)))
        monkeypatch.setattr(running, "READING", narrow)
        assert (said_of(tree, narrow, town, history), judged(git, change, town.now, None, histories)) == whole, edit
        monkeypatch.undo()


def said_of(tree: Source, by: Reading, town: Town, history: History) -> str:
    return said(check(tree, by, town.now, history))


def services(number: int) -> Memory:
    files = {f"catalog/{n}.yaml": component(f"service-{n}", "dependsOn: [component:service-0]") for n in range(number)}
    return Memory({**files, "teams/one.yaml": group("one")})


def test_each_entity_is_judged_in_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_TURN", 4)
    catalog = load(services(10), crowded()).catalog
    turns = [[entity.ref for entity in turn.judged()] for turn in catalog.turns()]
    assert catalog.in_turns
    assert [len(refs) for refs in turns] == [4, 4, 3]
    assert sorted(ref for refs in turns for ref in refs) == sorted(catalog.entities)
    assert [ref.name for turn in catalog.turns() for ref in (one.ref for one in turn.judged("group"))] == ["one"]


def test_what_fits_is_judged_at_once() -> None:
    catalog = load(services(10), reading()).catalog
    assert not catalog.in_turns
    assert [turn is catalog for turn in catalog.turns()] == [True]


def test_a_focus_is_judged_at_once() -> None:
    catalog = load(services(10), crowded()).catalog
    focused = catalog.focused([min(catalog.entities)])
    assert not focused.in_turns
    assert [entity.ref for turn in focused.turns() for entity in turn.judged()] == [min(catalog.entities)]


def test_nothing_of_a_turn_outlives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_TURN", 5)
    by = crowded()
    loaded = load(WorkingTree.at(ROOT), by)
    gc.collect()
    gc.disable()
    try:
        judge(loaded, loaded.catalog, by, NOW)
        catalogs = [one for one in gc.get_objects() if type(one) is Catalog]
        left = [one for one in catalogs if one.entities is loaded.catalog.entities]
    finally:
        gc.enable()
    # Itself, the first turn, of which policies were compiled, and the last that the engine was asked about.
    assert len(left) <= 3


def test_a_file_says_how_many_documents_it_has_where_the_catalog_holds_them() -> None:
    two = component("one") + "---\n" + component("two")
    files = Memory({"catalog/a.yaml": two, "catalog/b.yaml": component("three"), "notes.yaml": "a: 1\n"})
    for by in (crowded(), reading()):
        loaded = load(files, by)
        assert {path: part.number for path, part in loaded.parts.items()} == {
            "catalog/a.yaml": 2,
            "catalog/b.yaml": 1,
            "notes.yaml": 1,
        }
