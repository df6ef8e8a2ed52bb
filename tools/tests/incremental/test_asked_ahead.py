"""What is read at once, because it will be asked, is answered as if it had been asked for one by one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tarmac.adapters.cache import Cache
from tarmac.adapters.cache_catalog import CachedCatalog
from tarmac.adapters.cache_codec import packed, unpacked, written_ref
from tarmac.adapters.cache_rows import Row, Rows
from tarmac.adapters.cache_schema import cache_file
from tarmac.adapters.cache_write import write_cache
from tarmac.app.keep import check_and_keep
from tarmac.errors import CacheFault
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref
from tests.incremental.memory_git import MemoryGit
from tests.trees import NOW, READING, api, company, component

FILES = {
    **company(),
    "catalog/till.yaml": component("till", "dependsOn: [component:shop, component:none]"),
    "catalog/copy.yaml": component("till", "dependsOn: [component:shop]"),
    "catalog/deep/cellar.yaml": component("cellar", "dependsOn: [component:till], dependencyOf: [component:shop]"),
    "catalog/prices.yaml": api("prices").replace("definition: text", "definition: {$text: ./prices.txt}"),
    "catalog/prices.txt": "text",
    "catalog/broken.yaml": "kind: [",
}


NARROWED = ((None, None), ("component", None), (None, "dependsOn"), ("component", "dependsOn"))


def _locate(path: str, blob: str, index: int) -> tuple[int, int, None]:
    raise AssertionError("nobody asks for a place")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Cache]]:
    git = MemoryGit()
    git.keep("one", {path: text.encode() for path, text in FILES.items()})
    check_and_keep(git.tree_named("one"), "one", READING, NOW, None, lambda kept: write_cache(tmp_path, kept))
    found: list[Cache] = []

    def open_() -> Cache:
        one = Cache.open(tmp_path, _locate)
        assert one is not None
        found.append(one)
        return one

    yield open_
    for one in found:
        one.close()


def asked(cache: Cache, refs: list[Ref], paths: list[str]) -> list[object]:
    """What it says of these, one by one."""
    found: list[object] = []
    for ref in refs:
        entities = [(one.ref, one.kind, one.path, one.document.index, one.data) for one in cache.standing_for(ref)]
        found += [ref, entities, cache.login_of(ref)]
        found += [dict(cache.referrers(ref, kind, field)) for kind, field in NARROWED]
    for path in paths:
        found += [path, cache.file(path), cache.has_file(path), cache.at(path), cache.names_of(path), cache.age(path)]
    return found


def test_no_answer_is_another_for_being_read_ahead(opened: Callable[[], Cache]) -> None:
    refs = [Ref.of(kind, name) for kind in ("component", "api", "group", "user") for name in opened_names(opened())]
    paths = [*FILES, "catalog/none.yaml"]
    one_by_one = asked(opened(), refs, paths)
    at_once = opened()
    for _ in range(2):
        at_once.ahead([*refs, *refs])
        at_once.ahead_logins([*refs, *refs])
        for kind, field in NARROWED:
            at_once.ahead_referrers([*refs, *refs], kind, field)
        at_once.ahead_files([*paths, *paths])
        assert asked(at_once, refs, paths) == one_by_one
    # Something was there to be told.
    till = at_once.standing_for(Ref.of("component", "till"))
    assert [one.path for one in till] == ["catalog/copy.yaml", "catalog/till.yaml"]
    assert at_once.names_of("catalog/prices.yaml") == {"catalog/prices.txt"}
    kept = at_once.file("catalog/broken.yaml")
    assert kept is not None
    assert kept.findings


def opened_names(cache: Cache) -> list[str]:
    """Every name there is, and one that nothing has."""
    return [*sorted({ref.name for kind in cache.kinds() for ref in cache.names(kind)}), "nobody"]


def test_keys_beyond_what_sqlite_takes_at_once_are_asked_in_several_steps(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "numbers")
    database.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    database.executemany("INSERT INTO numbers VALUES (?)", ((n,) for n in range(3000)))
    rows = Rows(database)
    for wanted in (0, 1, 2, 3, 499, 500, 501, 1300):
        assert [n for (n,) in rows.among("SELECT n FROM numbers WHERE n IN", range(wanted))] == list(range(wanted))
    assert [n for (n,) in rows.among("SELECT n FROM numbers WHERE n IN", [7, 3, 5000], " ORDER BY n")] == [3, 7]
    rows.close()


class Astray(Rows):
    """Rows of things that nobody asked for."""

    def among(self, query: str, keys: Sequence[object], order: str = "", given: Sequence[object] = ()) -> Iterator[Row]:
        return super().among(query, [written_ref(Ref.of("component", "cellar"))], order, given)


def test_a_row_of_what_nobody_asked_for_is_a_fault(opened: Callable[[], Cache], tmp_path: Path) -> None:
    database = sqlite3.connect(cache_file(tmp_path))
    astray = CachedCatalog(Astray(database), _locate)
    with pytest.raises(CacheFault, match="nobody asked for"):
        astray.ahead([Ref.of("component", "till"), Ref.of("component", "none")])
    database.close()


@pytest.mark.parametrize(
    "value",
    ["\ud800", {"\udfff": ["\ud83d\ude00", "😀"]}, [float("inf"), -0.0, 1e308], 2**80, [True, 1, 1.0, None], "é\0", {}],
    ids=repr,
)
def test_whatever_a_document_may_hold_is_read_back_as_it_was(value: JsonValue) -> None:
    assert repr(unpacked(packed(value))) == repr(json.loads(json.dumps(value)))
