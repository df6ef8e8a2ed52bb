"""Options that several verbs share, read and checked in one place."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from tarmac.cli.declare import option
from tarmac.errors import UsageError
from tarmac.model.values import BadValue, parse_duration, parse_instant

F = TypeVar("F", bound=Callable[..., Any])


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant with its offset."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(value)
        except BadValue as wrong:
            self.fail(str(wrong), param, ctx)


class Span(click.ParamType[timedelta]):
    """A duration such as 12h, 90d or 2w."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(value)
        except BadValue as wrong:
            self.fail(str(wrong), param, ctx)


class Author(click.ParamType[tuple[str, str]]):
    """Who a commit is by, as git writes it."""

    name = "author"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([^<>\x00-\x1f]*[^<>\s\x00-\x1f]) <([^<>\s\x00-\x1f]+@[^<>\s\x00-\x1f]+)>", value)
        if found is None:
            self.fail("write a name and a mail address: 'Ana Ruiz <ana@example.com>'", param, ctx)
        return found[1], found[2]


def root_option(function: F) -> F:
    """--root: the folder to read, taken as it is; left out, it is looked for from the current folder upwards."""
    return option(
        "--root",
        type=click.Path(path_type=Path),
        default=None,
        callback=_root,
        show_default="found from the current folder upwards",
        help="Root of the repository.",
    )(function)


def _root(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    if value is not None or ctx.resilient_parsing:
        return value
    from tarmac.app import wire
    from tarmac.model.shown import visible

    found = wire.root_above()
    if found is None:
        return Path()
    # On standard error: what is read there is not what stands in the current folder.
    click.echo(f"tarmac: the root is {visible(str(found), 200)}; --root names another", err=True)
    return found


def rev_option(function: F) -> F:
    """--rev: a revision to read instead of the files as they are."""
    return option("--rev", metavar="REV", help="Read this revision from git instead of the working tree.")(function)


def now_option(function: F) -> F:
    """--now: the instant to judge at."""
    help_text = "Judge at this instant, such as 2026-12-01T06:00:00Z."
    return option("--now", type=Instant(), metavar="INSTANT", help=help_text)(function)


def cache_option(holds: str) -> Callable[[F], F]:
    """--cache: the folder of what is kept, which `holds` says."""
    folder = click.Path(path_type=Path, file_okay=False)
    default = ".tarmac/cache below the root"
    return option("--cache", type=folder, metavar="DIR", show_default=default, help=f"Folder of {holds}.")


def no_cache_option(instead: str) -> Callable[[F], F]:
    """--no-cache: do as if nothing were kept, which `instead` says."""
    return option("--no-cache", is_flag=True, help=f"{instead} anew, whatever is kept.")


def look_at_cache(no_cache: bool, cache: Path | None, write: bool = False) -> None:
    """Raises UsageError where --no-cache stands beside --cache or --write-cache."""
    if no_cache and (write or cache is not None):
        raise UsageError("--no-cache goes with no other word about a cache")


def format_option(*formats: str) -> Callable[[F], F]:
    """--format: one of `formats`, the first by default."""
    choice = click.Choice(formats)
    return option("--format", "form", type=choice, default=formats[0], show_default=True, help="How to answer.")


def commit_option(function: F) -> F:
    """--rev: the commit that is made real."""
    help_text = "Commit to read; files that are not committed are never seen."
    return option("--rev", metavar="REV", default="HEAD", show_default=True, help=help_text)(function)


def named_outright(option: str) -> bool:
    """Whether the option stands on the command line, and is not only at its default."""
    return click.get_current_context().get_parameter_source(option) is not ParameterSource.DEFAULT


def instances_option(function: F) -> F:
    """--instances: where the embedded provider keeps what it makes."""
    return option(
        "--instances",
        type=click.Path(path_type=Path, file_okay=False),
        default=None,
        show_default=".tarmac/instances below the root",
        help="Folder of the embedded provider's instances.",
    )(function)


def proofs_option(function: F) -> F:
    """--proofs: what the forge said of merged pull requests."""
    return option(
        "--proofs",
        type=click.Path(path_type=Path),
        envvar="TARMAC_PROOFS",
        show_envvar=True,
        default=None,
        metavar="PATH",
        help="Who says what was approved: github, or a JSON file (or a folder of them) with what a forge said.",
    )(function)


def providers_option(function: F) -> F:
    """--providers: the file that says where providers are."""
    return option(
        "--providers",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="TARMAC_PROVIDERS",
        show_envvar=True,
        default=None,
        help="File, outside the repository, that says where providers are and where secrets go.",
    )(function)


def remote_option(function: F) -> F:
    """--remote: where the ledger is kept."""
    help_text = (
        "The remote at which the ledger is kept: fetched first, and pushed, with lease, at each step. Left out: here."
    )
    return option("--remote", metavar="NAME", help=help_text)(function)


def rotate_option(function: F) -> F:
    """--rotate: requests whose credential is replaced now."""
    return option(
        "--rotate",
        metavar="NAME",
        multiple=True,
        help="Replace the credential of this request now, whatever its age. May be given several times.",
    )(function)
