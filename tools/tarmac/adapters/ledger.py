"""The ledger: what reconcile meant to do and did, append-only, on a branch of the repository itself.

    head.json                            how many lines there are, and the hash of the last
    lease.json                           who may write just now, while a run acts (with a remote: for everybody to see)
    log/YYYY/MM/DD/<run>-<n>.jsonl       one immutable file a batch; each line carries the hash of the one before
    figures.json                         what the lines come to, counted
    catalog-info.yaml, backstage/**      each instance that is ready as a Backstage Resource, for any portal
    state/<first two of uid>/<uid>.json  what the lines of one life of a request add up to, while it lasts
    past/<digest of request>/<uid>.json  the same when it is over, found by whoever asks for that request again
    proofs.json, proofs/                 the evidence of approvals (ledger_proofs)

A run reads `head.json`, the states of what lives, and of the past what it is asked for again: never the log. So it
costs as much as there is alive, however long the ledger is. Of what is over, a request keeps one state: earlier ones
are put away when a later life has begun.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.adapters.ledger_counts import FIGURES, figures_file, read_figures
from tarmac.adapters.ledger_git import Branch
from tarmac.adapters.ledger_json import (
    hash_of,
    head_file,
    lease_file,
    line_of,
    read_head,
    read_lease,
    read_line,
    read_state,
    state_file,
)
from tarmac.adapters.ledger_proofs import FOLDER, GitProofs, branch_to_read
from tarmac.adapters.ledger_proofs import REF as REF
from tarmac.adapters.ledger_remote import must_be_a_remote
from tarmac.errors import LedgerError
from tarmac.model.figures import Figures, Gauges, TypeFigures
from tarmac.model.frozen import Frozen, replace
from tarmac.model.ledger import GENESIS, Head, Lease, LedgerEntry, LedgerFault, Recorded, RequestState
from tarmac.planning.figures import added
from tarmac.planning.life import fold
from tarmac.reports.backstage_resource import catalog_location, resource_entity

HEAD = "head.json"
_LEASE = "lease.json"
_LOCATION = "catalog-info.yaml"
_AT_ONCE = 200


class GitLedger(Frozen):
    """The ledger of one repository. Every method raises GitError where git fails, LedgerError for what is no ledger."""

    branch: Branch

    @classmethod
    def at(cls, top: Path, remote: str | None = None) -> GitLedger:
        """The ledger of the repository at `top`, kept at its remote of that name if one is given.

        Raises:
            UsageError: there is no such remote.
        """
        if remote is not None:
            must_be_a_remote(top, remote)
        return cls(Branch(top, REF, remote))

    @classmethod
    def to_read(cls, top: Path) -> GitLedger:
        """The ledger of the repository at `top`, or, where it has none, what was last fetched of the one at origin."""
        return cls(branch_to_read(top))

    def head(self) -> Head:
        """Where the ledger ends."""
        commit = self.branch.tip()
        if commit is None:
            return Head(None, 0, GENESIS)
        (content,) = self.branch.read([f"{commit}:{HEAD}"])
        if content is None:
            raise LedgerError(f"{REF} holds no {HEAD}: it is no ledger")
        entries, last = read_head(content)
        return Head(commit, entries, last)

    def states(self, head: Head) -> Mapping[str, RequestState]:
        """Every state at `head`, by uid."""
        return self._stored(head, "state", "past")

    def living(self, head: Head) -> Mapping[str, RequestState]:
        """The states at `head` of lives that are not over, by uid."""
        return self._stored(head, "state")

    def past(self, head: Head, requests: Collection[str]) -> Mapping[str, RequestState]:
        """The states at `head` of lives of these requests that are over, by uid."""
        return self._stored(head, *(_past_folder(request) for request in sorted(requests)))

    def _stored(self, head: Head, *folders: str) -> Mapping[str, RequestState]:
        if head.commit is None:
            return {}
        files = self.branch.files(head.commit, *folders)
        contents = self.branch.read([blob for _, blob in files])
        found = (
            read_state(content, path) for (path, _), content in zip(files, contents, strict=True) if content is not None
        )
        return {state.subject.uid: state for state in found}

    def lease(self, head: Head) -> Lease | None:
        """Who may write at `head`, by the run's own word."""
        if head.commit is None:
            return None
        (content,) = self.branch.read([f"{head.commit}:{_LEASE}"])
        return None if content is None else read_lease(content)

    def renew(self, head: Head, lease: Lease) -> Head:
        """Write nothing but a lease behind `head`.

        Raises:
            LedgerConflict: the ledger has moved on from `head`; nothing was written.
        """
        moment = lease.since
        commit = self.branch.commit(head.commit, {_LEASE: lease_file(lease)}, f"{lease.run}: still at work\n", moment)
        return replace(head, commit=commit)

    def append(
        self,
        head: Head,
        run: str,
        batch: int,
        entries: Sequence[LedgerEntry],
        lease: Lease | None = None,
        *,
        free: bool = False,
    ) -> Head:
        """Write a batch behind `head`: one new log file, and the states that it changes, in one commit.

        With `lease` that is written too, with `free` the one that is there is taken away; else it stays as it is.

        Raises:
            LedgerConflict: the ledger has moved on from `head`; nothing was written.
        """
        if not entries:
            return self._freed(head, run) if free else head
        sequence, previous = head.entries, head.hash
        lines = []
        for entry in entries:
            sequence += 1
            line = line_of(entry, sequence, previous)
            previous = hash_of(line)
            lines.append(line + b"\n")
        owners = {uid: entry.subject.request for entry in entries for uid in (*entry.supersedes, entry.subject.uid)}
        before = self._states_of(head.commit, owners)
        after = fold(before, entries)
        files: dict[str, bytes | None] = {_LOCATION: catalog_location().encode()}
        for uid in owners:
            if uid in after or uid in before:
                files.update(_files_of(uid, before.get(uid), after.get(uid)))
        known = self.figures(head)
        files[FIGURES] = figures_file(replace(known, types=added(known.types, entries)))
        when = entries[-1].at
        files[f"log/{when:%Y/%m/%d}/{run}-{batch}.jsonl"] = b"".join(lines)
        files[HEAD] = head_file(sequence, previous)
        if lease is not None or free:
            files[_LEASE] = None if lease is None else lease_file(lease)
        message = f"{run}: batch {batch}, {len(lines)} lines\n\nHead: {previous}\n"
        return Head(self.branch.commit(head.commit, files, message, when), sequence, previous)

    def release(self, head: Head, run: str) -> Head:
        """Take away the lease that stands at `head`, whoever has it, for `run`'s end is known.

        Raises:
            LedgerConflict: the ledger has moved on from `head`; nothing was written.
        """
        return self._freed(head, run)

    def _freed(self, head: Head, run: str) -> Head:
        lease = self.lease(head)
        if lease is None:
            return head
        moment = lease.since
        return replace(head, commit=self.branch.commit(head.commit, {_LEASE: None}, f"{run}: ended\n", moment))

    def entries(self, head: Head) -> Iterator[Recorded]:
        """Every line, in the order of their numbers."""
        if head.commit is None:
            return
        waiting: dict[int, tuple[Recorded, ...]] = {}
        following = 1
        for lines in self._log(head.commit):
            waiting[lines[0].sequence] = lines
            # Files sort by day and run; where time was set back, a file waits for its turn.
            while following in waiting:
                ready = waiting.pop(following)
                following += len(ready)
                yield from ready
        for _, left in sorted(waiting.items()):
            yield from left

    def verify(self, head: Head) -> tuple[LedgerFault, ...]:
        """Walk the whole ledger: the chain, the head, and that the states are what the lines add up to."""
        if head.commit is None:
            return ()
        faults: list[LedgerFault] = []
        sequence, previous = 0, GENESIS
        states: Mapping[str, RequestState] = {}
        types: Mapping[str, TypeFigures] = {}
        try:
            for line in self.entries(head):
                if line.sequence != sequence + 1:
                    faults.append(LedgerFault(line.file, f"line {line.sequence} follows line {sequence}"))
                if line.previous != previous:
                    faults.append(LedgerFault(line.file, f"line {line.sequence} does not follow from the one before"))
                sequence, previous = line.sequence, line.hash
                states = fold(states, (line.entry,))
                types = added(types, (line.entry,))
            stored = self.states(head)
        except LedgerError as fault:
            return (*faults, LedgerFault("", str(fault)))
        if (sequence, previous) != (head.entries, head.hash):
            faults.append(LedgerFault(HEAD, f"it names line {head.entries}, the log ends at line {sequence}"))
        for uid in sorted(states.keys() | stored.keys()):
            if states.get(uid) != stored.get(uid):
                faults.append(
                    LedgerFault(state_path(states.get(uid) or stored[uid]), "it is not what the log adds up to")
                )
        faults += self._unlike(head.commit, states)
        faults += self._counted_otherwise(head.commit, types)
        faults += GitProofs(self.branch).verify(head.commit)
        return (*faults, *self._rewritten(head.commit))

    def rebuild(self, head: Head) -> tuple[Head, int]:
        """Write every state, and the figures, anew from the log, where they are not what it adds up to: (the new end,
        how many files were wrong). How things stood after the last run is in no line, and stays as it can be read.

        Raises:
            LedgerError: the log itself is not whole; nothing was written.
            LedgerConflict: the ledger has moved on from `head`; nothing was written.
        """
        if head.commit is None:
            return head, 0
        sequence, previous, moment = 0, GENESIS, None
        states: Mapping[str, RequestState] = {}
        types: Mapping[str, TypeFigures] = {}
        for line in self.entries(head):
            if (line.sequence, line.previous) != (sequence + 1, previous):
                raise LedgerError(f"{line.file}: the log is broken at line {line.sequence}: nothing follows from it")
            sequence, previous, moment = line.sequence, line.hash, line.entry.at
            states = fold(states, (line.entry,))
            types = added(types, (line.entry,))
        if moment is None:
            return head, 0
        wanted: dict[str, bytes | None] = {_LOCATION: catalog_location().encode(), HEAD: head_file(sequence, previous)}
        wanted[FIGURES] = figures_file(Figures(types, self._gauges(head)))
        for uid, state in states.items():
            wanted.update(
                {path: content for path, content in _files_of(uid, None, state).items() if content is not None}
            )
        there = [
            path for folder in ("state", "past", "backstage") for path, _ in self.branch.files(head.commit, folder)
        ]
        paths = sorted({*there, *wanted})
        found = dict(zip(paths, self.branch.read([f"{head.commit}:{path}" for path in paths]), strict=True))
        wrong = {path: wanted.get(path) for path in paths if found[path] != wanted.get(path)}
        if not wrong:
            return head, 0
        commit = self.branch.commit(head.commit, wrong, "State written anew from the log\n", moment)
        return Head(commit, sequence, previous), len(wrong)

    def figures(self, head: Head) -> Figures:
        """What the outcomes so far add up to."""
        if head.commit is None:
            return Figures()
        (content,) = self.branch.read([f"{head.commit}:{FIGURES}"])
        return read_figures(content)

    def _gauges(self, head: Head) -> Gauges:
        try:
            return self.figures(head).now
        except LedgerError:
            return Gauges()

    def _counted_otherwise(self, commit: str, types: Mapping[str, TypeFigures]) -> Iterator[LedgerFault]:
        (content,) = self.branch.read([f"{commit}:{FIGURES}"])
        try:
            # Without the file the ledger was written before figures were.
            if content is not None and read_figures(content).types != types:
                yield LedgerFault(FIGURES, "it is not what the log adds up to")
        except LedgerError as fault:
            yield LedgerFault(FIGURES, str(fault))

    def _rewritten(self, commit: str) -> Iterator[LedgerFault]:
        arguments = ["log", "--format=", "--name-only", "-z", "--no-renames", "--diff-filter=MDT", commit, "--"]
        arguments += ["log/", f"{FOLDER}/"]
        said = run_git(self.branch.top, arguments)
        for path in sorted({part.strip().decode("utf-8", "replace") for part in said.split(b"\x00")} - {""}):
            yield LedgerFault(path, "it was changed after it was written")

    def _unlike(self, commit: str, states: Mapping[str, RequestState]) -> Iterator[LedgerFault]:
        """Published entities that are not what the states say."""
        found = dict(self.branch.files(commit, "backstage"))
        if not found:
            return  # written before entities were
        contents = dict(zip(found, self.branch.read(list(found.values())), strict=True))
        wanted = {
            _entity_path(uid): entity.encode() for uid, state in states.items() if (entity := resource_entity(state))
        }
        for path in sorted(wanted.keys() | contents.keys()):
            if wanted.get(path) != contents.get(path):
                yield LedgerFault(path, "it is not what the states say")

    def _log(self, commit: str) -> Iterator[tuple[Recorded, ...]]:
        files = self.branch.files(commit, "log")
        for start in range(0, len(files), _AT_ONCE):
            part = files[start : start + _AT_ONCE]
            contents = self.branch.read([blob for _, blob in part])
            for (path, _), content in zip(part, contents, strict=True):
                lines = tuple(read_line(line, path) for line in (content or b"").splitlines())
                if not lines:
                    raise LedgerError(f"{path} holds no line")
                yield lines

    def _states_of(self, commit: str | None, owners: Mapping[str, str]) -> dict[str, RequestState]:
        """The states of uids, each with the request that it is of."""
        if commit is None:
            return {}
        pairs = [(uid, path) for uid, owner in sorted(owners.items()) for path in _places(uid, owner)]
        contents = self.branch.read([f"{commit}:{path}" for _, path in pairs])
        return {
            uid: read_state(content, path)
            for (uid, path), content in zip(pairs, contents, strict=True)
            if content is not None
        }


