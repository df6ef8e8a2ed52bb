"""The embedded provider's own matters: what stands on the disk, links, broken records, kills half-way."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tarmac.errors import ProviderError
from tarmac.model.plan import Presence
from tarmac.planning.identity import uid_of
from tarmac.providers.base import ProviderSettings
from tarmac.providers.embedded import Embedded, open_embedded
from tarmac.providers.embedded_store import Store
from tests.planning.worlds import NOW, OURS, wish

UID = uid_of(OURS, "one", 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "instances"


def embedded(folder: Path) -> Embedded:
    return open_embedded(ProviderSettings(platform=OURS, folder=folder, options={}))


@pytest.mark.parametrize(
    ("category", "file", "statement", "count"),
    [
        ("database", "database.sqlite3", "INSERT INTO records (body) VALUES ('x')", "SELECT count(*) FROM records"),
        (
            "queue",
            "queue.sqlite3",
            "INSERT INTO messages (body, visible_from) VALUES (x'00', '2026')",
            "SELECT count(*) FROM messages",
        ),
        ("cache", "cache.sqlite3", "INSERT INTO entries VALUES ('k', x'00', NULL)", "SELECT count(*) FROM entries"),
    ],
)
def test_databases_queues_and_caches_take_rows_that_an_update_keeps(
    folder: Path, category: str, file: str, statement: str, count: str
) -> None:
    provider = embedded(folder)
    provider.create(UID, wish("one", category=category), NOW)
    with closing(sqlite3.connect(folder / UID / file)) as connection, connection:
        connection.execute(statement)
    provider.update(UID, wish("one", category=category, owner="group:default/new"))
    with closing(sqlite3.connect(folder / UID / file)) as connection:
        assert connection.execute(count).fetchone() == (1,)
        tags = dict(connection.execute("SELECT name, value FROM tarmac_tags"))
    assert (tags["uid"], tags["platform"], tags["owner"]) == (UID, OURS, "group:default/new")


def test_a_bucket_keeps_its_objects_and_counts_them(folder: Path) -> None:
    provider = embedded(folder)
    provider.create(UID, wish("one", category="storage"), NOW)
    (folder / UID / "objects" / "a.txt").write_text("a")
    provider.update(UID, wish("one", category="storage", config={"versioning": True}))
    there = provider.observe(UID)
    assert there is not None
    assert there.usage == {"objects": 1}
    assert (folder / UID / "objects" / "a.txt").read_text() == "a"


@pytest.mark.parametrize(("category", "inside"), [("compute", "machine"), ("network", "network")])
def test_other_things_are_a_folder_with_their_settings(folder: Path, category: str, inside: str) -> None:
    embedded(folder).create(UID, wish("one", category=category), NOW)
    settings = json.loads((folder / UID / inside / "settings.json").read_text())
    assert settings == wish("one").config


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[" * 200_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "no tag"),
        (b'{"tags": "x"}', "no tag"),
        (b'{"tags": {"uid": 7}}', "no tag"),
        (b" " * (2 * 1024 * 1024 + 1), "larger"),
    ],
)
def test_a_broken_record_is_reported_and_never_touched(folder: Path, content: bytes, why: str) -> None:
    provider = embedded(folder)
    provider.create(UID, wish("one"), NOW)
    (folder / UID / "instance.json").write_bytes(content)
    (there,) = provider.list_instances()
    assert (there.presence, there.tags) == (Presence.BROKEN, None)
    assert why in (there.fault or "")
    for touch in (lambda: provider.delete(UID), lambda: provider.update(UID, wish("one"))):
        with pytest.raises(ProviderError):
            touch()
    assert (folder / UID / "instance.json").read_bytes() == content


@pytest.mark.parametrize(
    "change", [{"uid": uid_of(OURS, "two", 1)}, {"ready-at": "yesterday"}, {"ready-at": "2026-12-01T06:00:00"}]
)
def test_tags_that_contradict_themselves_are_broken(folder: Path, change: dict[str, str]) -> None:
    embedded(folder).create(UID, wish("one"), NOW)
    record = json.loads((folder / UID / "instance.json").read_text())
    record["tags"].update(change)
    (folder / UID / "instance.json").write_text(json.dumps(record))
    (there,) = embedded(folder).list_instances()
    assert there.tags is None


def test_links_are_never_followed(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    embedded(elsewhere).create(UID, wish("one"), NOW)
    before = sorted(path.name for path in elsewhere.rglob("*"))
    folder.mkdir()
    (folder / UID).symlink_to(elsewhere / UID, target_is_directory=True)
    provider = embedded(folder)
    (there,) = provider.list_instances()
    assert "link" in (there.fault or "")
    for touch in (
        lambda: provider.delete(UID),
        lambda: provider.update(UID, wish("one")),
        lambda: provider.create(UID, wish("one"), NOW),
    ):
        with pytest.raises(ProviderError):
            touch()
    assert sorted(path.name for path in elsewhere.rglob("*")) == before


def test_a_record_or_thing_that_is_a_link_is_never_followed(folder: Path, tmp_path: Path) -> None:
    provider = embedded(folder)
    provider.create(UID, wish("one"), NOW)
    secret = tmp_path / "secret.json"
    os.rename(folder / UID / "instance.json", secret)
    (folder / UID / "instance.json").symlink_to(secret)
    assert provider.list_instances()[0].tags is None
    os.replace(secret, folder / UID / "instance.json")
    database = folder / UID / "database.sqlite3"
    os.rename(database, tmp_path / "other.sqlite3")
    database.symlink_to(tmp_path / "other.sqlite3")
    with pytest.raises(ProviderError, match="link"):
        provider.update(UID, wish("one"))
    assert not provider.health(UID).healthy


def test_a_folder_that_is_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    folder.symlink_to(tmp_path / "real", target_is_directory=True)
    with pytest.raises(ProviderError, match="link"):
        embedded(folder).list_instances()
    with pytest.raises(ProviderError, match="link"):
        embedded(folder).create(UID, wish("one"), NOW)
    assert list((tmp_path / "real").iterdir()) == []


def test_what_a_kill_left_half_made_or_half_removed_is_no_instance_and_is_swept(folder: Path) -> None:
    provider = embedded(folder)
    other = uid_of(OURS, "two", 1)
    for left in (f".making-{UID}", f".removing-{other}"):
        (folder / left / "inside").mkdir(parents=True)
    assert provider.list_instances() == ()
    provider.create(UID, wish("one"), NOW)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", UID]


def test_a_failure_while_filling_leaves_no_instance(folder: Path) -> None:
    def fail(place: Path) -> None:
        (place / "half").write_text("half")
        raise OSError(28, "No space left on device")

    store = Store(folder)
    with pytest.raises(ProviderError, match="No space left") as fault:
        store.make(UID, {}, fail)
    assert fault.value.transient
    assert store.uids() == ()


def test_strange_neighbours_are_left_alone(folder: Path) -> None:
    (folder / "mine").mkdir(parents=True)
    (folder / "notes.txt").write_text("x")
    provider = embedded(folder)
    provider.create(UID, wish("one"), NOW)
    provider.delete(UID)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "mine", "notes.txt"]


def test_a_broken_database_is_ill(folder: Path) -> None:
    provider = embedded(folder)
    provider.create(UID, wish("one"), NOW)
    assert provider.health(UID).healthy
    (folder / UID / "database.sqlite3").write_bytes(b"no database at all, but longer than a header" * 50)
    assert "SQLite says" in provider.health(UID).message


def test_health_is_told_of_a_folder_that_is_named_from_here_on(folder: Path) -> None:
    here = embedded(Path(os.path.relpath(folder)))
    here.create(UID, wish("one"), NOW)
    assert here.health(UID).healthy


def test_a_database_does_not_become_a_bucket(folder: Path) -> None:
    provider = embedded(folder)
    provider.create(UID, wish("one"), NOW)
    with pytest.raises(ProviderError, match="cannot become"):
        provider.update(UID, wish("one", category="storage"))
