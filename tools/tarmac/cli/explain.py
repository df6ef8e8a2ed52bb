"""tarmac explain"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tarmac.cli.declare import Command, option
from tarmac.cli.options import format_option, rev_option, root_option
from tarmac.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from tarmac.rules.pages import Page


@click.command(cls=Command)
@click.argument("rule", required=False)
@option("--write", is_flag=True, help="Write the generated pages of this source tree.")
@option("--check", is_flag=True, help="Say which generated pages are stale; exit code 1 if any is.")
@root_option
@rev_option
@format_option("text", "json")
def command(rule: str | None, write: bool, check: bool, root: Path, rev: str | None, form: str) -> int:
    """What does a rule mean, and what is right instead?

    RULE is the word in brackets behind a finding: a built-in rule, or a policy of the repository. Without it, all of
    them are listed.
    """
    from tarmac.app import explain, wire
    from tarmac.reports.rule_pages import list_text, page_text, pages_json

    if sum((rule is not None, write, check)) > 1:
        raise UsageError("name a RULE, or --write, or --check: one of them")
    if write:
        touched = explain.write(wire.schema_folder(root))
        click.echo("".join(f"wrote {path}\n" for path in touched) or "nothing to write: all is fresh\n", nl=False)
        return ExitCode.OK
    if check:
        stale = explain.stale(wire.schema_folder(root))
        click.echo("".join(f"stale: {path}\n" for path in stale) or "all is fresh\n", nl=False)
        if stale:
            click.echo("run: tarmac explain --write")
        return ExitCode.VERDICT if stale else ExitCode.OK

    def own() -> tuple[Page, ...]:
        return explain.policies(wire.source(root, rev), wire.reading())

    found = explain.everything(own()) if rule is None else explain.explain(rule, own)
    if form == "json":
        click.echo(pages_json(found), nl=False)
    else:
        click.echo(list_text(found) if rule is None else "\n".join(map(page_text, found)), nl=False)
    return ExitCode.OK
