"""``decision-gate gate``: one scenario, one folder of evidence, one exit code."""

from pathlib import Path

import click
from rich.text import Text

from decision_gate.core.json import JsonValue
from decision_gate.core.ports import RunKey
from decision_gate.core.runpack import Export
from decision_gate.mcp.authoring import read_scenario_file
from decision_gate.mcp.cli.evidence import evidence_below
from decision_gate.mcp.cli.gate_table import gate_table
from decision_gate.mcp.cli.gating import Verdict, drive
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import printable, text_console, write_json
from decision_gate.mcp.cli.set_option import Assignment
from decision_gate.mcp.cli.verdict_files import junit, markdown
from decision_gate.mcp.cli.workbench import TENANT, open_workbench

_EPILOG = """\b
Exit codes:
  0  pass: every gate of every stage was open
  3  hold: an unmet gate is false, so there is work to do
  4  hold: all unmet gates are unknown, so evidence is missing
  1  the scenario cannot be used; 2  the arguments cannot

\b
Examples:
  decision-gate gate release.yaml
  decision-gate gate release.yaml --root build --junit gate.xml --runpack proof
  decision-gate gate release.yaml --set approved=true --json
  decision-gate gate release.yaml --store runs.db --run release-2.4.0
"""


@click.command(cls=HandledCommand, epilog=_EPILOG)
@click.argument("scenario", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Folder of the evidence; nothing outside it is read. Default: the working directory.",
)
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False), help="Keep the run in this SQLite file.")
@click.option("--run", "run_id", default="gate", show_default=True, help="Name of the run; with --store it goes on.")
@click.option("--runpack", type=click.Path(path_type=Path, file_okay=False), help="Write the run pack into a folder.")
@click.option(
    "--set",
    "given",
    type=Assignment(),
    multiple=True,
    help="Give the evidence of a condition by hand; it is recorded as asserted, not verified.",
)
@click.option("--junit", "junit_file", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option("--summary", type=click.Path(path_type=Path, dir_okay=False), help="Append a Markdown summary to a file.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.pass_context
def gate(  # noqa: PLR0913 - click passes every option by name
    ctx: click.Context,
    *,
    scenario: Path,
    root: Path,
    store: Path | None,
    run_id: str,
    runpack: Path | None,
    given: tuple[tuple[str, JsonValue], ...],
    junit_file: Path | None,
    summary: Path | None,
    as_json: bool,
) -> None:
    """Judge SCENARIO (YAML, JSON or RON) by the evidence below a folder, and say what is still missing.

    A run is started, or with --store continued, and driven stage after stage until it holds or is complete.
    """
    spec = read_scenario_file(scenario).spec
    with open_workbench(evidence_below(root, spec, dict(given)), store=store) as bench:
        definition = bench.define(spec)
        key = RunKey(spec.default_tenant_id or TENANT, spec.namespace_id, run_id)
        if bench.plane.runs.head(key) is None:
            bench.start(spec, run_id)
        verdict = drive(bench, spec, key)
        export = None if runpack is None else bench.export(definition, key, runpack)
    if junit_file is not None:
        junit_file.write_bytes(junit(verdict))
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(markdown(verdict))
    if as_json:
        write_json({**verdict.wire(), "spec_hash": definition.spec_hash, "runpack": _pack(runpack, export)})
    else:
        _show(verdict, runpack, export)
    ctx.exit(verdict.exit_code)


def _pack(folder: Path | None, export: Export | None) -> JsonValue:
    if export is None:
        return None
    report = export.report
    return {
        "folder": str(folder),
        "root_hash": export.root_hash,
        "verification": None if report is None else report.status.value,
    }


def _show(verdict: Verdict, folder: Path | None, export: Export | None) -> None:
    console = text_console()
    colour = {"pass": "green", "hold": "yellow", "fail": "red"}[verdict.word]
    console.print(Text.assemble((verdict.word.upper(), f"bold {colour}"), f"  {printable(verdict.spec.scenario_id)}"))
    for step in verdict.steps:
        console.print(printable(f"  {step.stage_id}"), markup=False)
        console.print(gate_table(step.gates, verdict.explanations(step)))
    if export is not None:
        console.print(f"run pack {folder}, root hash {export.root_hash}", markup=False)
