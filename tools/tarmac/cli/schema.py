"""tarmac schema"""

from __future__ import annotations

from pathlib import Path

import click

from tarmac.cli.declare import Command, option
from tarmac.cli.options import root_option
from tarmac.errors import ExitCode, UsageError


@click.command(cls=Command)
@click.argument("kind", required=False)
@option("--write", is_flag=True, help="Write the generated files of this source tree.")
@option("--check", is_flag=True, help="Say which generated files are stale; exit code 1 if any is.")
@root_option
def command(kind: str | None, write: bool, check: bool, root: Path) -> int:
    """The JSON Schema of a kind; without KIND, the list of kinds.

    Editors use the files that --write makes in tools/schemas; the check itself uses the bundle beside the code.
    """
    from tarmac.app import schema, wire

    if sum((kind is not None, write, check)) > 1:
        raise UsageError("name a KIND, or --write, or --check: one of them")
    exporter = wire.schema_export()
    if write:
        touched = schema.write(exporter, wire.schema_folder(root))
        click.echo("".join(f"wrote {path}\n" for path in touched) or "nothing to write: all is fresh\n", nl=False)
        return ExitCode.OK
    if check:
        stale = schema.stale(exporter, wire.schema_folder(root))
        click.echo("".join(f"stale: {path}\n" for path in stale) or "all is fresh\n", nl=False)
        if stale:
            click.echo("run: tarmac schema --write")
        return ExitCode.VERDICT if stale else ExitCode.OK
    click.echo(schema.one(exporter, kind) if kind is not None else schema.table(exporter.lines()), nl=False)
    return ExitCode.OK
