"""The ledger on its branch: append-only, chained, untouched by configuration, and proved by its own log."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.ledger import REF, GitLedger
from tarmac.adapters.ledger_git import Branch
from tarmac.adapters.ledger_json import line_of, read_line, read_state, state_file
from tarmac.errors import LedgerConflict, LedgerError
from tarmac.model.frozen import replace
from tarmac.model.ledger import GENESIS, Event, Head, LedgerEntry, Phase
from tarmac.model.plan import Result, Verb
from tarmac.planning.identity import uid_of
from tarmac.planning.life import fold
from tests.planning.worlds import DAY, NOW, OURS, entry, subject_of, wish


def run(root: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *arguments], cwd=root, input=stdin, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    run(tmp_path, "init", "-q", "-b", "main", str(root))
    (root / "README.md").write_text("hello\n")
    run(root, "add", "README.md")
    run(root, "commit", "-q", "-m", "begin")
    return root


def life(name: str = "orders-db", *, until: Verb | None = None) -> list[LedgerEntry]:
    """Made, and with `until` removed again."""
    subject = subject_of(wish(name), uid_of(OURS, wish(name).request, 1))
    lines = [
        entry(subject, Verb.CREATE, Event.INTENT),
        entry(subject, Verb.CREATE, Event.OUTCOME, result=Result.DONE, ready_at=NOW),
    ]
    if until is not None:
        later = NOW + DAY
        lines += [
            entry(subject, until, Event.INTENT, later),
            entry(subject, until, Event.OUTCOME, later, Result.DONE),
        ]
    return lines


def written(root: Path, *batches: Sequence[LedgerEntry]) -> tuple[GitLedger, Head]:
    ledger = GitLedger.at(root)
    head = ledger.head()
    for number, batch in enumerate(batches, 1):
        head = ledger.append(head, f"run-{number}", 1, batch)
    return ledger, head


def test_before_the_first_line_there_is_nothing(repository: Path) -> None:
    ledger = GitLedger.at(repository)
    assert ledger.head() == Head(None, 0, GENESIS)
    assert ledger.states(ledger.head()) == {}
    assert list(ledger.entries(ledger.head())) == []
    assert ledger.verify(ledger.head()) == ()
    assert ledger.append(ledger.head(), "run", 1, []) == ledger.head()


def test_a_batch_is_one_file_of_its_day_and_one_state_a_uid(repository: Path) -> None:
    _, head = written(repository, life("one"), life("two", until=Verb.EXPIRE))
    files = run(repository, "ls-tree", "-r", "--name-only", REF).splitlines()
    one, two = uid_of(OURS, wish("one").request, 1), uid_of(OURS, wish("two").request, 1)
    digest = hashlib.sha256(wish("two").request.encode()).hexdigest()
    assert files == sorted(
        [
            f"backstage/{one[:2]}/{one}.yaml",
            "catalog-info.yaml",
            "figures.json",
            "head.json",
            "log/2026/12/01/run-1-1.jsonl",
            "log/2026/12/02/run-2-1.jsonl",
            f"past/{digest[:2]}/{digest[2:34]}/{two}.json",
            f"state/{one[:2]}/{one}.json",
        ]
    )
    assert head.entries == 6


def test_what_is_written_is_read_back(repository: Path) -> None:
    lines = [*life("one"), *life("two", until=Verb.DELETE)]
    ledger, head = written(repository, lines[:3], lines[3:])
    assert [record.entry for record in ledger.entries(head)] == lines
    assert ledger.states(head) == fold({}, lines)
    assert ledger.head() == head
    assert ledger.verify(head) == ()


def test_states_tell_the_phases(repository: Path) -> None:
    ledger, head = written(
        repository, life("one"), life("two", until=Verb.EXPIRE), life("three", until=Verb.DELETE), life("four")[:1]
    )
    phases = {state.subject.request.rpartition("/")[2]: state.phase for state in ledger.states(head).values()}
    assert phases == {
        "one": Phase.READY,
        "two": Phase.EXPIRED,
        "three": Phase.DEPROVISIONED,
        "four": Phase.PROVISIONING,
    }


def test_a_later_life_puts_the_state_of_the_earlier_one_away(repository: Path) -> None:
    first = uid_of(OURS, wish("one").request, 1)
    again = subject_of(wish("one"), uid_of(OURS, wish("one").request, 2), 2)
    second = [
        entry(again, Verb.CREATE, Event.INTENT),
        entry(again, Verb.CREATE, Event.OUTCOME, result=Result.DONE, supersedes=(first,)),
    ]
    ledger, head = written(repository, life("one", until=Verb.EXPIRE), second)
    assert set(ledger.states(head)) == {again.uid}
    assert ledger.verify(head) == ()


def test_two_that_write_from_the_same_head_are_told_apart(repository: Path) -> None:
    ledger, head = written(repository, life("one"))
    ledger.append(head, "fast", 1, life("two"))
    with pytest.raises(LedgerConflict):
        ledger.append(head, "slow", 1, life("three"))
    with pytest.raises(LedgerConflict):
        ledger.append(Head(None, 0, GENESIS), "first", 1, life("four"))
    assert ledger.head().entries == 4
    assert ledger.verify(ledger.head()) == ()


def test_history_is_one_line_of_commits_of_one_author(repository: Path) -> None:
    written(repository, life("one"), life("two"), life("three"))
    assert run(repository, "rev-list", "--count", REF) == "3"
    assert run(repository, "rev-list", "--min-parents=2", REF) == ""
    assert (
        run(repository, "log", "--format=%an <%ae>%n%cn <%ce>", REF).splitlines()
        == ["Tarmac <tarmac@tarmac.invalid>"] * 6
    )
    assert run(repository, "log", "-1", "--format=%B", REF).splitlines()[-1].startswith("Head: ")


def test_the_branch_shares_no_history_with_any_other(repository: Path) -> None:
    written(repository, life("one"))
    assert run(repository, "rev-list", "--max-parents=0", "--all", "--count") == "2"


def test_the_working_tree_the_index_and_the_branch_are_untouched(repository: Path) -> None:
    (repository / "README.md").write_text("edited\n")
    (repository / "new.txt").write_text("new\n")
    run(repository, "add", "new.txt")
    before = run(repository, "status", "--porcelain=v2", "--branch")
    written(repository, life("one"))
    assert run(repository, "status", "--porcelain=v2", "--branch") == before


def test_hooks_filters_and_signing_have_no_say(repository: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-update"):
        hook = repository / ".git" / "hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    for key, value in (
        ("commit.gpgSign", "true"),
        ("user.name", "Somebody"),
        ("core.autocrlf", "true"),
        ("core.attributesFile", str(repository / "attributes")),
        ("filter.shout.clean", "tr a-z A-Z"),
    ):
        run(repository, "config", key, value)
    (repository / "attributes").write_text("* filter=shout text eol=crlf\n")
    ledger, head = written(repository, life("one"))
    assert ledger.verify(head) == ()
    assert "Somebody" not in run(repository, "log", "--format=%an%cn", REF)


def tampered(root: Path, path: str, content: bytes | None) -> tuple[GitLedger, Head]:
    branch = Branch(root, REF)
    branch.commit(branch.tip(), {path: content}, "tampered", NOW)
    ledger = GitLedger.at(root)
    return ledger, ledger.head()


def file_of(root: Path, path: str) -> bytes:
    return subprocess.run(
        ["git", "cat-file", "blob", f"{REF}:{path}"], cwd=root, capture_output=True, check=True
    ).stdout


LOG = "log/2026/12/01/run-1-1.jsonl"


def test_a_changed_line_is_found(repository: Path) -> None:
    written(repository, life("one"), life("two"))
    changed = file_of(repository, LOG).replace(b"a reason", b"no reason")
    ledger, head = tampered(repository, LOG, changed)
    said = [(fault.file, fault.message) for fault in ledger.verify(head)]
    assert ("log/2026/12/01/run-2-1.jsonl", "line 3 does not follow from the one before") in said
    assert (LOG, "it was changed after it was written") in said


def test_a_changed_last_line_is_found(repository: Path) -> None:
    written(repository, life("one"))
    changed = file_of(repository, LOG).replace(b"a reason", b"no reason")
    ledger, head = tampered(repository, LOG, changed)
    assert "head.json" in {fault.file for fault in ledger.verify(head)}


def test_a_removed_batch_is_found(repository: Path) -> None:
    written(repository, life("one"), life("two"))
    ledger, head = tampered(repository, LOG, None)
    assert "line 3 follows line 0" in {fault.message for fault in ledger.verify(head)}


def test_a_removed_last_batch_is_found(repository: Path) -> None:
    written(repository, life("one"), life("two"))
    ledger, head = tampered(repository, "log/2026/12/01/run-2-1.jsonl", None)
    assert any("the log ends at line 2" in fault.message for fault in ledger.verify(head))


def test_a_changed_state_is_found(repository: Path) -> None:
    written(repository, life("one"))
    uid = uid_of(OURS, wish("one").request, 1)
    path = f"state/{uid[:2]}/{uid}.json"
    changed = file_of(repository, path).replace(b'"ready"', b'"failed"')
    ledger, head = tampered(repository, path, changed)
    assert [fault.file for fault in ledger.verify(head)] == [path]


def read_everything_with(root: Path, path: str, content: bytes) -> None:
    ledger, head = tampered(root, path, content)
    ledger.states(head)
    list(ledger.entries(head))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"version": 2}', b'{"version": 1}', b"[" * 100_000, b"\xff"]
)
def test_a_ledger_that_is_none_is_said_to_be_none(repository: Path, content: bytes) -> None:
    written(repository, life("one"))
    uid = uid_of(OURS, wish("one").request, 1)
    for path in ("head.json", LOG, f"state/{uid[:2]}/{uid}.json"):
        with pytest.raises(LedgerError):
            read_everything_with(repository, path, content)
        run(repository, "update-ref", REF, f"{REF}~1")


def test_a_branch_of_that_name_that_is_no_ledger_is_refused(repository: Path) -> None:
    run(repository, "update-ref", REF, "main")
    with pytest.raises(LedgerError, match=r"head\.json"):
        GitLedger.at(repository).head()


def test_time_that_runs_backwards_does_not_break_the_order(repository: Path) -> None:
    early = [replace(line, at=NOW - 400 * DAY) for line in life("two")]
    ledger, head = written(repository, life("one"), early, life("three"))
    assert [record.sequence for record in ledger.entries(head)] == [1, 2, 3, 4, 5, 6]
    assert ledger.verify(head) == ()


def test_states_are_read_without_the_log(repository: Path) -> None:
    ledger, head = written(repository, life("one"))
    blob = run(repository, "rev-parse", f"{REF}:{LOG}")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert len(ledger.states(ledger.head())) == 1
    assert ledger.append(head, "run-2", 1, life("two")).entries == 4


def test_a_thousand_uids_in_one_batch_are_one_commit(repository: Path) -> None:
    lines = [line for number in range(1000) for line in life(f"db-{number}")]
    ledger, head = written(repository, lines)
    assert len(ledger.states(head)) == 1000
    assert run(repository, "rev-list", "--count", REF) == "1"
    assert run(repository, "fsck", "--strict", "--no-dangling") == ""


TEXTS = st.text(max_size=40)


@given(TEXTS, TEXTS, st.integers(0, 10**6).map(lambda n: NOW + timedelta(microseconds=n)))
def test_lines_and_states_survive_any_text(reason: str, owner: str, at: object) -> None:
    subject = replace(subject_of(wish("one"), "uid"), owner=owner, config={owner: [reason, 1.5, None]})
    given_entry = entry(subject, Verb.CREATE, Event.OUTCOME, result=Result.FAILED, reason=reason, message=reason, at=at)
    line = line_of(given_entry, 1, GENESIS)
    assert b"\n" not in line
    assert line.isascii()
    assert read_line(line, "x").entry == given_entry
    state = fold({}, [given_entry])["uid"]
    assert read_state(state_file(state), "x") == state


def test_a_line_is_canonical_json(repository: Path) -> None:
    written(repository, life("one"))
    for line in file_of(repository, LOG).splitlines():
        data = json.loads(line)
        assert json.dumps(data, sort_keys=True, separators=(",", ":")).encode() == line
