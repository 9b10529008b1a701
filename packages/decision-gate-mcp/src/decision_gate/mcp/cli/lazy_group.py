"""A command group that knows its commands by name and summary, and imports one when it is called.

``decision-gate --help`` is asked for far more often than any command is run, and shells ask for completions on every
key: neither may pay for the engine, the stores or a server.
"""

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import click


@attrs.frozen
class Lazy:
    """A command: ``module:attribute``, and the line that stands for it in its group's help."""

    reference: str
    summary: str


class LazyGroup(click.Group):
    """A group over ``lazy`` commands, listed in their order.

    A name that is not among them is asked of ``further``, and refused with the nearest one when nobody knows it. Help
    lists what ``further_summaries`` tells behind them; that is asked for nothing else.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - passed on to click
        lazy: Mapping[str, Lazy],
        further: Callable[[str], click.Command | None] = lambda _name: None,
        further_summaries: Callable[[], Mapping[str, str]] = dict,
        **options: Any,  # noqa: ANN401 - passed on to click
    ) -> None:
        super().__init__(*args, **options)
        self._lazy = dict(lazy)
        self._further = further
        self.further_summaries = further_summaries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which people need them, which is not the alphabet's."""
        del ctx
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        del ctx
        lazy = self._lazy.get(cmd_name)
        if lazy is None:
            return self._further(cmd_name)
        module, _, attribute = lazy.reference.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from their summaries, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in self._lazy.items()])
        further = [entry for entry in self.further_summaries().items() if entry[0] not in self._lazy]
        if further:
            with formatter.section("Further commands"):
                formatter.write_dl(further)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of ``args``; name the nearest one when there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], self._lazy, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" See '{ctx.command_path} --help'."
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)
