"""tarmac catalog list | show | graph | impact"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tarmac.cli.declare import option
from tarmac.cli.options import format_option, rev_option, root_option
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode

if TYPE_CHECKING:
    from tarmac.catalog.index import Catalog


@click.group(cls=Verbs)
def command() -> None:
    """What exists: list, show, graph, impact."""


@command.command("list")
@root_option
@rev_option
@option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; may be given again.")
@format_option("text", "json")
def list_(root: Path, rev: str | None, kinds: tuple[str, ...], form: str) -> int:
    """Every entity, with where it stands."""
    from tarmac.app.catalog import entities
    from tarmac.reports import catalog_json, catalog_text

    report = {"text": catalog_text, "json": catalog_json}[form]
    click.echo(report.entity_list(entities(_read(root, rev), kinds)), nl=False)
    return ExitCode.OK


@command.command()
@click.argument("ref")
@root_option
@rev_option
@format_option("text", "json")
def show(ref: str, root: Path, rev: str | None, form: str) -> int:
    """One entity: its data, what it refers to and what refers to it."""
    from tarmac.app.catalog import find
    from tarmac.reports import catalog_json, catalog_text

    report = {"text": catalog_text, "json": catalog_json}[form]
    catalog = _read(root, rev)
    click.echo(report.entity_page(catalog, find(catalog, ref)), nl=False)
    return ExitCode.OK


@command.command()
@click.argument("ref", required=False)
@root_option
@rev_option
@option("--depth", type=click.IntRange(1), default=2, show_default=True, help="Steps away from REF.")
@format_option("text", "json", "mermaid", "dot")
def graph(ref: str | None, root: Path, rev: str | None, depth: int, form: str) -> int:
    """How everything, or what is near REF, hangs together."""
    from tarmac.app.catalog import graph_of
    from tarmac.reports import catalog_json, catalog_text, graph_dot, graph_mermaid

    report = {"text": catalog_text, "json": catalog_json, "mermaid": graph_mermaid, "dot": graph_dot}[form]
    click.echo(report.graph_tree(graph_of(_read(root, rev), ref, depth)), nl=False)
    return ExitCode.OK


@command.command()
@click.argument("ref")
@root_option
@rev_option
@format_option("text", "json")
def impact(ref: str, root: Path, rev: str | None, form: str) -> int:
    """What depends on REF, directly and through others, who owns that, and how bad losing REF would be.

    Of a group or user: of what it owns; of a system or domain: of what it holds.
    """
    from tarmac.app.catalog import impact_of
    from tarmac.reports import catalog_json, catalog_text

    report = {"text": catalog_text, "json": catalog_json}[form]
    found = impact_of(_read(root, rev), ref)
    if found.held:
        click.echo(report.held_page(found.entity, found.held, found.parts), nl=False)
    else:
        click.echo(report.impact_page(found.parts[0]), nl=False)
    return ExitCode.OK


def _read(root: Path, rev: str | None) -> Catalog:
    from tarmac.app import wire
    from tarmac.app.catalog import read

    return read(wire.source(root, rev), wire.reading())
