"""Answers of administration for people: a table of a page, lines of a record."""

import click

from decision_gate.core.json import JsonValue, canonical
from decision_gate.mcp.cli.output import printable


def write_answer(answer: dict[str, JsonValue]) -> None:
    """Write an answer; a key that it holds comes last, by itself, because it is shown this once."""
    items = answer.get("items")
    if isinstance(items, list):
        _write_page([item for item in items if isinstance(item, dict)], answer.get("next_cursor"))
        return
    for name, value in answer.items():
        if name != "key" and value is not None:
            click.echo(f"{name:<16}{_shown(value)}")
    if "key" in answer:
        shown = answer["key"]
        click.echo(f"\nKey, shown this once:\n  {shown}" if shown else "\nThe key was shown before and is forgotten.")


def _write_page(items: list[dict[str, JsonValue]], cursor: JsonValue) -> None:
    columns = [name for name in (items[0] if items else {}) if any(item.get(name) is not None for item in items)]
    rows = [columns, *([_shown(item.get(name)) for name in columns] for item in items)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(columns))]
    for row in rows if items else ():
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if not items:
        click.echo("nothing")
    if isinstance(cursor, str):
        click.echo(f"\nmore: --cursor {cursor}")


def _shown(value: JsonValue) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case str():
            return printable(value)
        case _:
            return printable(canonical(value).decode())
