"""What commands write: one JSON document for programs, or text for people with colour only on a terminal."""

import click
from rich.console import Console

from decision_gate.core.json import JsonValue, canonical


def write_json(value: JsonValue) -> None:
    """Write canonical JSON and a line break to stdout (contract §3.1)."""
    click.echo(canonical(value))


def text_console() -> Console:
    """Return the console of stdout; long lines are left to the terminal, numbers are not painted."""
    return Console(highlight=False, soft_wrap=True, emoji=False)
