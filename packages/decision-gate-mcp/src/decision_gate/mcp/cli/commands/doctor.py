"""``decision-gate doctor``: is everything as it should be, and if not, what is to be done?"""

import os

import click
from rich.text import Text

from decision_gate.mcp.cli.doctor.examination import examine
from decision_gate.mcp.cli.doctor.finding import Finding, Level
from decision_gate.mcp.cli.exit_codes import FAILED, OK
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import printable, text_console, write_json

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILED: "red"}


@click.command(
    cls=HandledCommand,
    epilog="\b\nExit codes:\n  0  nothing is broken; there may be warnings\n  1  something is\n\n"
    "\b\nExamples:\n  decision-gate doctor\n  decision-gate doctor --config prod.toml --no-start --json",
)
@click.option("--config", "path", default=None, help="Configuration file; decision-gate.toml here unless given.")
@click.option("--no-start", is_flag=True, help="Ask only a server that runs already; do not start one to ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, *, path: str | None, no_start: bool, as_json: bool) -> None:
    """Examine the installation, the configuration, and the endpoint as its callers meet it; say what to mend.

    The endpoint is asked on this machine: authentication, strangers, limits, the clock, both eras of MCP. When no
    server runs, one is started for as long as that takes. Its audit shows these calls.
    """
    findings: list[Finding] = []
    console = text_console()
    for finding in examine(path, os.environ, may_start=not no_start):
        findings.append(finding)
        if not as_json:
            mark = (f"{finding.level.value:<8}", f"bold {_COLOURS[finding.level]}")
            console.print(Text.assemble(mark, f" {finding.subject:<14} {printable(finding.said)}"))
            if finding.fix is not None:
                console.print(Text(f"{'':24}→ {printable(finding.fix)}"))
    is_broken = any(finding.level is Level.FAILED for finding in findings)
    if as_json:
        write_json({"healthy": not is_broken, "findings": [finding.wire() for finding in findings]})
    ctx.exit(FAILED if is_broken else OK)