def _files_of(uid: str, before: RequestState | None, state: RequestState | None) -> dict[str, bytes | None]:
    """What stands on the branch for a uid, and what no longer does."""
    entity = None if state is None else resource_entity(state)
    files: dict[str, bytes | None] = {_entity_path(uid): None if entity is None else entity.encode()}
    for known in (before, state):
        if known is not None:
            files.update(dict.fromkeys(_places(uid, known.subject.request)))
    if state is not None:
        files[state_path(state)] = state_file(state)
    return files


def _entity_path(uid: str) -> str:
    return f"backstage/{uid[:2]}/{uid}.yaml"


def _places(uid: str, request: str) -> tuple[str, str]:
    """Where a state can stand: while its life lasts, and after it."""
    return f"state/{uid[:2]}/{uid}.json", f"{_past_folder(request)}/{uid}.json"


def _past_folder(request: str) -> str:
    # Loaded here, as it takes long: who finds no ledger needs none of it.
    from hashlib import sha256

    digest = sha256(request.encode()).hexdigest()
    return f"past/{digest[:2]}/{digest[2:34]}"


def state_path(state: RequestState) -> str:
    """Where a state stands on the branch."""
    lasting, over = _places(state.subject.uid, state.subject.request)
    return over if state.phase.ended else lasting
