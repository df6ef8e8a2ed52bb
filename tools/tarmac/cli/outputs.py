"""--format and --output in pairs, and what goes with them: where findings are written, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tarmac.cli.declare import Command, option
from tarmac.errors import UsageError
from tarmac.model.frozen import Frozen

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from tarmac.reports.report import ReportInput

F = TypeVar("F", bound=Callable[..., Any])

_FORMAT, _OUTPUT = "form", "output"
_STANDARD_OUTPUT = Path("-")


class Output(Frozen):
    """One report: its format, and the file that it goes to (None: standard output)."""

    form: str
    path: Path | None = None


class Outputs(Frozen):
    """All reports of a run, in the order in which they were asked for."""

    all: tuple[Output, ...]
    colour: str
    statistics: bool

    def write(self, given: Callable[[bool, bool], ReportInput], coloured: bool) -> None:
        """Make and write each. `given` takes whether to colour and whether to add statistics; `coloured` is whether
        standard output is: a file is only where that was asked for outright.

        Raises:
            OutsideError: a file cannot be written.
        """
        from tarmac.app import wire
        from tarmac.reports import load

        for output in self.all:
            colour = coloured if output.path is None else self.colour == "always"
            text = load(output.form)(given(colour, self.statistics))
            if output.path is None:
                click.echo(text, nl=False, color=colour)
            else:
                wire.write_report(output.path, text)


class ReportFormat(click.ParamType[str]):
    """A name of the table of report formats, which is loaded only when a verb needs it."""

    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        from tarmac.reports import REPORTS

        return f"[{'|'.join(REPORTS)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from tarmac.reports import REPORTS

        if value not in REPORTS:
            self.fail(f"{value!r} is no format: choose one of {', '.join(REPORTS)}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from tarmac.reports import REPORTS

        return [CompletionItem(name) for name in REPORTS if name.startswith(incomplete)]


class ReportingCommand(Command):
    """A command whose --output belongs to the --format before it: click keeps the order, and here it counts."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        rest = super().parse_args(ctx, args)
        forms, paths = ctx.params.pop(_FORMAT, ()), ctx.params.pop(_OUTPUT, ())
        if not ctx.resilient_parsing:
            ctx.params["outputs"] = Outputs(
                all=_distinct(tuple(_paired([param.name for param in order], forms, paths))),
                colour=ctx.params.pop("colour"),
                statistics=ctx.params.pop("statistics"),
            )
            _look(ctx.params["outputs"])
        return rest


def reporting(function: F) -> F:
    """--format, --output, --color and --statistics; the command gets `outputs`."""
    options = (
        option(
            "--format",
            _FORMAT,
            type=ReportFormat(),
            multiple=True,
            show_default="text",
            help="How to write the findings; may be given again, each with an --output after it.",
        ),
        option(
            "--output",
            _OUTPUT,
            type=click.Path(path_type=Path, dir_okay=False),
            multiple=True,
            metavar="FILE",
            show_default="standard output",
            help="Where the --format before it goes.",
        ),
        option(
            "--color",
            "colour",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            show_default=True,
            help="Colour text; auto heeds NO_COLOR and FORCE_COLOR, then asks whether it is a terminal.",
        ),
        option("--statistics", is_flag=True, help="Say in text how often each rule spoke."),
    )
    for given in reversed(options):
        function = given(function)
    return function


def _paired(order: Sequence[str | None], forms: Sequence[str], paths: Sequence[Path]) -> Iterator[Output]:
    """Each format with the output that stands after it and before the next one."""
    named, files = iter(forms), iter(paths)
    form: str | None = None if forms else "text"
    written = False
    for name in order:
        if name == _FORMAT:
            if form is not None and not written:
                yield Output(form)
            form, written = next(named), False
        elif name == _OUTPUT:
            path = next(files)
            if form is None or written:
                raise UsageError(f"--output {path}: it follows the --format that it is for, once each")
            yield Output(form, None if path == _STANDARD_OUTPUT else path)
            written = True
    if form is not None and not written:
        yield Output(form)


def _distinct(outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    seen: set[Path | None] = set()
    for output in outputs:
        if output.path in seen:
            where = "standard output" if output.path is None else str(output.path)
            raise UsageError(f"two formats go to {where}: add --output FILE after all but one --format")
        seen.add(output.path)
    return outputs


def _look(outputs: Outputs) -> None:
    from tarmac.app import wire

    for path in (output.path for output in outputs.all if output.path is not None):
        fault = wire.report_fault(path)
        if fault is not None:
            raise UsageError(f"--output {path}: {fault}")
    if outputs.statistics and all(output.form != "text" for output in outputs.all):
        raise UsageError("--statistics are part of --format text: add it, with an --output of its own")
