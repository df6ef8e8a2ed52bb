"""Secrets as files: their mode, whole or not at all, and never through a link."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.planning.identity import uid_of
from tarmac.providers.secret_files import SecretFiles
from tarmac.providers.secrets import SecretSink, SinkSettings, make_sink, new_password
from tests.planning.worlds import OURS

UID = uid_of(OURS, "one", 1)
SECRET = {"user": "a", "password": "p'\"\\\n\u202e"}


@pytest.fixture
def sink(tmp_path: Path) -> SecretSink:
    return make_sink("file", SinkSettings(tmp_path / "secrets"))


def place(folder: Path) -> Path:
    return folder / "secrets" / OURS / f"{UID}.json"


def test_only_the_owner_may_read_what_is_kept(sink: SecretSink, tmp_path: Path) -> None:
    sink.put(OURS, UID, SECRET)
    assert stat.S_IMODE(place(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(place(tmp_path).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(place(tmp_path).parent.parent.stat().st_mode) == 0o700


def test_a_folder_that_others_may_enter_takes_no_secret(sink: SecretSink, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o755)
    with pytest.raises(ProviderError, match="0700"):
        sink.put(OURS, UID, SECRET)
    assert not place(tmp_path).exists()


def test_what_an_interrupted_run_left_is_overwritten(sink: SecretSink, tmp_path: Path) -> None:
    sink.put(OURS, UID, SECRET)
    (place(tmp_path).parent / f".{UID}.new").write_text("half")
    sink.put(OURS, UID, {"user": "b"})
    assert sink.get(OURS, UID) == {"user": "b"}
    assert [path.name for path in place(tmp_path).parent.iterdir()] == [f"{UID}.json"]


def test_a_link_is_never_followed(sink: SecretSink, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "secrets").symlink_to(other)
    with pytest.raises(ProviderError, match="link"):
        sink.put(OURS, UID, SECRET)
    assert list(other.rglob("*")) == []
    (tmp_path / "secrets").unlink()
    sink.put(OURS, UID, SECRET)
    place(tmp_path).rename(tmp_path / "real.json")
    place(tmp_path).symlink_to(tmp_path / "real.json")
    with pytest.raises(ProviderError):
        sink.get(OURS, UID)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1}', b"\xff", b"[" * 5000])
def test_what_is_no_secret_is_told_without_its_content(sink: SecretSink, tmp_path: Path, content: bytes) -> None:
    sink.put(OURS, UID, SECRET)
    place(tmp_path).write_bytes(content)
    with pytest.raises(ProviderError, match="not what was written"):
        sink.get(OURS, UID)


def test_settings_that_it_cannot_use_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="absolute"):
        make_sink("file", SinkSettings(tmp_path, {"folder": "here"}))
    with pytest.raises(ConfigurationError, match="no option mode"):
        make_sink("file", SinkSettings(tmp_path, {"mode": "0644"}))
    with pytest.raises(ConfigurationError, match=r"no secret sink 'pocket': choose one of .*file"):
        make_sink("pocket", SinkSettings(tmp_path))
    named = make_sink("file", SinkSettings(tmp_path, {"folder": str(tmp_path / "elsewhere")}))
    assert named == SecretFiles(tmp_path / "elsewhere")


def test_passwords_are_long_and_never_the_same() -> None:
    drawn = {new_password() for _ in range(100)}
    assert len(drawn) == 100
    assert all(len(password) >= 43 for password in drawn)
