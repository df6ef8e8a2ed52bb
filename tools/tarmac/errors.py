"""Everything Tarmac raises on purpose, and the exit code that each ends in.

    TarmacError
    |-- UsageError            2   the command line asks for something that cannot be
    |-- ConfigurationError    2   the repository cannot be used as it is (no platform, nothing to read)
    |-- ExpressionError       2   an expression cannot be compiled or has no usable value
    |-- StalePlan             1   a saved plan is no longer the one that would be made
    |-- OutsideError          4   something that is not ours failed: try again
    |   |-- GitError
    |   |-- CacheFault            the cache is not what was written; caught, and everything is done without it
    |   |-- LedgerError
    |   |   `-- LedgerConflict    somebody else wrote first
    |   |-- ProviderError         `transient` says whether trying again can help
    |   `-- ForgeError
    |       `-- NoPullRequest   there is none to say anything of
    `-- Defect                3   Tarmac itself is wrong

A document that is wrong is never an exception: it is a Finding.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means to a script."""

    OK = 0
    VERDICT = 1
    USAGE = 2
    DEFECT = 3
    OUTSIDE = 4
    INTERRUPTED = 130


class TarmacError(Exception):
    """Base of the tree. The text is shown to a person as it is, so it says what to do."""

    exit_code: ExitCode = ExitCode.DEFECT


class UsageError(TarmacError):
    """The command line asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class ConfigurationError(TarmacError):
    """The repository cannot be used as it is."""

    exit_code = ExitCode.USAGE


class ExpressionError(TarmacError):
    """An expression cannot be compiled, or has no usable value.

    `line` and `column` count from 1 within the expression's own text. `missing` is true when the only fault is
    a key that is not there, which a policy's `require` takes for a plain failure; `unreadable` where no expression
    could have been evaluated, because of a text among the facts.
    """

    exit_code = ExitCode.USAGE

    def __init__(
        self, message: str, *, line: int = 1, column: int = 1, missing: bool = False, unreadable: bool = False
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.missing = missing
        self.unreadable = unreadable


class StalePlan(TarmacError):
    """A saved plan is no longer the one that would be made: nothing failed, and to try again is no help. Look at a new
    one."""

    exit_code = ExitCode.VERDICT


class OutsideError(TarmacError):
    """Something outside Tarmac failed; trying again may help."""

    exit_code = ExitCode.OUTSIDE


class GitError(OutsideError):
    """git could not do what was asked of it."""


class CacheFault(OutsideError):
    """The cache is of no use: torn, stale, or not of this tool."""


class LedgerError(OutsideError):
    """The ledger cannot be read or written."""


class LedgerConflict(LedgerError):
    """The ledger moved on while we were writing: read again, then decide again."""


class ProviderError(OutsideError):
    """A provider refused or failed."""

    def __init__(self, message: str, *, transient: bool) -> None:
        super().__init__(message)
        self.transient = transient


class ForgeError(OutsideError):
    """The forge (GitHub) refused or failed."""


class NoPullRequest(ForgeError):
    """No open pull request has what was asked about: there is nothing to judge, and nowhere to say so."""


class Defect(TarmacError):
    """Tarmac is wrong. The message asks for a report."""

    exit_code = ExitCode.DEFECT
