"""Why one condition does not have the status that is needed: what it is called, whose turn it is, what to do."""

from typing import Final

import attrs

from decision_gate.core.analysis.reasons import DisclosureLevel, ReasonClass, ReasonCode
from decision_gate.core.analysis.shortfall import direction, shortfall, wanted
from decision_gate.core.analysis.time_window import moment, turning
from decision_gate.core.logic import TriState
from decision_gate.core.model import ConditionSpec, EvidenceProviderError, EvidenceRecord

HUMAN_PROVIDER: Final = "approval"
"""Provider whose evidence is the decision of a person."""

HUMAN_TAG: Final = "human"
"""Policy tag of a condition that a person decides, whatever provider reports it."""

TRANSIENT_RETRY_MS: Final = 5_000
"""When to ask a provider again that could not answer."""

_NEVER_TRANSIENT: Final = frozenset(("time", "env", "json", "report"))
"""Built-in providers that fail only for questions that they cannot answer (contract §1.2 – §1.4 of the providers)."""

_NOT_REGISTERED: Final = "evidence provider error: provider not registered:"

_MISSING: Final = frozenset(("file_not_found", "jsonpath_not_found", "file_open_failed", "file_read_failed"))
_QUERY_FAULTS: Final = frozenset(
    (
        "params_missing",
        "params_invalid",
        "invalid_jsonpath",
        "path_missing",
        "path_invalid",
        "path_outside_root",
        "absolute_path_forbidden",
        "yaml_disabled",
        "report_kind",
    )
)


@attrs.frozen(kw_only=True)
class Hindrance:
    """See ``Reason``, whose fields these are."""

    code: ReasonCode
    reason_class: ReasonClass
    message: str
    next: tuple[str, ...] = ()
    retry_after_ms: int | None = None


def hindrance(
    condition: ConditionSpec, record: EvidenceRecord | None, needed: TriState, level: DisclosureLevel
) -> Hindrance:
    """Say why *condition* does not have the status *needed*, as far as *level* permits.

    Summary tells name and class; trace also which way to go and where the evidence comes from; evidence the numbers.
    """
    found = _found(condition, record, needed, level)
    name = condition.condition_id
    if level is DisclosureLevel.SUMMARY:
        message = f"{name}: {found.reason_class.value.replace('_', ' ')}"
        return attrs.evolve(found, message=message, next=())
    return attrs.evolve(found, message=f"{name} {found.message}")


def _found(
    condition: ConditionSpec, record: EvidenceRecord | None, needed: TriState, level: DisclosureLevel
) -> Hindrance:
    error = None if record is None else record.result.error
    if error is not None:
        return _of_error(condition, error)
    value = None if record is None else record.result.value
    is_known = record is not None and record.status is not TriState.UNKNOWN
    if is_known and record is not None and (turns := turning(condition, record)) and turns.status is needed:
        return Hindrance(
            code=ReasonCode.NOT_YET,
            reason_class=ReasonClass.TRANSIENT,
            message=f"holds only after {moment(condition)}",
            next=("wait, then evaluate again",),
            retry_after_ms=turns.wait_ms,
        )
    is_shown = level is DisclosureLevel.EVIDENCE
    what = shortfall(condition, value, needed) if is_shown else direction(condition, needed)
    if is_known:
        code, reason_class = ReasonCode.NOT_SATISFIED, ReasonClass.EVIDENCE_FALSE
        steps = _work(condition, needed, is_shown=is_shown)
    elif value is None:
        code, reason_class = ReasonCode.NO_EVIDENCE, ReasonClass.EVIDENCE_MISSING
        what = f"has no evidence yet, {wanted(condition, needed)}" if is_shown else "has no evidence yet"
        steps = (f"provide {_source(condition)}",)
    else:
        code, reason_class = ReasonCode.NOT_COMPARABLE, ReasonClass.STRUCTURAL
        what = f"{what}, but the two cannot be compared" if is_shown else "cannot be compared with what is expected"
        steps = (f"make {_source(condition)} and the expectation of {condition.condition_id} of the same kind",)
    if reason_class is not ReasonClass.STRUCTURAL and _is_human(condition):
        reason_class = ReasonClass.AWAITING_HUMAN
        steps = (f"ask for {condition.condition_id}",)
    return Hindrance(code=code, reason_class=reason_class, message=what, next=steps)


