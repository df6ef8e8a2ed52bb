"""tarmac policy list | eval | test | replay"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from tarmac.cli.declare import option
from tarmac.cli.options import Span, format_option, now_option, rev_option, root_option
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode


@click.group(cls=Verbs)
def command() -> None:
    """The rules of this company: list, eval, test, replay."""


@command.command("list")
@root_option
@rev_option
@now_option
@format_option("text", "json")
def list_(root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """What each policy looks at, and what comes out."""
    from tarmac.app import wire
    from tarmac.app.policy import policies
    from tarmac.reports import policy_json, policy_text

    found = policies(wire.source(root, rev), wire.reading(), wire.clock(now).now(), wire.history(root, rev))
    click.echo({"text": policy_text, "json": policy_json}[form].rows(found), nl=False)
    return ExitCode.OK


@command.command("eval")
@click.argument("name")
@option("--entity", required=True, metavar="REF", help="What it is to be asked about.")
@root_option
@rev_option
@now_option
@format_option("text", "json")
def eval_(name: str, entity: str, root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """Why policy NAME says what it says of one entity: every fact that it reads, every operand, with its value.

    Exit code 1 when the entity fails the policy.
    """
    from tarmac.app import wire
    from tarmac.app.policy import evaluate
    from tarmac.reports import policy_json, policy_text

    source, history = wire.source(root, rev), wire.history(root, rev)
    found = evaluate(source, wire.reading(), name, entity, wire.clock(now).now(), history)
    click.echo({"text": policy_text, "json": policy_json}[form].reasons(found), nl=False)
    return ExitCode.VERDICT if found.verdict.outcome == "fail" else ExitCode.OK


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@root_option
@rev_option
@now_option
@format_option("text", "json", "junit")
def test(names: tuple[str, ...], root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """Run the tests that stand beside policies: all of them, or those of the policies named.

    Exit code 1 when a case does not come out as expected, or a policy or a file of tests has an error.
    """
    from tarmac.app import wire
    from tarmac.app.policy_test import run_policy_tests
    from tarmac.reports import policy_json, policy_junit, policy_text

    run = run_policy_tests(wire.source(root, rev), wire.reading(), names, wire.clock(now).now())
    click.echo({"text": policy_text, "json": policy_json, "junit": policy_junit}[form].tests(run), nl=False)
    return ExitCode.VERDICT if run.failed else ExitCode.OK


@command.command()
@click.argument("name")
@option("--since", type=Span(), default="90d", show_default=True, metavar="DURATION", help="How far back.")
@option("--head", default="HEAD", show_default=True, metavar="REV", help="Whose history it is.")
@root_option
@rev_option
@now_option
@format_option("text", "json")
def replay(name: str, since: timedelta, head: str, root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """Which changes of the past policy NAME would have spoken against, had it been there.

    The policy is the one of the working tree (or of --rev); the history is that of HEAD, by first parents.
    """
    from tarmac.app import wire
    from tarmac.app.policy_replay import replay as replayed
    from tarmac.reports import policy_json, policy_text

    source, reading = wire.source(root, rev), wire.reading()
    instant, histories = wire.clock(now).now(), wire.histories(root)
    found = replayed(source, wire.git(root), reading, name, head, since, instant, histories)
    click.echo({"text": policy_text, "json": policy_json}[form].replay(found), nl=False)
    return ExitCode.OK
