"""The ledger's evidence of approvals: a chain of lines beside the log, on the same branch, and what they add up to.

proofs.json                                 how many lines, the hash of the last, and what is proved
proofs/YYYY/MM/DD/<instant>-<number>.jsonl  one immutable file a run; each line carries the hash of the one before
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tarmac.adapters.ledger_git import FETCHED, Branch, tips
from tarmac.adapters.ledger_git import REF as REF
from tarmac.adapters.ledger_json import Reader, hash_of, head_file, load_object
from tarmac.adapters.ledger_remote import must_be_a_remote
from tarmac.errors import LedgerError
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, items, texts
from tarmac.model.ledger import GENESIS, LedgerFault
from tarmac.model.plan import canonical
from tarmac.model.proof import Proof, ProofBook, ProofKind, RecordedProof, RuleProof
from tarmac.model.values import show_instant

FOLDER = "proofs"
_BOOK = "proofs.json"
_HEAD = "head.json"
_VERSION = 1


def branch_to_read(top: Path) -> Branch:
    """The ledger's branch of the repository at `top`; where it has none, what was last fetched of origin's. Nothing is
    to be written to it."""
    there = tips(top, REF, FETCHED)
    ref = FETCHED if REF not in there and FETCHED in there else REF
    return Branch(top, ref, seen=(there.get(ref),))


class GitProofs(Frozen):
    """The evidence in one repository's ledger. Every method raises GitError or LedgerError."""

    branch: Branch

    @classmethod
    def at(cls, top: Path, remote: str | None = None) -> GitProofs:
        """The evidence in the ledger of the repository at `top`, kept at its remote of that name if one is given.

        Raises:
            UsageError: there is no such remote.
        """
        if remote is not None:
            must_be_a_remote(top, remote)
        return cls(Branch(top, REF, remote))

    @classmethod
    def to_read(cls, top: Path) -> GitProofs:
        """The evidence in the ledger of the repository at `top`, or in what was last fetched of the one at origin."""
        return cls(branch_to_read(top))

    def book(self) -> ProofBook:
        """What is proved, without reading the lines."""
        return self._book_at(self.branch.tip())

    def _book_at(self, commit: str | None) -> ProofBook:
        content = None if commit is None else self.branch.read([f"{commit}:{_BOOK}"])[0]
        if content is None:
            return ProofBook(commit, None, None, frozenset(), 0, GENESIS)
        reader = Reader(load_object(content, _BOOK), _BOOK)
        return ProofBook(
            commit=commit,
            genesis=reader.text("genesis"),
            through=reader.text("through"),
            ahead=frozenset(texts(reader.data, "ahead")),
            lines=reader.number("lines"),
            hash=reader.text("hash"),
        )

    def append(self, book: ProofBook, proofs: Sequence[Proof]) -> ProofBook:
        """Write lines behind those of `book`, or raise LedgerConflict and write nothing."""
        if not proofs:
            return book
        sequence, previous, lines = book.lines, book.hash, []
        for proof in proofs:
            sequence += 1
            line = _line(proof, sequence, previous)
            previous = hash_of(line)
            lines.append(line + b"\n")
        last, when = proofs[-1], proofs[-1].at
        genesis = book.genesis or proofs[0].commits[-1]
        name = f"{FOLDER}/{when:%Y/%m/%d}/{when:%Y%m%dT%H%M%SZ}-{book.lines + 1}.jsonl"
        files: dict[str, bytes | None] = {name: b"".join(lines)}
        files[_BOOK] = _book_file(genesis, last, sequence, previous)
        if book.commit is None:
            # A ledger that begins with evidence has no other lines yet.
            files[_HEAD] = head_file(0, GENESIS)
        message = f"Proof of {len(lines)} step{'s' if len(lines) > 1 else ''} of the main branch\n\nHead: {previous}\n"
        commit = self.branch.commit(book.commit, files, message, when)
        return ProofBook(commit, genesis, last.through, frozenset(last.ahead), sequence, previous)

    def lines(self, commit: str) -> Iterator[RecordedProof]:
        """Every line, in the order of their numbers."""
        found: list[RecordedProof] = []
        files = self.branch.files(commit, FOLDER)
        for (path, _), content in zip(files, self.branch.read([blob for _, blob in files]), strict=True):
            found += [_read(line, path) for line in (content or b"").splitlines()]
        return iter(sorted(found, key=lambda line: line.sequence))

    def verify(self, commit: str) -> Iterator[LedgerFault]:
        """Walk the chain, and compare what is said to be proved with what the lines add up to."""
        sequence, previous = 0, GENESIS
        genesis, through, ahead = None, None, frozenset[str]()
        try:
            book = self._book_at(commit)
            for line in self.lines(commit):
                if line.sequence != sequence + 1:
                    yield LedgerFault(line.file, f"line {line.sequence} follows line {sequence}")
                if line.previous != previous:
                    yield LedgerFault(line.file, f"line {line.sequence} does not follow from the one before")
                sequence, previous = line.sequence, line.hash
                genesis = genesis or line.proof.commits[-1]
                through, ahead = line.proof.through, frozenset(line.proof.ahead)
        except LedgerError as fault:
            yield LedgerFault("", str(fault))
            return
        said = (book.genesis, book.through, book.ahead, book.lines, book.hash)
        if said != (genesis, through, ahead, sequence, previous):
            yield LedgerFault(_BOOK, "it is not what the lines of evidence add up to")


