"""tarmac request list, show, new, renew, expired"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from tarmac.cli.declare import option
from tarmac.cli.options import Author, Span, format_option, now_option, remote_option, rev_option, root_option
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode

_SET = (
    "A field of its config, such as size=small; again for more. Which there are: tarmac catalog show resourcetype:TYPE"
)


@click.group(cls=Verbs)
def command() -> None:
    """Ask for a resource, list and show what is asked for, give it a later end, clear away what is over."""


@command.command("list")
@root_option
@rev_option
@now_option
@format_option("text", "json")
def list_(root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """Every request: what it is, how far it is, when it ends."""
    from tarmac.app import wire
    from tarmac.app.requests import list_requests
    from tarmac.reports import request_json, request_text

    instant = wire.clock(now).now()
    found = list_requests(
        wire.source(root, rev), wire.ledger_if_any(root), wire.reading(), instant, wire.known_requests(root)
    )
    rows = [listed.row for listed in found]
    columns = wire.terminal().columns
    click.echo(request_text.list_text(rows, columns) if form == "text" else request_json.list_json(rows), nl=False)
    return ExitCode.OK


@command.command()
@click.argument("name")
@root_option
@rev_option
@now_option
@format_option("text", "json")
def show(name: str, root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """One request: its config with defaults, its tags, its cost, and what the ledger knows of it."""
    from tarmac.app import wire
    from tarmac.app.requests import show_request
    from tarmac.reports import request_json, request_text

    instant = wire.clock(now).now()
    found = show_request(
        wire.source(root, rev), wire.ledger_if_any(root), wire.reading(), instant, name, wire.known_requests(root)
    )
    what = (found.row, found.state, found.tags, found.conditions)
    said = request_text.show_text(*what, wire.terminal().columns) if form == "text" else request_json.show_json(*what)
    click.echo(said, nl=False)
    return ExitCode.OK


@command.command()
@click.argument("type_name", metavar="TYPE")
@option("--name", help="What it is called.")
@option("--for", "service", metavar="COMPONENT", help="What it is for; its owner is then the usual owner.")
@option("--owner", metavar="GROUP", help="The group that pays and answers for it.")
@option("--environment", help="Where it lives: one of those that TYPE is offered in.")
@option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=_SET)
@option("--ttl", metavar="DURATION", help="How long it lives from being ready, such as 14d.")
@option("--reason", help="Why it is needed; approvers read it.")
@option("--label", "labels", multiple=True, metavar="KEY=VALUE", help="A label, such as data-class=internal.")
@option("--yes", is_flag=True, help="Ask nothing: take the defaults, and write the file.")
@root_option
@now_option
@format_option("text", "json")
def new(
    type_name: str,
    name: str | None,
    service: str | None,
    owner: str | None,
    environment: str | None,
    settings: tuple[str, ...],
    ttl: str | None,
    reason: str | None,
    labels: tuple[str, ...],
    yes: bool,
    root: Path,
    now: datetime | None,
    form: str,
) -> int:
    """Ask for a resource.

    Asks what the type needs to know, shows cost, budget, approvers and end, and writes one file below requests/. TYPE
    is a resource type, with @version for another than the newest active one. Each answer is checked at once, and asked
    for again where it cannot be. Exit code 1, and no file, when the whole would not pass the checks.
    """
    from tarmac.app import wire
    from tarmac.app.load import load
    from tarmac.app.request_draft import draft
    from tarmac.app.request_form import find_type
    from tarmac.cli.request_prompts import Given, answered, command_line, wish_of
    from tarmac.model.values import show_instant
    from tarmac.reports import request_json, request_text

    source, reading = wire.source(root, None), wire.reading()
    catalog = load(source, reading).catalog
    _, version = find_type(catalog, type_name)
    given = Given(name, service, owner, environment, ttl, reason, settings, labels, not yes)
    with answered(catalog, version, given, reading):
        wish = wish_of(catalog, version, given, reading)
    made = draft(
        source, catalog, version, wish, reading, wire.render_request, wire.git_if_any(root), wire.clock(now).now()
    )
    page = request_text.draft_text(
        made.path, made.text, made.request, made.team, made.decision, made.findings, made.life
    )
    if form == "text":
        click.echo(page, nl=False)
    elif not yes:
        click.echo(page, nl=False, err=True)
    with answered(catalog, version, given, reading):
        wanted = not made.refused and (yes or click.confirm(f"Write {made.path}?", default=True, err=True))
    if wanted:
        wire.write_new(root, made.path, made.text)
    if form == "json":
        answer = request_json.draft_json(
            made.path, made.text, made.request, made.decision, made.findings, made.life, wanted
        )
        click.echo(answer, nl=False)
    elif wanted:
        click.echo(f"Written: {made.path}. Commit it on a branch and open a pull request.")
    else:
        click.echo("Nothing was written: mend what is said above." if made.refused else "Nothing was written.")
    if made.refused:
        where = {"--root": "" if root == Path() else str(root), "--now": "" if now is None else show_instant(now)}
        click.echo(f"To ask again: {command_line(type_name, wish, where)}", err=form == "json")
    return ExitCode.VERDICT if made.refused else ExitCode.OK


@command.command()
@option("--propose", is_flag=True, help="Make the branch tarmac/expired-requests, whose commit removes them.")
@option("--author", type=Author(), metavar="'NAME <MAIL>'", help="Whose commit that is; left out: Tarmac's own.")
@remote_option
@root_option
@now_option
@format_option("text", "json")
def expired(
    propose: bool, author: tuple[str, str] | None, remote: str | None, root: Path, now: datetime | None, form: str
) -> int:
    """The files of requests whose time is over, on the default branch: they ask for nothing any more.

    Nothing of such a request lives, and nothing comes back, unless it is given a later end. --propose makes a branch
    with one commit that removes the files, for a pull request or a merge; with --remote it is pushed there. A branch
    that does so already is left as it is, and one that has nothing to remove any more is taken away. Nothing is
    checked out.
    """
    from tarmac.app import wire
    from tarmac.app.expired import retire
    from tarmac.reports import expired as say

    found = retire(
        wire.git(root),
        wire.ledger(root) if remote is None else wire.own_ledger(root, remote),
        wire.reading(),
        wire.clock(now).now(),
        wire.proposals(root, remote) if propose else None,
        author,
    )
    rows = [(str(one.request), one.end, one.path, one.stays) for one in found.found]
    text = say.expired_text(rows, found.proposal, found.branch, found.forge)
    click.echo(text if form == "text" else say.expired_json(found.base, rows, found.proposal), nl=False)
    return ExitCode.OK


@command.command()
@click.argument("name")
@option("--ttl", type=Span(), required=True, metavar="DURATION", help="How long from today, such as 14d.")
@root_option
@now_option
def renew(name: str, ttl: timedelta, root: Path, now: datetime | None) -> int:
    """Give a request a later end.

    Writes expires into its file (the day of the command and DURATION, at most what its type allows in its environment)
    and leaves all else there as it is, comments too. It counts when it is merged.
    """
    from tarmac.app import wire
    from tarmac.app.renew import renew as renewed
    from tarmac.model.shown import visible
    from tarmac.model.values import show_duration, show_instant

    done = renewed(
        wire.source(root, None),
        wire.ledger_if_any(root),
        wire.reading(),
        wire.editor(),
        name,
        ttl,
        wire.clock(now).now(),
    )
    wire.mended_folder(root).replace(done.path, done.before, done.after)
    most = "" if done.maximum is None else f" ({show_duration(done.maximum)} is the most there)"
    click.echo(f'{visible(done.path)}: expires: "{done.until}"{most}. Commit it on a branch and open a pull request.')
    if done.gone is not None:
        gone = show_instant(done.gone)
        click.echo(f"What was made is gone since {gone}, with its data: after the merge it is made anew, empty.")
    return ExitCode.OK
