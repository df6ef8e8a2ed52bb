"""tarmac codeowners"""

from __future__ import annotations

from pathlib import Path

import click

from tarmac.cli.declare import Command, option
from tarmac.cli.options import root_option
from tarmac.errors import ExitCode


@click.command(cls=Command)
@root_option
@option("--write", is_flag=True, help="Write .github/CODEOWNERS.")
@option("--check", is_flag=True, help="Exit with 1 when the file does not say what the owners mean.")
@option("--owners", "paths", multiple=True, metavar="PATH", help="Say whose a path is, by which line.")
def command(root: Path, write: bool, check: bool, paths: tuple[str, ...]) -> int:
    """The CODEOWNERS file that follows from the owners in the catalog. Prints it unless told otherwise.

    --check proves it: every file of the repository has, by GitHub's rules, the owners that the catalog means.
    """
    from tarmac.app import wire
    from tarmac.app.codeowners import codeowners
    from tarmac.approvals.codeowners import PATH
    from tarmac.reports import codeowners_text as say

    if write + check + bool(paths) > 1:
        raise click.UsageError("--write, --check and --owners exclude each other")
    result = codeowners(wire.source(root, None), wire.reading())
    for line in (*say.problem_lines(result.problems), *say.fault_lines(result.where, () if write else result.faults)):
        click.echo(line, err=True)
    if paths:
        for path, found in zip(paths, result.lines_of([path.strip("/") for path in paths]), strict=True):
            click.echo(say.line_of(result.where, path, found))
        return ExitCode.VERDICT if result.faults else ExitCode.OK
    if check:
        for line in say.difference_lines(result.differences):
            click.echo(line)
        if result.written:
            click.echo(f"{PATH} is {'fresh' if result.fresh else 'not right, though it is what would be written'}")
        else:
            click.echo(f"{PATH} is stale: run tarmac codeowners --write")
            for line in say.diff_lines(PATH, result.present or "", result.wanted):
                click.echo(line)
        return ExitCode.OK if result.fresh else ExitCode.VERDICT
    if not write:
        click.echo(result.wanted, nl=False)
    elif result.written or not result.wanted:
        click.echo(f"{PATH} is {'fresh' if result.written else 'not written'}")
    else:
        wire.write_text(root / PATH, result.wanted)
        click.echo(f"wrote {PATH}")
    return ExitCode.VERDICT if result.problems else ExitCode.OK
