"""Why the engine refuses a call (contract §12); nothing is written unless a class says so."""

from typing import Final

from decision_gate.core.errors import CallerError, EvidenceError, StoreError
from decision_gate.core.model import ProviderMissingDetails


class InvalidScenarioError(CallerError):
    """A scenario contradicts itself (contract §3.2.1)."""

    code = "invalid_scenario"

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid scenario spec: {reason}")
        self.reason = reason


class ScenarioMismatchError(CallerError):
    """A run is started for another scenario than the one that was named."""

    code = "scenario_mismatch"

    def __init__(self, scenario_id: str) -> None:
        super().__init__(f"scenario mismatch for run: {scenario_id}")


class NamespaceMismatchError(CallerError):
    """A run is started in another namespace than its scenario's."""

    code = "namespace_mismatch"

    def __init__(self, namespace_id: int) -> None:
        super().__init__(f"namespace mismatch for run: {namespace_id}")


class RunNotFoundError(CallerError):
    """There is no such run."""

    code = "run_not_found"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run not found: {run_id}")
        self.run_id = run_id


class RunOfOtherScenarioError(CallerError):
    """The run belongs to another scenario than the one the call names (deviation S5)."""

    code = "run_of_other_scenario"

    def __init__(self, run_id: str, scenario_id: str) -> None:
        super().__init__(f"run {run_id} does not belong to scenario {scenario_id}")


class ScenarioNotFoundError(CallerError):
    """The named scenario, or the version a run was started with, is not defined."""

    code = "scenario_not_found"

    def __init__(self, scenario_id: str) -> None:
        super().__init__("scenario not defined")
        self.scenario_id = scenario_id


class RunNotActiveError(CallerError):
    """A finished run has no decision to answer with."""

    code = "run_not_active"

    def __init__(self, status: str) -> None:
        super().__init__(f"run is not active: {status.capitalize()}")


class SubmissionConflictError(CallerError):
    """A submission id is taken by other content; the refusal is in the run's transcript."""

    code = "submission_conflict"

    def __init__(self, submission_id: str) -> None:
        super().__init__(f"submission_id conflict: {submission_id}")
        self.submission_id = submission_id


class UnknownStageError(CallerError):
    """The scenario has no such stage."""

    code = "unknown_stage"

    def __init__(self, stage_id: str) -> None:
        super().__init__(f"unknown stage identifier: {stage_id}")


class GateResolutionError(CallerError):
    """A stage cannot be left: no branch matches, or a gate names an unknown condition."""

    code = "gate_resolution"

    def __init__(self, reason: str) -> None:
        super().__init__(f"gate resolution failed: {reason}")


class TimeKindMismatchError(CallerError):
    """A tick and the stage it looks at use different clocks (contract §6.5)."""

    code = "time_kind_mismatch"

    def __init__(self) -> None:
        super().__init__("trigger time kind mismatch: timeout evaluation requires matching timestamp kinds")


class TimeoutCalculationError(CallerError):
    """A stage's deadline is outside the range of timestamps (contract §6.5)."""

    code = "timeout_calculation"

    def __init__(self, reason: str) -> None:
        super().__init__(f"timeout calculation error: {reason}")


class EvidenceTooLargeError(EvidenceError):
    """One value is larger than the engine accepts, so the whole call fails."""

    code = "evidence_too_large"

    def __init__(self, actual_bytes: int, max_bytes: int) -> None:
        super().__init__(f"evidence payload exceeds size limit ({actual_bytes} > {max_bytes})")
        self.actual_bytes = actual_bytes
        self.max_bytes = max_bytes


class PayloadTooLargeError(CallerError):
    """A packet or submission payload is larger than the engine accepts."""

    code = "payload_too_large"

    def __init__(self, actual_bytes: int, max_bytes: int) -> None:
        super().__init__(f"payload exceeds size limit ({actual_bytes} > {max_bytes})")
        self.actual_bytes = actual_bytes
        self.max_bytes = max_bytes


class ProviderMissingError(EvidenceError):
    """Providers that the scenario needs are missing or blocked; the refusal is in the run's transcript."""

    code = "provider_missing"

    def __init__(self, details: ProviderMissingDetails) -> None:
        providers = ", ".join(_quoted(name) for name in details.missing_providers)
        capabilities = ", ".join(_quoted(name) for name in details.required_capabilities)
        blocked = "true" if details.blocked_by_policy else "false"
        super().__init__(
            "provider validation failed: ProviderMissingError { "
            f"missing_providers: [{providers}], required_capabilities: [{capabilities}], "
            f"blocked_by_policy: {blocked} }}"
        )
        self.details = details


class RunBusyError(StoreError):
    """Another caller announced a dispatch for this run that is not finished yet."""

    code = "run_busy"

    def __init__(self, run_id: str, until: int) -> None:
        super().__init__(f"run {run_id} has a dispatch in progress")
        self.until = until


class ConcurrentUpdateError(StoreError):
    """Others kept changing the run while it was evaluated; trying again is safe."""

    code = "concurrent_update"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} changed while it was evaluated, try again")


_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"})
"""How the reference's language writes a text for debugging (contract §12)."""


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
