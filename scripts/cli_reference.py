"""Write the reference of the command line from the commands themselves.

Usage: ``python scripts/cli_reference.py``; a test fails when what is there is not what this would write.
"""

import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from decision_gate.mcp.cli.main import root

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs/reference/command-line.md")
_WIDTH: Final = 100

_INTRODUCTION: Final = """\
# Command line

What `decision-gate COMMAND --help` prints, for every command of the open distributions. Another distribution may add
commands; they answer to `--help` too. This page is generated.

| Exit code | Meaning |
|---|---|
| 0 | done; of `gate`: pass |
| 1 | a handled failure, told on standard error: a document that cannot be used, a proof that does not verify |
| 2 | the arguments cannot be understood; of `hook`: the call cannot be judged, so it is refused |
| 3, 4 | of `gate` only: held by a gate that is false; held by gates that are all unknown |
| 130 | stopped from the keyboard |

`--json` prints one JSON document on standard output, for programs. Colour appears only on a terminal and never with
`NO_COLOR`.
"""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Return the path and the help of a command, then of everything below it."""
    # Of the context's width click takes the formatter's from `terminal_width`: without it, from the terminal.
    context.terminal_width = context.max_content_width = _WIDTH
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from commands(below, click.Context(below, info_name=name, parent=context))


def page() -> str:
    """Return the whole page."""
    alone = copy.copy(root)
    alone.further_summaries = dict  # whatever else is installed here: the page is that of the open distributions
    context = click.Context(alone, info_name="decision-gate", **alone.context_settings)
    sections = [
        f"{'##' if command == 'decision-gate' else '###'} {command}\n\n```text\n{text}\n```\n"
        for command, text in commands(alone, context)
    ]
    return "\n".join([_INTRODUCTION, *sections])


def main() -> None:
    """Write the page when it is not there yet, and say so."""
    target = ROOT / PAGE
    content = page()
    if not target.exists() or target.read_text(encoding="utf-8") != content:
        target.write_text(content, encoding="utf-8")
        print(f"wrote {PAGE}", file=sys.stderr)


if __name__ == "__main__":
    main()
