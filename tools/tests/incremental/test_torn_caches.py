"""A cache that is torn, stale or foreign is noticed, and changes no answer."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tarmac.adapters.cache import Cache
from tarmac.adapters.cache_schema import cache_file
from tarmac.adapters.cache_write import write_cache
from tarmac.app.check_change import Change
from tarmac.app.keep import check_and_keep
from tarmac.errors import CacheFault
from tests.incremental.memory_git import MemoryGit
from tests.incremental.running import judged
from tests.trees import NOW, READING, company, component


def _locate(path: str, blob: str, index: int) -> tuple[int, int, None]:
    raise AssertionError("nobody asks for a place")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def sql(statement: str) -> Callable[[Path], None]:
    """Change the file by a statement."""

    def done(file: Path) -> None:
        database = sqlite3.connect(file)
        database.execute(statement)
        database.commit()
        database.close()

    return done


def scramble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for at in range(4096, len(content), 977):
        content[at] ^= 0x5A
    file.write_bytes(content)


def holds(content: bytes) -> Callable[[Path], None]:
    def done(file: Path) -> None:
        file.write_bytes(content)

    return done


def replaced(file: Path) -> None:
    file.unlink()
    sql("CREATE TABLE a (b)")(file)


DAMAGES: Mapping[str, Callable[[Path], None]] = {
    "empty": holds(b""),
    "another kind of file": holds(b"not a database, however long it is" * 400),
    "cut off": cut,
    "scrambled": scramble,
    "a database of somebody else": replaced,
    "of another version": sql("UPDATE header SET value = '00000000{}'"),
    "no header": sql("DELETE FROM header"),
    "two headers": sql("INSERT INTO header SELECT value FROM header"),
    "a table less": sql("DROP TABLE reads"),
    "documents that are none": sql("UPDATE documents SET data = '00000000[]'"),
    "documents of another type": sql("UPDATE documents SET data = 7"),
    "references that are none": sql("UPDATE documents SET ref = x'ff'"),
    "numbers that are none": sql("UPDATE refs SET number = 'many'"),
    "findings that are none": sql("UPDATE findings SET finding = '00000000{}'"),
    "a tree of another repository": lambda file: None,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_of_no_use_is_noticed_and_done_without(damage: str, tmp_path: Path) -> None:
    files = {path: text.encode() for path, text in company().items()}
    git = MemoryGit()
    git.keep("before", files)
    git.keep("after", files | {"catalog/till.yaml": component("till", "dependsOn: [component:none]").encode()})
    check_and_keep(git.tree_named("before"), "before", READING, NOW, None, lambda kept: write_cache(tmp_path, kept))
    DAMAGES[damage](cache_file(tmp_path))
    if damage == "a tree of another repository":
        git.trees["elsewhere"] = git.trees["before"]
        check_and_keep(
            git.tree_named("elsewhere"), "elsewhere", READING, NOW, None, lambda one: write_cache(tmp_path, one)
        )
        del git.trees["elsewhere"]
    change = Change("before", "before", "after", git.tree_named("after"))
    by_cache = judged(git, change, NOW, tmp_path)
    assert by_cache == judged(git, change, NOW, None)
    assert '"rule": "unknown-reference"' in by_cache


def test_a_folder_without_a_cache_has_none(tmp_path: Path) -> None:
    assert Cache.open(tmp_path / "none", _locate) is None


def test_a_folder_in_the_place_of_the_file_is_no_cache(tmp_path: Path) -> None:
    cache_file(tmp_path).mkdir()
    assert Cache.open(tmp_path, _locate) is None


def test_a_file_that_is_no_database_is_a_fault(tmp_path: Path) -> None:
    cache_file(tmp_path).write_bytes(b"x" * 5000)
    with pytest.raises(CacheFault):
        Cache.open(tmp_path, _locate)


def test_writing_leaves_one_file_and_replaces_the_last(tmp_path: Path) -> None:
    git = MemoryGit()
    git.keep("one", {path: text.encode() for path, text in company().items()})
    for _ in range(2):
        check_and_keep(git.tree_named("one"), "one", READING, NOW, None, lambda kept: write_cache(tmp_path, kept))
    assert [path.name for path in tmp_path.iterdir()] == [cache_file(tmp_path).name]
    shutil.rmtree(tmp_path)
