"""--fix and --diff: what is mended, and how that is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tarmac.cli.declare import option
from tarmac.cli.outputs import Outputs
from tarmac.errors import UsageError

if TYPE_CHECKING:
    from tarmac.app.fix import Judge, Mending
    from tarmac.model.trees import Source

F = TypeVar("F", bound=Callable[..., Any])


def fixing(function: F) -> F:
    """--fix and --diff; the command gets `fix` and `diff`."""
    options = (
        option("--fix", is_flag=True, help="Mend what needs no judgement, and show the difference."),
        option("--diff", is_flag=True, help="With --fix: show the difference, and write nothing."),
    )
    for given in reversed(options):
        function = given(function)
    return function


class Fixes:
    """The mending of one run."""

    def __init__(self, wanted: bool, written: bool) -> None:
        self.wanted = wanted
        self.written = written
        self.mending: Mending | None = None

    @classmethod
    def asked(cls, fix: bool, diff: bool, rev: str | None) -> Fixes:
        """What the command line asks for.

        Raises:
            UsageError: that cannot be.
        """
        if diff and not fix:
            raise UsageError("--diff shows what --fix would do: write --fix --diff")
        if fix and rev is not None:
            raise UsageError("--fix mends the files as they are, and --rev names a revision that nothing can change")
        return cls(fix, not diff)

    def mend(self, root: Path, tree: Source, judge: Judge) -> None:
        """Mend the files of the tree at `root`, if that is asked for.

        Raises:
            OutsideError: a file cannot be written.
        """
        if not self.wanted:
            return
        from tarmac.app import fix, wire

        self.mending = fix.mend(tree, judge, wire.editor())
        if self.written:
            fix.write(self.mending, wire.mended_folder(root))

    def show(self, outputs: Outputs) -> None:
        """The difference and how much was mended: before a report for people, beside one that a program reads."""
        if self.mending is None:
            return
        from tarmac.app import fix

        program_reads = any(output.path is None and output.form != "text" for output in outputs.all)
        click.echo(fix.difference(self.mending), nl=False, err=program_reads)
        click.echo(fix.told(self.mending, self.written), nl=False, err=program_reads)
