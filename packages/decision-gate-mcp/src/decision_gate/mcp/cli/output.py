"""What commands write: one JSON document for programs, or text for people with colour only on a terminal."""

from typing import Final

import click
from rich.console import Console

from decision_gate.core.json import JsonValue, canonical

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

prints_json = click.option("--json", is_flag=True, expose_value=False, help="Print JSON, as it does anyway.")
"""Option of a command that has no other output, so that a script may ask every command alike."""


def write_json(value: JsonValue) -> None:
    """Write canonical JSON and a line break to stdout (contract §3.1)."""
    click.echo(canonical(value))


def text_console() -> Console:
    """Return the console of stdout; long lines are left to the terminal, numbers are not painted."""
    return Console(highlight=False, soft_wrap=True, emoji=False)


def printable(text: str) -> str:
    """Return *text* in one line that a terminal only shows.

    Run packs and evidence come from others: an escape sequence in them could repaint what was printed before.
    """
    return "".join(character if character.isprintable() else _REPLACEMENT for character in text)
