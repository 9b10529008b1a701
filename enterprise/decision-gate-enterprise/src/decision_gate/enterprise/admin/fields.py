"""Types of the fields of requests, and reading a request from JSON: strict, because a typo must not widen a right."""

from enum import Enum
from typing import Annotated, Any, Final

import attrs

from decision_gate.core.codec import DecodeError, decode, encode
from decision_gate.core.ids import check_identifier
from decision_gate.core.integers import IntRange
from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.errors import AdminInvalidError
from decision_gate.enterprise.admin.use_case import UseCase
from decision_gate.enterprise.tenancy.numbers import MAX_NUMBER
from decision_gate.enterprise.usage.periods import Period
from decision_gate.mcp.config.kinds import nearest
from decision_gate.mcp.hooks.usage_meter import Metric

Number = Annotated[int, IntRange("number", 1, MAX_NUMBER)]
"""Number of an organisation, tenant or namespace."""

Seconds = Annotated[int, IntRange("seconds", 1, 10 * 366 * 24 * 3600)]
Days = Annotated[int, IntRange("days", 0, 36_500)]

MAX_PAGE: Final = 200
MAX_LISTED: Final = 128
"""Most names in a list, and bytes of one: a change must fit into one entry of the audit log, before and after."""

PageSize = Annotated[int, IntRange("page size", 1, MAX_PAGE)]


class MetricName(Enum):
    """What is counted, as requests name it; the codec reads enumerations that are no strings."""

    TOOL_CALLS = Metric.TOOL_CALLS.value
    RUNS_STARTED = Metric.RUNS_STARTED.value
    EVIDENCE_QUERIES = Metric.EVIDENCE_QUERIES.value
    RUNPACK_EXPORTS = Metric.RUNPACK_EXPORTS.value
    SCHEMAS_WRITTEN = Metric.SCHEMAS_WRITTEN.value
    REGISTRY_ENTRIES = Metric.REGISTRY_ENTRIES.value
    STORAGE_BYTES = Metric.STORAGE_BYTES.value


class PeriodName(Enum):
    """For how long, as requests name it."""

    DAY = Period.DAY.value
    MONTH = Period.MONTH.value
    TOTAL = Period.TOTAL.value


def check_name(_record: object, attribute: "attrs.Attribute[Any]", value: str | None) -> None:
    """Validate a name that people give: 1 to 255 bytes, no control characters. Raise ``InvalidIdentifierError``."""
    if value is not None:
        check_identifier(attribute.name, value)


def check_names(_record: object, attribute: "attrs.Attribute[Any]", value: tuple[str, ...] | None) -> None:
    """Validate a list of names of tools or roles. Raise ``AdminInvalidError``."""
    if value is None:
        return
    if len(value) > MAX_LISTED or any(not 1 <= len(name.encode("utf-8", "replace")) <= MAX_LISTED for name in value):
        raise AdminInvalidError(f"{attribute.name}: at most {MAX_LISTED} names of 1 to {MAX_LISTED} bytes")


def check_numbers(_record: object, attribute: "attrs.Attribute[Any]", value: tuple[int, ...] | None) -> None:
    """Validate a list of namespaces. Raise ``AdminInvalidError``."""
    if value is not None and len(value) > MAX_LISTED:
        raise AdminInvalidError(f"{attribute.name}: at most {MAX_LISTED} namespaces")


def read_request(use_case: UseCase, value: JsonValue) -> Any:  # noqa: ANN401 - of the class of the use case
    """Return the request that *value* spells.

    Raises:
        AdminInvalidError: It is no object, a member is unknown, missing or wrong.
        InvalidIdentifierError: A name cannot be one.
    """
    known = {field.name for field in attrs.fields(use_case.request)}
    if not isinstance(value, dict):
        raise AdminInvalidError("expected an object")
    for member in value:
        if member not in known:
            raise AdminInvalidError(f"unknown member `{member}`{nearest(member, known)}")
    try:
        return decode(use_case.request, value)
    except DecodeError as error:
        raise AdminInvalidError(str(error)) from error


def shown(record: object) -> dict[str, JsonValue]:
    """Return a record of the directory as JSON."""
    wire: dict[str, JsonValue] = encode(record)
    return wire
