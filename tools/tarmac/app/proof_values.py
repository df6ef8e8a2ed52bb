"""proof, the values: what proofs are made with, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping

from tarmac.app.deps import MainLine, MergedPulls, ProofLog, Reading
from tarmac.model.frozen import Frozen, field
from tarmac.model.proof import Proof, Unproved


class Proving(Frozen):
    """What proofs are made with. `pulls` is None where nobody can ask the forge, `remote` where the ledger is here."""

    git: MainLine
    reading: Reading
    log: ProofLog
    pulls: MergedPulls | None
    remote: str | None = None


class Proven(Frozen):
    """What may be made real: the content of `commit`, but nothing of the files and requests that are held. `begun` is
    false where the ledger names no commit at which proving begins.

    `held` are reasons by path and by reference (of requests); `everything` is the reason why nothing is done at all.
    `proofs` are new lines of evidence, `notes` sentences for a person.
    """

    commit: str
    held: Mapping[str, str] = field(default_factory=dict)
    everything: str | None = None
    unproved: tuple[Unproved, ...] = ()
    proofs: tuple[Proof, ...] = ()
    notes: tuple[str, ...] = ()
    begun: bool = True

    def reason(self, *names: str) -> str | None:
        """Why nothing is done for what goes by any of these paths and references; None where something may be."""
        if self.everything is not None:
            return self.everything
        return next((self.held[name] for name in names if name in self.held), None)