def _line(proof: Proof, sequence: int, previous: str) -> bytes:
    data: dict[str, JsonValue] = {
        "version": _VERSION,
        "sequence": sequence,
        "previous": previous,
        "at": show_instant(proof.at),
        "kind": str(proof.kind),
        "commits": list(proof.commits),
        "base": proof.base,
        "reason": proof.reason,
        "through": proof.through,
    }
    optional: dict[str, JsonValue] = {
        "ahead": list(proof.ahead),
        "pull": proof.pull,
        "head": proof.head,
        "author": proof.author,
        "mergedAt": None if proof.merged_at is None else show_instant(proof.merged_at),
        "mergedBy": proof.merged_by,
        "reviewers": list(proof.reviewers),
        "rules": [{"rule": one.rule, "state": one.state, "hash": one.hash} for one in proof.rules],
    }
    data.update({name: value for name, value in optional.items() if value})
    return canonical(data).encode()


def _read(line: bytes, file: str) -> RecordedProof:
    reader = Reader(load_object(line, file), file)
    data = reader.data
    commits = texts(data, "commits")
    if not commits:
        raise LedgerError(f"{file}: field commits is missing or wrong")
    proof = Proof(
        at=reader.instant("at"),
        kind=ProofKind(reader.word("kind", ProofKind)),
        commits=commits,
        base=reader.text("base"),
        reason=reader.text("reason"),
        through=reader.text("through"),
        ahead=texts(data, "ahead"),
        pull=reader.number("pull") if "pull" in data else None,
        head=reader.text("head", ""),
        author=reader.text("author", ""),
        merged_at=reader.instant("mergedAt") if "mergedAt" in data else None,
        merged_by=reader.text("mergedBy", ""),
        reviewers=texts(data, "reviewers"),
        rules=tuple(_rule(one, file) for one in items(data, "rules")),
    )
    return RecordedProof(reader.number("sequence"), reader.text("previous"), hash_of(line), proof, file)


def _rule(data: JsonValue, file: str) -> RuleProof:
    if not isinstance(data, Mapping):
        raise LedgerError(f"{file}: field rules is missing or wrong")
    reader = Reader(data, file)
    return RuleProof(reader.text("rule"), reader.text("state"), reader.text("hash"))


def _book_file(genesis: str, last: Proof, lines: int, hash_: str) -> bytes:
    data: dict[str, JsonValue] = {
        "version": _VERSION,
        "genesis": genesis,
        "through": last.through,
        "ahead": list(last.ahead),
        "lines": lines,
        "hash": hash_,
    }
    return (canonical(data) + "\n").encode()
