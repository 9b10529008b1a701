"""The evidence of one command: built-in providers below a folder, and values that were given by hand."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from decision_gate.core.codec import canonical_record
from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonValue
from decision_gate.core.memory import SequentialCollector
from decision_gate.core.model import (
    EvidenceContext,
    EvidenceQuery,
    EvidenceResult,
    JsonEvidence,
    ProviderMissingDetails,
    ScenarioSpec,
    TrustLane,
)
from decision_gate.core.ports import EvidenceAnswer, EvidenceCollector, EvidenceProvider
from decision_gate.mcp.config.kinds import nearest
from decision_gate.mcp.evidence.env_provider import EnvProvider, EnvSettings
from decision_gate.mcp.evidence.json_provider import JsonProvider, JsonSettings
from decision_gate.mcp.evidence.report_provider import ReportProvider, ReportSettings
from decision_gate.mcp.evidence.time_provider import TimeProvider, TimeSettings

ROOT_ID: Final = "root"
"""How references call the folder, so that a run pack does not show where it was on this machine."""


class UnknownConditionError(CallerError):
    """A value was given for a condition that the scenario does not have."""

    code = "unknown_condition"


def providers_below(root: Path) -> dict[str, EvidenceProvider]:
    """Open the built-in providers, those of files below *root*.

    Raises:
        RootedFilesSettingError: *root* is no folder.
    """
    return {
        TimeProvider.provider_id: TimeProvider(TimeSettings()),
        EnvProvider.provider_id: EnvProvider(EnvSettings(), os.environ),
        JsonProvider.provider_id: JsonProvider(JsonSettings(root=str(root), root_id=ROOT_ID)),
        ReportProvider.provider_id: ReportProvider(ReportSettings(root=str(root), root_id=ROOT_ID)),
    }


def evidence_below(root: Path, spec: ScenarioSpec, given: Mapping[str, JsonValue]) -> EvidenceCollector:
    """Return the collector of a scenario: *given* values by condition, everything else from the providers.

    Raises:
        UnknownConditionError: *given* names a condition that the scenario does not have.
        RootedFilesSettingError: *root* is no folder.
    """
    collector = SequentialCollector(providers_below(root))
    return GivenEvidence(given, spec, collector) if given else collector


class GivenEvidence:
    """Answers for some conditions with values that somebody states; asks *others* for the rest.

    A stated value is asserted, never verified, and recorded as such. Conditions with the same question have the same
    answer, so it holds for all of them.
    """

    def __init__(self, given: Mapping[str, JsonValue], spec: ScenarioSpec, others: EvidenceCollector) -> None:
        self._others = others
        conditions = {condition.condition_id: condition for condition in spec.conditions}
        self._answers: dict[bytes, EvidenceResult] = {}
        for name, value in given.items():
            if name not in conditions:
                raise UnknownConditionError(f"the scenario has no condition `{name}`{nearest(name, conditions)}")
            answer = EvidenceResult(
                value=JsonEvidence(value=value), lane=TrustLane.ASSERTED, content_type="application/json"
            )
            self._answers[canonical_record(conditions[name].query)] = answer

    def missing(self, queries: Sequence[EvidenceQuery]) -> ProviderMissingDetails | None:
        """Return which providers are missing for questions that nobody has answered by hand."""
        return self._others.missing([query for query in queries if canonical_record(query) not in self._answers])

    def collect(self, queries: Sequence[EvidenceQuery], context: EvidenceContext) -> Sequence[EvidenceAnswer]:
        """Return one answer for each query, in their order."""
        given = [self._answers.get(canonical_record(query)) for query in queries]
        asked = [query for query, answer in zip(queries, given, strict=True) if answer is None]
        collected = iter(self._others.collect(asked, context) if asked else ())
        return [next(collected) if answer is None else answer for answer in given]
