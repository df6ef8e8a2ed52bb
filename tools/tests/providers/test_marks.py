"""The embedded provider's mark: another one for whatever it would list otherwise, and nothing is read for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tarmac.errors import ProviderError
from tarmac.planning.identity import uid_of
from tarmac.providers.base import Marks, ProviderSettings
from tarmac.providers.embedded import Embedded, open_embedded
from tests.planning.worlds import NOW, OURS, THEIRS, wish

ONE, TWO = uid_of(OURS, "one", 1), uid_of(OURS, "two", 1)
RECORD = "instance.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "instances"


def embedded(folder: Path, platform: str = OURS) -> Embedded:
    return open_embedded(ProviderSettings(platform=platform, folder=folder, options={}))


def _wait(folder: Path) -> None:
    """Until the disk's clock, which goes by ticks, has moved on: within one, no change of a file shows in its times."""
    probe = folder / "probe"
    probe.write_text("")
    begun = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == begun:
        os.utime(probe)


def _rewrite(folder: Path) -> None:
    """Another text of the same length, in the same file, whose time of writing is set back."""
    record = folder / ONE / RECORD
    before = record.stat()
    content = record.read_bytes().replace(b"CC-1001", b"CC-1002")
    with open(record, "r+b") as file:
        file.write(content)
    os.utime(record, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (record.stat().st_size, record.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def _link_folder(folder: Path) -> None:
    (folder / ONE).rename(folder / "elsewhere")
    (folder / ONE).symlink_to(folder / "elsewhere", target_is_directory=True)


def _link_record(folder: Path) -> None:
    (folder / ONE / RECORD).rename(folder / ONE / "moved.json")
    (folder / ONE / RECORD).symlink_to("moved.json")


def _file(folder: Path) -> None:
    shutil.rmtree(folder / ONE)
    (folder / ONE).write_text("")


def _swap(folder: Path) -> None:
    (folder / ONE).rename(folder / "first")
    (folder / TWO).rename(folder / ONE)
    (folder / "first").rename(folder / TWO)


CHANGES: dict[str, Callable[[Path], object]] = {
    "one more": lambda folder: embedded(folder).create(uid_of(OURS, "three", 1), wish("three"), NOW),
    "one less": lambda folder: embedded(folder).delete(ONE),
    "one that was changed": lambda folder: embedded(folder).update(ONE, wish("one", owner="group:default/new")),
    "one that was written again as it was": lambda folder: embedded(folder).update(ONE, wish("one")),
    "a record with another text": _rewrite,
    "a record that is gone": lambda folder: (folder / ONE / RECORD).unlink(),
    "a record that may not be read": lambda folder: (folder / ONE / RECORD).chmod(0),
    "a record that is a link": _link_record,
    "a folder that is a link": _link_folder,
    "a file instead of a folder": _file,
    "two that changed places": _swap,
    "a folder that is gone": shutil.rmtree,
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_would_be_listed_otherwise_changes_the_mark(folder: Path, change: str) -> None:
    provider = embedded(folder)
    for uid, name in ((ONE, "one"), (TWO, "two")):
        provider.create(uid, wish(name), NOW)
    before = provider.mark()
    assert provider.mark() == before
    _wait(folder)
    CHANGES[change](folder)
    assert embedded(folder).mark().text != before.text


def test_what_it_does_not_list_and_usage_leave_the_mark_as_it_is(folder: Path) -> None:
    provider = embedded(folder)
    provider.create(ONE, wish("one", category="storage"), NOW)
    before = provider.mark()
    (folder / ONE / "objects" / "one").write_text("an object")
    (folder / "notes.txt").write_text("no instance")
    assert provider.list_instances()[0].usage == {"objects": 1}
    assert provider.mark() == embedded(folder, THEIRS).mark() == before


def test_it_says_when_a_record_last_changed_by_the_clock_of_the_disk(folder: Path) -> None:
    provider = embedded(folder)
    assert provider.mark().changed == datetime(1970, 1, 1, tzinfo=UTC)
    provider.create(ONE, wish("one"), NOW)
    provider.create(TWO, wish("two"), NOW)
    os.utime(folder / ONE / RECORD, (0, 0))
    noted = max((folder / uid / RECORD).stat().st_ctime_ns for uid in (ONE, TWO))
    changed = provider.mark().changed
    assert changed == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=noted // 1000)
    assert (folder / ONE / RECORD).stat().st_ctime_ns == noted


def test_a_folder_that_is_none_cannot_be_marked(folder: Path) -> None:
    provider = embedded(folder)
    assert isinstance(provider, Marks)
    folder.write_text("")
    with pytest.raises(ProviderError):
        provider.mark()
    folder.unlink()
    folder.symlink_to(folder.parent)
    with pytest.raises(ProviderError, match="never followed"):
        provider.mark()
