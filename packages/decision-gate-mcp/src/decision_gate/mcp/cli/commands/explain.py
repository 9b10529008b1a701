"""``decision-gate explain``: what is still needed, without starting a run."""

from pathlib import Path

import click

from decision_gate.core.analysis import DisclosureLevel
from decision_gate.core.json import JsonValue
from decision_gate.mcp.authoring import read_scenario_file
from decision_gate.mcp.cli.evidence import evidence_below
from decision_gate.mcp.cli.explaining import explain_stage
from decision_gate.mcp.cli.gate_table import gate_table
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import printable, text_console, write_json
from decision_gate.mcp.cli.set_option import Assignment
from decision_gate.mcp.clock import SystemClock


@click.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate explain release.yaml --root build\n"
    "  decision-gate explain release.yaml --stage ship --set bob=true --json",
)
@click.argument("scenario", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Folder of the evidence. Default: the working directory.",
)
@click.option("--stage", "stage_id", help="Stage to explain; the first one by default.")
@click.option(
    "--level",
    type=click.Choice([level.value for level in DisclosureLevel]),
    default=DisclosureLevel.EVIDENCE.value,
    show_default=True,
    help="How much to tell, to see what a server at this level would tell an agent.",
)
@click.option("--set", "given", type=Assignment(), multiple=True, help="Suppose the evidence of a condition.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    *,
    scenario: Path,
    root: Path,
    stage_id: str | None,
    level: str,
    given: tuple[tuple[str, JsonValue], ...],
    as_json: bool,
) -> None:
    """Say what SCENARIO still needs: the cheapest set of changes that opens each gate of a stage.

    Nothing is recorded, and the exit code is 0 whatever the answer; to act on it, use gate.
    """
    spec = read_scenario_file(scenario).spec
    evidence = evidence_below(root, spec, dict(given))
    explained = explain_stage(spec, stage_id, evidence, SystemClock().now_ms(), DisclosureLevel(level))
    if as_json:
        write_json(explained.wire())
        return
    console = text_console()
    console.print(printable(explained.stage_id), markup=False)
    console.print(gate_table(explained.gates, explained.explanations))
    steps = [step for each in explained.explanations for reason in each.reasons for step in reason.next]
    if steps:
        console.print("next")
    for step in dict.fromkeys(steps):
        console.print(printable(f"    {step}"), markup=False)
