"""What commands write: one JSON document for programs, or text for people with colour only on a terminal."""

from typing import Final

import click
from rich.console import Console

from decision_gate.core.json import JsonValue, canonical

_UNWRAPPED_COLUMNS: Final = 1_000


def write_json(value: JsonValue) -> None:
    """Write canonical JSON and a line break to stdout (contract §3.1)."""
    click.echo(canonical(value))


def text_console() -> Console:
    """Return the console of stdout; long lines are left to the terminal, numbers are not painted.

    Where there is no terminal nothing is wrapped: what reads the text then is a log or another program.
    """
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    if not console.is_terminal:
        console.width = _UNWRAPPED_COLUMNS
    return console
