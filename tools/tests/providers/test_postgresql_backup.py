"""Dumps where programs are missing, slow or broken: no server is asked, and nothing half made is left as a backup."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tarmac.errors import ProviderError
from tarmac.providers.postgresql_backup import Backups
from tests.planning.worlds import DAY, NOW

UID = "5451ba68-8296-5a11-8a5e-b86e164c00d1"
DUMP = 'for word in "$@"; do case "$word" in --file=*) echo dumped > "${word#--file=}";; esac; done\n'


def backups(folder: Path, script: str | None, mode: int = 0o700, patience: int = 20) -> Backups:
    """With a program that does what the script says, or with none."""
    program = folder / "program"
    if script is not None:
        program.write_text(f"#!/bin/sh\n{script}")
        program.chmod(mode)
    return Backups(folder / "backups" / "platform", patience, lambda _: None if script is None else str(program))


def refusal(kept: Backups) -> ProviderError:
    with pytest.raises(ProviderError) as refused:
        kept.make(UID, NOW, {"PGPASSWORD": "hush"}, "owner")
    assert kept.of(UID) == ()
    assert "hush" not in str(refused.value)
    return refused.value


def test_a_dump_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    kept = backups(tmp_path, DUMP)
    made = kept.make(UID, NOW, {}, "owner")
    last = kept.make(UID, NOW + DAY, {}, "owner", last=True)
    assert kept.of(UID) == (made, last)
    assert (made.path.name, last.path.name) == ("20261201T060000Z.dump", "20261202T060000Z.last.dump")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert kept.uids() == (UID,)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "there is no pg_dump on this machine: install PostgreSQL's client"),
        ("exit 1\n", "pg_dump failed: it said nothing"),
        (DUMP + "echo 'first \033[31mline' >&2; echo second >&2; exit 1\n", "pg_dump failed: first \\u001b[31mline"),
    ],
)
def test_what_the_program_says_is_told_in_one_visible_line(tmp_path: Path, script: str | None, said: str) -> None:
    fault = refusal(backups(tmp_path, script))
    assert str(fault) == said
    assert fault.transient


def test_a_program_that_cannot_be_started_or_takes_too_long_is_worth_another_try(tmp_path: Path) -> None:
    assert "could not be started" in str(refusal(backups(tmp_path, DUMP, mode=0o600)))
    assert str(refusal(backups(tmp_path, "exec sleep 60\n", patience=1))) == "pg_dump took longer than 1 s"


def test_what_a_run_left_half_made_is_cleared_by_the_next(tmp_path: Path) -> None:
    kept = backups(tmp_path, DUMP)
    place = kept.folder / UID
    place.mkdir(parents=True)
    (place / "20200101T000000Z.dump.part").write_text("half")
    kept.make(UID, NOW, {}, "owner")
    assert [path.name for path in place.iterdir()] == ["20261201T060000Z.dump"]


def test_only_what_is_named_as_a_backup_is_taken_for_one(tmp_path: Path) -> None:
    kept = backups(tmp_path, DUMP)
    place = kept.folder / UID
    place.mkdir(parents=True)
    for name in (
        "notes.txt",
        "20261201T060000Z.dump.part",
        "x20261201T060000Z.dump",
        "20261201T060000Z.dump~",
        "20261399T990000Z.dump",
    ):
        (place / name).write_text("x")
    (kept.folder / "no-uid").mkdir()
    assert kept.of(UID) == ()
    assert kept.uids() == (UID,)
    assert kept.prune(UID, datetime(2999, 1, 1, tzinfo=UTC), timedelta(0), last=False) == 0
    assert len(list(place.iterdir())) == 5


def test_exactly_at_its_time_a_backup_goes(tmp_path: Path) -> None:
    kept = backups(tmp_path, DUMP)
    kept.make(UID, NOW, {}, "owner")
    assert kept.prune(UID, NOW + DAY - timedelta(seconds=1), DAY, last=False) == 0
    assert kept.prune(UID, NOW + DAY, DAY, last=True) == 0
    assert kept.prune(UID, NOW + DAY, DAY, last=False) == 1
    assert kept.of(UID) == ()


def test_the_environment_of_the_program_is_what_it_is_given_and_no_more(tmp_path: Path) -> None:
    kept = backups(tmp_path, f'env > {tmp_path}/seen; echo "$@" > {tmp_path}/arguments\n' + DUMP)
    kept.make(UID, NOW, {"PGPASSWORD": "hush"}, "owner")
    seen = {line.partition("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    assert seen <= {"PGPASSWORD", "LC_ALL", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}
    assert "PGPASSWORD=hush" in (tmp_path / "seen").read_text()
    assert "hush" not in (tmp_path / "arguments").read_text()
