"""What commands write: one JSON document for programs, or text for people with colour only on a terminal."""

from typing import Final

import click
from rich.console import Console

from decision_gate.core.json import JsonValue, canonical

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


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
