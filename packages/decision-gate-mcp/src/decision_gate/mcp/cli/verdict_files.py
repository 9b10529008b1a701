"""Verdicts for other programs: JUnit XML for CI dashboards, Markdown for a job's summary page."""

from typing import Final
from xml.etree import ElementTree as ET

from decision_gate.core.logic import TriState
from decision_gate.mcp.cli.gating import Verdict

_MARKS: Final = {TriState.TRUE: "✅", TriState.FALSE: "❌", TriState.UNKNOWN: "❔"}


def junit(verdict: Verdict) -> bytes:
    """Return the verdict as JUnit XML: a suite for each stage, a case for each gate.

    A gate that is false is a failure, one that is unknown an error: nobody could judge it.
    """
    root = ET.Element("testsuites", name=verdict.spec.scenario_id)
    for step in verdict.steps:
        explanations = verdict.explanations(step)
        statuses = [explanation.status for explanation in explanations]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=step.stage_id,
            tests=str(len(statuses)),
            failures=str(statuses.count(TriState.FALSE)),
            errors=str(statuses.count(TriState.UNKNOWN)),
        )
        for explanation in explanations:
            case = ET.SubElement(
                suite, "testcase", classname=f"{verdict.spec.scenario_id}.{step.stage_id}", name=explanation.gate_id
            )
            if explanation.status is TriState.TRUE:
                continue
            kind = "failure" if explanation.status is TriState.FALSE else "error"
            told = ET.SubElement(case, kind, type=explanation.status.value, message=explanation.sentence)
            told.text = "\n".join(step for reason in explanation.reasons for step in reason.next)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def markdown(verdict: Verdict) -> str:
    """Return the verdict as a Markdown section."""
    lines = [f"### Decision Gate: {_cell(verdict.spec.scenario_id)}: **{verdict.word.upper()}**", ""]
    lines += ["| | Stage | Gate | Still needed |", "|---|---|---|---|"]
    for step in verdict.steps:
        for explanation in verdict.explanations(step):
            cells = (_MARKS[explanation.status], step.stage_id, explanation.gate_id, explanation.sentence)
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join((*lines, "", ""))


def _cell(text: str) -> str:
    """Keep text inside its table cell, and out of HTML."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return " ".join(escaped.split())
