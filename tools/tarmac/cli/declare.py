"""How verbs and their options are declared, so that little is loaded for them.

click takes the indentation out of each option's help, and translates the help of `--help`, whenever a verb is loaded,
shown or not: two modules of the standard library that take as long to load as click itself. Help is written here as it
is shown.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import click


class Option(click.Option):
    """An option whose help is in one line."""

    def __init__(self, *declared: Any, help: str | None = None, **attributes: Any) -> None:
        super().__init__(*declared, **attributes)
        self.help = help


option = partial(click.option, cls=Option)


class Command(click.Command):
    """A verb that tells its help when it is asked."""

    _asked: Option | None = None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        names = self.get_help_option_names(ctx)
        if self._asked is None and names:
            self._asked = Option(
                [*names, "_asked_for_help"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_show_help,
                help="Show this message and exit.",
            )
        return self._asked


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()
