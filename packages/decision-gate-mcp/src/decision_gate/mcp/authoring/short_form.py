"""From the short form that people write to the wire form that is hashed, stored and run.

Every rule of the form is here or in the readers of its two parts, evidence and stages; all faults are found in one go.
"""

from collections.abc import Iterator
from typing import Final

from decision_gate.core.model import (
    BranchAdvance,
    FixedAdvance,
    LinearAdvance,
    ScenarioSpec,
    StageSpec,
)
from decision_gate.mcp.authoring.evidence_entry import condition
from decision_gate.mcp.authoring.faults import Faults
from decision_gate.mcp.authoring.reading import JsonObject, Reader
from decision_gate.mcp.authoring.routes import Routes
from decision_gate.mcp.authoring.stage_entry import Stages

SHORT_FORM_KEY: Final = "scenario"
"""The key that tells the short form from the wire form."""

TOP_KEYS: Final = (
    SHORT_FORM_KEY,
    "version",
    "namespace",
    "tenant",
    "evidence",
    "stages",
    "policies",
    "schemas",
    "$schema",
)


def wire_form(document: JsonObject, faults: Faults) -> JsonObject:
    """Return the wire form of a short document; with faults noted, it is not to be used."""
    reader = Reader(document, (), faults)
    reader.refuse_unknown(TOP_KEYS)
    evidence = reader.mapping("evidence")
    conditions = [condition(name, value, ("evidence", name), faults) for name, value in evidence.items()]
    bodies = reader.mapping("stages")
    if not bodies:
        faults.add(("stages",) if "stages" in document else (), "no stage", "a mapping of at least one stage")
    stages = Stages(tuple(evidence), Routes(tuple(bodies), faults), faults)
    wire: JsonObject = {
        "scenario_id": reader.text(SHORT_FORM_KEY),
        "namespace_id": reader.numeric_id("namespace", 1),
        "spec_version": reader.text("version", "1"),
        "stages": [stages.read(name, body, ("stages", name)) for name, body in bodies.items()],
        "conditions": [*conditions],
        "policies": reader.sequence("policies"),
        "schemas": reader.sequence("schemas"),
        "default_tenant_id": reader.numeric_id("tenant", None),
    }
    # With a gate that could not be read nobody knows what it names, so nothing is called unused then.
    if not faults:
        for name in evidence:
            if name not in stages.used:
                faults.add(("evidence", name), f"no gate uses `{name}`", "a condition that a gate names", at_key=True)
    return wire


def note_unreachable(spec: ScenarioSpec, faults: Faults) -> None:
    """Note every stage that no way leads to."""
    stages = {stage.stage_id: stage for stage in spec.stages}
    order = list(stages)
    reached: set[str] = set()
    waiting = order[:1]
    while waiting:
        stage_id = waiting.pop()
        if stage_id not in reached:
            reached.add(stage_id)
            waiting.extend(_onward(stages[stage_id], order))
    for stage_id in order:
        if stage_id not in reached:
            faults.add(
                ("stages", stage_id),
                f"nothing leads to stage `{stage_id}`",
                "a stage that another one leads to",
                at_key=True,
            )


def _onward(stage: StageSpec, order: list[str]) -> Iterator[str]:
    """Yield where a stage can lead, by its gates or by its timeout."""
    match stage.advance_to:
        case LinearAdvance():
            yield from order[order.index(stage.stage_id) + 1 :][:1]
        case FixedAdvance(stage_id=target):
            yield target
        case BranchAdvance(branches=branches, default=default):
            yield from (rule.next_stage_id for rule in branches)
            if default is not None:
                yield default
        case _:
            pass


def short_path(path: tuple[str | int, ...], document: JsonObject) -> tuple[str | int, ...]:
    """Return where in the short document a place of its wire form stands."""
    lists = {
        "stages": ("stages", document.get("stages")),
        "conditions": ("evidence", document.get("evidence")),
    }
    match path:
        case (str(first), int(index), *rest) if first in lists:
            name, mapping = lists[first]
            if isinstance(mapping, dict) and index < len(mapping):
                step = list(mapping)[index]
                body = mapping[step]
                renamed = tuple(
                    "packets" if part == "entry_packets" and isinstance(body, dict) and "packets" in body else part
                    for part in rest
                )
                return (name, step, *renamed)
            return (name,)
        case _:
            return path
