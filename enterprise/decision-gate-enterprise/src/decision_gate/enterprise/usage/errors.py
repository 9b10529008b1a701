"""Refusals of those who correct the ledger or read an export of it."""

from typing import ClassVar

from decision_gate.core.errors import CallerError, StoreError


class ChargeMissingError(CallerError):
    """The ledger has no charge with this key; corrections themselves cannot be corrected."""

    code: ClassVar[str] = "charge_missing"

    def __init__(self, key: str) -> None:
        super().__init__(f"the ledger has no charge {key}")
        self.key = key


class OverCorrectedError(CallerError):
    """More would be taken back than was charged."""

    code: ClassVar[str] = "over_corrected"

    def __init__(self, key: str, left: int) -> None:
        super().__init__(f"only {left} units of charge {key} are left to correct")
        self.key = key
        self.left = left


class CorrectionConflictError(CallerError):
    """Another correction has this id."""

    code: ClassVar[str] = "correction_conflict"

    def __init__(self, correction_id: str) -> None:
        super().__init__(f"correction {correction_id} was made before with other content")
        self.correction_id = correction_id


class UsageExportError(StoreError):
    """An export is not what its manifest says; the message names what differs."""

    code: ClassVar[str] = "usage_export_damaged"
