"""The history in a run pack: its decisions in order, and what the last one still asked for."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import attrs

from decision_gate.core.analysis import DisclosureLevel, GateExplanation, explain
from decision_gate.core.codec import DecodeError, decode, encode
from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.core.model import (
    AdvanceOutcome,
    CompleteOutcome,
    DecisionRecord,
    FailOutcome,
    GateEvalRecord,
    HoldOutcome,
    RunpackManifest,
    ScenarioSpec,
    StartOutcome,
)
from decision_gate.core.ports import ArtifactError, ArtifactReader
from decision_gate.core.runpack import read_manifest
from decision_gate.core.runpack.layout import DECISIONS, GATE_EVALS, SPEC
from decision_gate.core.runpack.pack_file import PackFile
from decision_gate.mcp.cli.naming import NamedFileError, naming

Record = TypeVar("Record")

MAX_LISTED: Final = 1_000
"""Decisions that are kept, the last ones; a pack may hold millions."""


@attrs.frozen(kw_only=True)
class PackStory:
    """What happened, by the record alone; whether the record is true is for ``check_pack`` to say."""

    manifest: RunpackManifest
    spec: ScenarioSpec
    decision_count: int
    decisions: tuple[DecisionRecord, ...]
    gates: tuple[GateEvalRecord, ...]

    def explanations(self) -> tuple[GateExplanation, ...]:
        """Explain the gates that the last decision judged."""
        return explain(self.spec, self.gates, DisclosureLevel.EVIDENCE)

    def wire(self) -> dict[str, JsonValue]:
        """Return the story as programs read it."""
        return {
            "scenario_id": self.manifest.scenario_id,
            "spec_hash": self.manifest.spec_hash.value,
            "run_id": self.manifest.run_id,
            "root_hash": self.manifest.integrity.root_hash.value,
            "decision_count": self.decision_count,
            "decisions": [encode(decision) for decision in self.decisions],
            "gates": [explanation.wire() for explanation in self.explanations()],
        }


def read_story(manifest: bytes, reader: ArtifactReader) -> PackStory:
    """Read the story of a pack.

    Raises:
        InvalidManifestError: *manifest* is not a manifest.
        NamedFileError: The scenario or a log cannot be read.
    """
    record = read_manifest(manifest)
    with naming(Path(SPEC.path), ArtifactError, JsonParseError, DecodeError):
        spec = decode(ScenarioSpec, parse(b"".join(reader.chunks(SPEC.path))))
    count = 0
    kept: deque[DecisionRecord] = deque(maxlen=MAX_LISTED)
    for decision in _records(reader, DECISIONS.path, DecisionRecord):
        count += 1
        kept.append(decision)
    last = kept[-1].trigger_id if kept else None
    gates = tuple(record for record in _records(reader, GATE_EVALS.path, GateEvalRecord) if record.trigger_id == last)
    return PackStory(manifest=record, spec=spec, decision_count=count, decisions=tuple(kept), gates=gates)


def outcome_words(decision: DecisionRecord) -> str:
    """Say in a few words what was decided."""
    match decision.outcome:
        case StartOutcome(stage_id=stage):
            return f"started in {stage}"
        case AdvanceOutcome(from_stage=left, to_stage=entered, timeout=is_late):
            return f"{left} → {entered}{' after its deadline' if is_late else ''}"
        case CompleteOutcome():
            return "complete"
        case HoldOutcome(summary=summary):
            return f"hold: {', '.join(summary.unmet_gates)}"
        case FailOutcome(reason=reason):
            return f"failed: {reason}"


def _records(reader: ArtifactReader, path: str, kind: type[Record]) -> Iterator[Record]:
    file = PackFile(reader, path)
    for entry in file.entries(kind):
        yield entry.record
    if problem := file.read_problem or file.format_problem:
        raise NamedFileError(Path(path), problem)
