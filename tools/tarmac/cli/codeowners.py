"""tarmac codeowners"""

from __future__ import annotations

from pathlib import Path

import click

from tarmac.cli.options import root_option
from tarmac.errors import ExitCode


@click.command()
@root_option
@click.option("--write", is_flag=True, help="Write .github/CODEOWNERS.")
@click.option("--check", is_flag=True, help="Exit with 1 when the file does not say what the owners mean.")
def command(root: Path, write: bool, check: bool) -> int:
    """The CODEOWNERS file that follows from the owners in the catalog. Prints it unless told otherwise."""
    from tarmac.app import wire
    from tarmac.app.codeowners import codeowners
    from tarmac.approvals.codeowners import PATH
    from tarmac.model.shown import visible

    if write and check:
        raise click.UsageError("--write and --check exclude each other")
    result = codeowners(wire.source(root, None), wire.reading())
    for problem in result.problems:
        click.echo(f"problem: {visible(problem, 200)}", err=True)
    if write and result.present != result.wanted:
        wire.write_text(root / PATH, result.wanted)
        click.echo(f"wrote {PATH}")
    elif write or check:
        fresh = result.present == result.wanted
        click.echo(f"{PATH} is fresh" if fresh else f"{PATH} is stale: run tarmac codeowners --write")
    else:
        click.echo(result.wanted, nl=False)
    if check and not result.fresh:
        return ExitCode.VERDICT
    return ExitCode.VERDICT if result.problems else ExitCode.OK
