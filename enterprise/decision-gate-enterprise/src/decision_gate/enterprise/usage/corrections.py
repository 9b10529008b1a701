"""Corrections: what was billed stays, what is taken back is a negative row that refers to it.

A correction counts in the periods of the charge it corrects, so the sum of every period stays that of its rows, and no
counter falls below zero. INVARIANT: the corrections of a charge never take back more than it had.
"""

from typing import Final

import attrs

from decision_gate.core.json import JsonValue, canonical
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.transactions import Transaction, Transactions
from decision_gate.enterprise.usage.accounts import change_event
from decision_gate.enterprise.usage.errors import ChargeMissingError, CorrectionConflictError, OverCorrectedError
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.usage_meter import Metric

_CHARGE: Final = (
    "SELECT units, period, namespace, namespace_period FROM decision_gate.usage_ledger "
    "WHERE tenant = ? AND metric = ? AND key = ? AND reference IS NULL"
)
_TAKEN: Final = (
    "SELECT CAST(coalesce(-sum(units), 0) AS bigint) FROM decision_gate.usage_ledger "
    "WHERE tenant = ? AND metric = ? AND reference = ?"
)
_BEFORE: Final = "SELECT units, reference FROM decision_gate.usage_ledger WHERE tenant = ? AND metric = ? AND key = ?"
_ADD: Final = (
    "INSERT INTO decision_gate.usage_ledger "
    "(tenant, metric, key, units, period, details, namespace, namespace_period, reference) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_COUNT: Final = "UPDATE decision_gate.usage_counters SET used = used - ? WHERE tenant = ? AND metric = ? AND period = ?"
_COUNT_IN_NAMESPACE: Final = (
    "UPDATE decision_gate.usage_namespace_counters SET used = used - ? "
    "WHERE tenant = ? AND namespace = ? AND metric = ? AND period = ?"
)


@attrs.frozen(kw_only=True)
class Correction:
    """What to take back.

    Attributes:
        tenant_id: Whose charge.
        metric: Of what.
        charge: Key of the charge in the ledger.
        units: How much of it, from 1.
        correction_id: Chosen by who corrects; with the same id a correction is made once.
        reason: Why; the ledger keeps this.
    """

    tenant_id: int
    metric: Metric
    charge: str
    units: int = attrs.field(validator=attrs.validators.ge(1))
    correction_id: str = attrs.field(validator=attrs.validators.min_len(1))
    reason: str

    @property
    def key(self) -> str:
        """Key of the correction in the ledger; no operation of the server begins like this."""
        return f"{self.tenant_id}/{self.metric.value}/correction/{self.correction_id}"

    def told(self) -> dict[str, JsonValue]:
        """Return what the audit says of it."""
        return {
            "metric": self.metric.value,
            "charge": self.charge,
            "units": -self.units,
            "correction_id": self.correction_id,
            "reason": self.reason,
        }


def correct(database: Transactions, sink: AuditSink, correction: Correction, *, actor_id: str, at_ms: int) -> bool:
    """Take back units of a charge, audited in the same transaction; return False when it was done before.

    Raises:
        ChargeMissingError: There is no such charge.
        OverCorrectedError: Less is left of it.
        CorrectionConflictError: The id was used for something else.
        StoreError: Nothing was written, or nobody knows (``OutcomeUnknownError``).
    """
    event = change_event("usage.correct", actor_id, correction.tenant_id, (None, correction.told()), at_ms)

    def work(transaction: Transaction) -> bool:
        is_new = make_correction(transaction, correction, actor_id=actor_id, at_ms=at_ms)
        if is_new:
            transaction.ride(sink.riders(event))
        return is_new

    is_new = database.run(sink, work)
    if is_new:
        sink.record([event])
    return is_new


def make_correction(transaction: Transaction, correction: Correction, *, actor_id: str, at_ms: int) -> bool:
    """Take back units of a charge in a transaction that audits it too; return False when it was done before.

    Raises:
        ChargeMissingError, OverCorrectedError, CorrectionConflictError: As ``correct``.
    """
    if _was_made(transaction, correction):
        return False
    details: dict[str, JsonValue] = {"at_ms": at_ms, "principal_id": actor_id, "reason": correction.reason}
    _make(transaction, correction, canonical(details))
    return True


def _was_made(transaction: Transaction, correction: Correction) -> bool:
    place = (number(correction.tenant_id), correction.metric.value)
    for units, reference in transaction.rows(_BEFORE, *place, correction.key.encode()):
        if (units, reference) != (-correction.units, correction.charge.encode()):
            raise CorrectionConflictError(correction.correction_id)
        return True
    return False


def _make(transaction: Transaction, correction: Correction, details: bytes) -> None:
    place, charge = (number(correction.tenant_id), correction.metric.value), correction.charge.encode()
    found = transaction.rows(_CHARGE, *place, charge)
    if not found:
        raise ChargeMissingError(correction.charge)
    ((charged, period, namespace, namespace_period),) = found
    ((taken,),) = transaction.rows(_TAKEN, *place, charge)
    if correction.units > charged - taken:
        raise OverCorrectedError(correction.charge, charged - taken)
    row = (correction.key.encode(), -correction.units, period, details, namespace, namespace_period, charge)
    transaction.write(_ADD, *place, *row)
    transaction.write(_COUNT, correction.units, *place, period)
    if namespace is not None:
        tenant, metric = place
        transaction.write(_COUNT_IN_NAMESPACE, correction.units, tenant, namespace, metric, namespace_period)
