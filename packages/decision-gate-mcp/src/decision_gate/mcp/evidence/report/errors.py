"""Why a report does not answer; every one becomes an error inside the evidence."""

from typing import ClassVar

from decision_gate.core.errors import EvidenceError
from decision_gate.core.json import JsonValue


class ReportError(EvidenceError):
    """Base of the refusals.

    Attributes:
        details: where in the report, ``{"line": …}`` or ``{"path": …}``, or None.
    """

    code: ClassVar[str] = "report_invalid"

    def __init__(self, message: str, *, line: int | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.details = _place(line, path)


class ReportUnrecognisedError(ReportError):
    """The content is of no format that we read."""

    code: ClassVar[str] = "report_unrecognised"


class ReportInvalidError(ReportError):
    """The content is not what its format allows, or tries what we forbid (entities)."""

    code: ClassVar[str] = "report_invalid"


class ReportInconsistentError(ReportError):
    """The report declares more than it shows."""

    code: ClassVar[str] = "report_inconsistent"


class ReportIncompleteError(ReportError):
    """The tool itself says that it did not look."""

    code: ClassVar[str] = "report_incomplete"


class ReportKindError(ReportError):
    """The check needs a report of another kind."""

    code: ClassVar[str] = "report_kind"


class NotApplicableError(ReportError):
    """The question has no answer in this report, and zero would be one."""

    code: ClassVar[str] = "not_applicable"


class ReportParamsError(ReportError):
    """The parameters of the query cannot be used."""

    code: ClassVar[str] = "params_invalid"


def _place(line: int | None, path: str | None) -> dict[str, JsonValue] | None:
    if line is not None:
        return {"line": line}
    return None if path is None else {"path": path}
