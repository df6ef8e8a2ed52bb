"""Groups of verbs: whole sentences in their help, and what a misspelt verb most likely means."""

from __future__ import annotations

import click

from tarmac.cli.declare import Command


class Verbs(Command, click.Group):
    """A group that says what it takes an unknown verb for, and whose help cuts no sentence."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but for what is said of a verb that there is not."""
        name = args[0]
        if self.get_command(ctx, name) is not None or name.startswith("-"):
            return super().resolve_command(ctx, args)
        from tarmac.model.shown import visible
        from tarmac.model.suggested import suggestion

        known = self.list_commands(ctx)
        near = suggestion(name, known)
        hint = f"did you mean {near}?" if near else f"choose one of {', '.join(known)}"
        raise click.UsageError(f"{ctx.command_path} has no verb {visible(name)!r}: {hint}", ctx)

    def told(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Each verb with its first paragraph."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [
            (name, " ".join((command.help or "").partition("\n\n")[0].split()))
            for name, command in found
            if command is not None and not command.hidden
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs."""
        with formatter.section("Verbs"):
            formatter.write_dl(self.told(ctx))
