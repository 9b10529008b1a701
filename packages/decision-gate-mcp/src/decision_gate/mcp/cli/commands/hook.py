"""``decision-gate hook``: stand between an agent and its tools.

Claude Code lets a tool call pass when a hook ends with anything but 0 or 2, so here everything that goes wrong ends
with 2: a gate that cannot judge is shut.
"""

import re
import secrets
import sys
import traceback
from pathlib import Path
from typing import Final

import click

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.cli.exit_codes import OK
from decision_gate.mcp.cli.output import write_json

REFUSED: Final = 2
"""Tells Claude Code that the call must not happen, and that standard error says why."""


class Pattern(click.ParamType["re.Pattern[str]"]):
    """A regular expression."""

    name = "REGEX"

    def convert(
        self, value: "str | re.Pattern[str]", param: click.Parameter | None, ctx: click.Context | None
    ) -> "re.Pattern[str]":
        """Compile it; fails as a usage error."""
        try:
            return re.compile(value)
        except re.error as error:
            self.fail(f"{value!r} is no regular expression: {error}", param, ctx)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def hook() -> None:
    """Stand between an agent and its tools."""


@hook.command(
    name="pre-tool-use",
    epilog="\b\nExit codes:\n  0  judged; what is printed keeps the call from happening, nothing lets it go on\n"
    "  2  could not judge, so the call must not happen\n\n"
    "\b\nExamples:\n  decision-gate hook pre-tool-use gates/push.yaml --root reports --when 'git push' || exit 2",
)
@click.argument("scenario", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Folder of the evidence. Default: the working directory.",
)
@click.option("--when", type=Pattern(), help="Judge only calls whose input has this in it; all calls by default.")
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False), help="Keep each run in this SQLite file.")
@click.pass_context
def pre_tool_use(
    ctx: click.Context, *, scenario: Path, root: Path, when: "re.Pattern[str] | None", store: Path | None
) -> None:
    """Judge SCENARIO before a tool call: the PreToolUse hook of Claude Code, whose document comes on standard input.

    A call that passes is not allowed by this, only not refused: the agent's own permissions still hold.
    """
    try:
        _judge(scenario, root, when, store)
    except (DecisionGateError, OSError) as error:
        click.echo(f"Decision Gate cannot judge this call, so it is refused: {error}", err=True)
        ctx.exit(REFUSED)
    except Exception:  # noqa: BLE001 - whatever it is, the gate stays shut; an exit code of 1 would open it
        click.echo(f"Decision Gate failed, so the call is refused: {traceback.format_exc()}", err=True)
        ctx.exit(REFUSED)
    ctx.exit(OK)


def _judge(scenario: Path, root: Path, when: "re.Pattern[str] | None", store: Path | None) -> None:
    # Imported here, within reach of the handler: an installation that is broken must not open the gate.
    from decision_gate.mcp.authoring import read_scenario_file  # noqa: PLC0415 - lazy
    from decision_gate.mcp.cli.evidence import evidence_below  # noqa: PLC0415 - lazy
    from decision_gate.mcp.cli.gating import drive  # noqa: PLC0415 - lazy
    from decision_gate.mcp.cli.tool_use import MAX_INPUT_BYTES, read_tool_use, refusal  # noqa: PLC0415 - lazy
    from decision_gate.mcp.cli.workbench import open_workbench  # noqa: PLC0415 - lazy

    call = read_tool_use(sys.stdin.buffer.read(MAX_INPUT_BYTES + 1))
    if when is not None and not call.mentions(when):
        return
    spec = read_scenario_file(scenario).spec
    with open_workbench(evidence_below(root, spec, {}), store=store) as bench:
        bench.define(spec)
        key = bench.start(spec, f"hook-{secrets.token_hex(8)}")
        verdict = drive(bench, spec, key)
    if verdict.word != "pass":
        write_json(refusal(verdict))
