"""The command line: a table of verbs, each loaded when it is used, and the one place that turns errors into exits."""

from __future__ import annotations

import gc
import importlib
import io
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import click

from tarmac import __version__
from tarmac.cli.declare import Option
from tarmac.cli.standard_output import ReaderGone, StandardOutput
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode, OutsideError, TarmacError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# verb -> what `tarmac --help` says of it; its module is cli/<verb>.py and holds `command`.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "check": "Is the whole repository right? Findings with file, line and fix.",
        "explain": "What does a rule mean, and what is right instead?",
        "review": "What does a change mean: findings, cost, budget, approvals.",
        "approvals": "Who must agree to a change, and who has.",
        "queue": "May what GitHub's merge queue holds be merged?",
        "plan": "What reconcile would do, and why.",
        "reconcile": "Make the world match the repository (with --apply).",
        "request": "Ask for a resource, list and show what is asked for.",
        "catalog": "What exists: list, show, graph, impact.",
        "exemption": "Add a dated, approved exception to a rule.",
        "scorecard": "How far are services, teams and the organisation?",
        "policy": "The rules of this company: list, eval, test, replay.",
        "ledger": "What reconcile did: log, show, verify.",
        "schema": "The JSON Schema of a kind.",
        "codeowners": "The CODEOWNERS file that follows from owners.",
        "ruleset": "The rulesets to set at GitHub, as JSON.",
    }
)


class LazyGroup(Verbs):
    """A group whose verbs are imported only when one of them runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"tarmac.cli.{cmd_name}").command
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        verbs = [CompletionItem(verb, help=said) for verb, said in COMMANDS.items() if verb.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def told(self, ctx: click.Context) -> list[tuple[str, str]]:
        """What the table says, so that no verb is loaded for it."""
        return list(COMMANDS.items())


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tarmac", cls=Option, help="Show the version and exit.")
def tarmac() -> None:
    """An internal developer platform kept in git.

    Exit codes: 0 fine, 1 a verdict against you, 2 wrong usage or configuration, 3 a defect of Tarmac, 4 the outside
    failed (git, forge, provider): try again, 130 interrupted.
    """


def main() -> NoReturn:
    """Run one command, and end the process with its exit code."""
    code = run()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ReaderGone, OutsideError, ValueError):
            if stream is not None:
                stream.flush()
    # What the process holds is not taken apart first: of a large repository that takes a tenth of the time.
    os._exit(code)


def run() -> int:
    """Run one command; every way it can end becomes an exit code and, at most, a line on standard error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = StandardOutput.over(sys.stdout)
    # As `tarmac/__main__.py` says, for who runs it without that.
    gc.disable()
    return _run()


def _run() -> int:
    try:
        result = tarmac.main(prog_name="tarmac", standalone_mode=False)
        if sys.stdout is not None:
            # What cannot be written shall be known now, and not after the verdict.
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as wrong:
        with suppress(OSError):
            wrong.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return ExitCode.INTERRUPTED
    except TarmacError as error:
        _say(str(error))
        return error.exit_code
    except ReaderGone:
        # Nothing more can be said, and that is no fault of ours.
        _let_go_of_output()
        return 128 + signal.SIGPIPE
    except Exception as defect:  # noqa: BLE001  # the last line before the user: a traceback must never reach one
        return _defect(defect)
    return int(result) if isinstance(result, int) else ExitCode.OK


def _let_go_of_output() -> None:
    # What waits goes nowhere; otherwise Python would try once more when it ends, and have the last word.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _defect(defect: Exception) -> int:
    import traceback

    frames = traceback.extract_tb(defect.__traceback__)[-4:]
    _say(f"this is a defect of Tarmac {__version__}: {type(defect).__name__}: {defect}")
    _say("at " + " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames)))
    _say("please report it, with the command that you ran")
    return ExitCode.DEFECT


def _say(text: str) -> None:
    visible = "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text)
    with suppress(OSError):  # where standard error cannot be written either, the exit code is all that is left
        click.echo(f"tarmac: {visible}", err=True)
