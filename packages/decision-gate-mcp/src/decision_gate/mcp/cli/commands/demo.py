"""``decision-gate demo``: the whole product in one command that needs nothing."""

import tempfile
from pathlib import Path

import click

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue
from decision_gate.mcp.cli.demo.story import (
    PACK,
    PUBLIC_KEY,
    REPORTS,
    SCENARIO,
    Asked,
    Changed,
    Chapter,
    Checked,
    Opened,
    Packed,
    tell,
)
from decision_gate.mcp.cli.demo.timeline import show, show_end
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import text_console, write_json


@click.command(
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate demo\n  decision-gate demo --folder /tmp/release --json",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to lay the release out; a new temporary folder by default. What is there may be overwritten.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the chapters as JSON.")
def demo(folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Play a release: held, mended, passed, packed, verified, forged, caught.

    Everything is real but the story: the reports are files in the folder, the engine judges them, the run pack is
    written and verified. The folder stays, so that you can go on from there.
    """
    where = Path(tempfile.mkdtemp(prefix="decision-gate-demo-")) if folder is None else folder
    where.mkdir(parents=True, exist_ok=True)
    if as_json:
        write_json({"folder": str(where), "chapters": [_wire(chapter) for chapter in tell(where)]})
        return
    console = text_console()
    for chapter in tell(where):
        show(console, chapter)
    show_end(
        console,
        (
            (
                f"decision-gate runpack verify {where / PACK} --key {where / PUBLIC_KEY} --replay",
                "check the proof again, as anybody can, offline",
            ),
            (f"decision-gate gate {where / SCENARIO} --root {where / REPORTS}", "ask again; edit a report first"),
            ("decision-gate init", "start a scenario of your own, in this folder"),
        ),
    )


def _wire(chapter: Chapter) -> JsonValue:
    match chapter:
        case Opened():
            return {"chapter": "opened", "scenario_id": chapter.spec.scenario_id, "spec_hash": chapter.spec_hash}
        case Asked():
            return {
                "chapter": "asked",
                "stage_id": chapter.stage_id,
                "outcome": encode(chapter.outcome),
                "status": chapter.status.value,
                "gates": [explanation.wire() for explanation in chapter.explanations],
            }
        case Changed():
            return {"chapter": "changed", "done": list(chapter.done)}
        case Packed():
            return {"chapter": "packed", "folder": str(chapter.folder), "root_hash": chapter.root_hash}
        case Checked():
            return {"chapter": "checked", "forgery": chapter.forgery, **chapter.check.wire()}
