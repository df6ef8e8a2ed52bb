"""The file of figures on the ledger's branch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tarmac.adapters.ledger import GitLedger
from tarmac.adapters.ledger_counts import FIGURES, figures_file
from tarmac.model.figures import Figures, Gauges
from tarmac.model.frozen import replace
from tarmac.model.ledger import Head


class LedgerFigures:
    """The figures that a ledger keeps. Every method raises GitError or LedgerError."""

    def __init__(self, ledger: GitLedger) -> None:
        self._ledger = ledger

    def read(self, head: Head) -> Figures:
        """As they are at `head`."""
        return self._ledger.figures(head)

    def keep(self, head: Head, now: Gauges, moment: datetime) -> Head:
        """Write how things stand, where that is news.

        Raises:
            LedgerConflict: the ledger has moved on from `head`; nothing was written.
        """
        known = self.read(head)
        if head.commit is None or known.now == now:
            return head
        files: Mapping[str, bytes | None] = {FIGURES: figures_file(replace(known, now=now))}
        commit = self._ledger.branch.commit(head.commit, files, "How things stand\n", moment)
        return replace(head, commit=commit)