def _of_error(condition: ConditionSpec, error: EvidenceProviderError) -> Hindrance:
    source = _source(condition)
    if error.code in _MISSING:
        is_human = _is_human(condition)
        return Hindrance(
            code=ReasonCode.NO_EVIDENCE,
            reason_class=ReasonClass.AWAITING_HUMAN if is_human else ReasonClass.EVIDENCE_MISSING,
            message=f"has no evidence yet: {source}, {error.code.replace('_', ' ')}",
            next=(f"ask for {condition.condition_id}" if is_human else f"provide {source}",),
        )
    is_failure = error.code == "provider_error"
    if is_failure and error.message.startswith(_NOT_REGISTERED):
        return Hindrance(
            code=ReasonCode.PROVIDER_MISSING,
            reason_class=ReasonClass.STRUCTURAL,
            message=f"asks a provider that there is not: {condition.query.provider_id}",
            next=(f"configure the provider {condition.query.provider_id}, or correct its name in the scenario",),
        )
    if error.code in _QUERY_FAULTS or (is_failure and condition.query.provider_id in _NEVER_TRANSIENT):
        return Hindrance(
            code=ReasonCode.QUERY_INVALID,
            reason_class=ReasonClass.STRUCTURAL,
            message=f"asks a question that cannot be answered ({error.code})",
            next=(f"correct the query of {condition.condition_id} in the scenario",),
        )
    if error.code == "trust_lane":
        return Hindrance(
            code=ReasonCode.LANE_REFUSED,
            reason_class=ReasonClass.TRUST,
            message="has evidence that only the judged party asserts",
            next=(f"let a provider fetch {source}, or accept asserted evidence for {condition.condition_id}",),
        )
    if error.code == "anchor_invalid" or error.code.startswith("signature"):
        return Hindrance(
            code=ReasonCode.ANCHOR_REFUSED,
            reason_class=ReasonClass.TRUST,
            message=f"has evidence that does not prove where it comes from ({error.code})",
            next=(f"let the provider {condition.query.provider_id} anchor and sign its evidence as the policy asks",),
        )
    if is_failure or error.code.endswith("timeout"):
        return Hindrance(
            code=ReasonCode.PROVIDER_FAILED,
            reason_class=ReasonClass.TRANSIENT,
            message=f"could not be asked: the provider {condition.query.provider_id} failed",
            next=("evaluate again",),
            retry_after_ms=TRANSIENT_RETRY_MS,
        )
    return Hindrance(
        code=ReasonCode.EVIDENCE_UNREADABLE,
        reason_class=ReasonClass.EVIDENCE_MISSING,
        message=f"has evidence that cannot be read ({error.code})",
        next=(f"correct {source}",),
    )


def _work(condition: ConditionSpec, needed: TriState, *, is_shown: bool) -> tuple[str, ...]:
    change = wanted(condition, needed) if is_shown else direction(condition, needed)
    return (f"{_source(condition)} {change}",)


def _is_human(condition: ConditionSpec) -> bool:
    return condition.query.provider_id == HUMAN_PROVIDER or HUMAN_TAG in condition.policy_tags


def _source(condition: ConditionSpec) -> str:
    """Name where the evidence comes from: a file, a variable, an address, or the check."""
    query = condition.query
    check = f"{query.provider_id}.{query.check_id}"
    if isinstance(query.params, dict):
        for name in ("file", "key", "url"):
            place = query.params.get(name)
            if isinstance(place, str):
                return f"{place} ({check})"
    return check
