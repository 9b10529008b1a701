"""How MCP tells a caller that it does not get what it asked for.

The kinds are those of ``error_map``, plus ``quota_exceeded`` (deviation W5). The numbers of ``/rpc`` never appear here:
several of them lie in the range that MCP reserves for itself, where they mean something else.
"""

from typing import Final

import attrs

from decision_gate.core import ports
from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonParseError, JsonValue
from decision_gate.mcp.error_map import WireError, wire_error
from decision_gate.mcp.errors import ForbiddenOriginError, InvalidRequestError
from decision_gate.mcp.hooks.errors import QuotaExceededError
from decision_gate.mcp.hooks.usage_meter import USAGE
from decision_gate.mcp.hooks.verdict import QuotaStanding

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603

QUOTA_EXCEEDED: Final = "quota_exceeded"

_HINTS: Final = {
    "invalid_params": "Compare the arguments with the tool's input schema; the message names the member.",
    "unauthorized": "This caller may not do that. Ask the operator which tools, tenants and namespaces it has.",
    "not_found": "See what exists with scenarios_list or schemas_list; a run must be started before it is asked.",
    "conflict": "Something else is recorded under this id. Read it, or use another id.",
    "rate_limited": "Wait retry_after_ms, then repeat the call.",
    "inflight_limit": "The server is busy. Wait a second, then repeat the call.",
    "internal": "Not the caller's fault. Tell the operator the correlation_id.",
    QUOTA_EXCEEDED: "Wait until the quota resets, or ask the operator for a larger one.",
}

_SERVER_FAULTS: Final = frozenset({"internal", "inflight_limit", "control_plane", "runpack"})

_LEAST_ERROR_STATUS: Final = 400
_UNAVAILABLE: Final = 503


class NotJsonError(InvalidRequestError):
    """A message is not one strict JSON document (deviation X13)."""

    code = "not_json"

    def __init__(self, reason: str) -> None:
        CallerError.__init__(self, f"parse error: {reason}")


@attrs.frozen(kw_only=True)
class Refusal:
    """A refusal as MCP clients see it.

    Attributes:
        wire: Its general form; the kind is MCP's.
        metric: Which quota is used up, if that is the reason.
        quota: How that quota stands, where the meter says.
        is_parse_error: Whether the message could not even be read.
        hint: What to do, where it is known better than by the kind.
    """

    wire: WireError
    metric: str | None = None
    quota: QuotaStanding | None = None
    is_parse_error: bool = False
    hint: str | None = None

    @property
    def json_rpc_code(self) -> int:
        """The JSON-RPC number where a refusal cannot be the result of a tool: one of JSON-RPC's own."""
        if self.is_parse_error:
            return PARSE_ERROR
        if self.wire.kind in _SERVER_FAULTS:
            return INTERNAL_ERROR
        return (
            INVALID_PARAMS if self.wire.kind in {"not_found", "invalid_params", "method_not_found"} else INVALID_REQUEST
        )

    @property
    def http_status(self) -> int:
        """The HTTP status of a request that is refused before it is worked on."""
        status = self.wire.http_status
        return status if status >= _LEAST_ERROR_STATUS else _UNAVAILABLE

    def value(self, correlation_id: str) -> dict[str, JsonValue]:
        """Return what the caller is told; ``correlation_id`` finds the request in the audit."""
        wire = self.wire
        told: dict[str, JsonValue] = {
            "kind": wire.kind,
            "message": wire.message,
            "retryable": wire.retryable,
            "correlation_id": correlation_id,
        }
        if wire.retry_after_ms is not None:
            told["retry_after_ms"] = wire.retry_after_ms
        if self.metric is not None:
            quota: dict[str, JsonValue] = {"metric": self.metric}
            if self.quota is not None:
                quota |= {"limit": self.quota.limit, "used": self.quota.used, "resets_at_ms": self.quota.resets_at_ms}
            told["quota"] = quota
        if (hint := self.hint or _HINTS.get(wire.kind)) is not None:
            told["hint"] = hint
        return told


def refusal(error: Exception) -> Refusal:
    """Return the refusal of an error; anything unexpected becomes ``internal`` and is logged with its trace."""
    wire = wire_error(error)
    match error:
        case QuotaExceededError(metric=metric, quota=quota):
            return Refusal(wire=_quota_exceeded(wire, f"quota of {metric} exceeded"), metric=metric, quota=quota)
        case ports.RiderRefusedError(kind=kind) if kind == USAGE:
            return Refusal(wire=_quota_exceeded(wire, "quota exceeded"))
        case NotJsonError():
            return Refusal(wire=wire, is_parse_error=True)
        case ForbiddenOriginError(reason=reason):
            # Names a key of the configuration and nothing of the request; behind a proxy nobody finds it otherwise.
            return Refusal(wire=wire, hint=reason)
        case _:
            return Refusal(wire=wire)


def not_json(error: JsonParseError) -> NotJsonError:
    """Return the refusal of a message that is no strict JSON; it names the place and repeats nothing of it."""
    return NotJsonError(str(error))


def _quota_exceeded(wire: WireError, message: str) -> WireError:
    return attrs.evolve(wire, kind=QUOTA_EXCEEDED, message=message)
