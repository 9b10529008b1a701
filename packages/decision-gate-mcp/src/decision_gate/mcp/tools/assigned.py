"""What MCP callers may leave out of the arguments, and what the server then puts there (deviation X14).

``/rpc`` demands every member as the reference does. An agent should not have to invent times and names of attempts;
what it names itself is kept, so that a retry with the same trigger id is answered with the same decision.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

import attrs

from decision_gate.core.json import JsonValue


class Assigned(Enum):
    """What the server puts in the place of an absent member."""

    TIME = "the server's time"
    TRIGGER_ID = "an id of its own"
    SCENARIO_ID = "the scenario of the call"
    TRUE = "true"
    EMPTY = "an empty list"


ASSIGNED: Final[Mapping[str, Mapping[tuple[str, ...], Assigned]]] = {
    "scenario_start": {
        ("run_config", "scenario_id"): Assigned.SCENARIO_ID,
        ("run_config", "dispatch_targets"): Assigned.EMPTY,
        ("run_config", "policy_tags"): Assigned.EMPTY,
        ("started_at",): Assigned.TIME,
        ("issue_entry_packets",): Assigned.TRUE,
    },
    "scenario_status": {("request", "requested_at"): Assigned.TIME},
    "scenario_next": {("request", "trigger_id"): Assigned.TRIGGER_ID, ("request", "time"): Assigned.TIME},
    "scenario_submit": {("request", "submitted_at"): Assigned.TIME},
    "scenario_trigger": {("trigger", "trigger_id"): Assigned.TRIGGER_ID, ("trigger", "time"): Assigned.TIME},
    "evidence_query": {
        ("context", "trigger_id"): Assigned.TRIGGER_ID,
        ("context", "trigger_time"): Assigned.TIME,
    },
    "runpack_export": {("generated_at",): Assigned.TIME, ("include_verification",): Assigned.TRUE},
    "schemas_register": {("record", "created_at"): Assigned.TIME},
}
"""By tool, the members that may be absent or null. A member inside an absent object is not assigned."""


@attrs.frozen(kw_only=True)
class Assigner:
    """What one call is completed with.

    Attributes:
        now_ms: The server's time, Unix milliseconds.
        trigger_id: A name that no other call gets.
    """

    now_ms: int
    trigger_id: str

    def completed(self, tool: str, arguments: JsonValue) -> JsonValue:
        """Return the arguments with every assigned member present; anything malformed is left for the decoder."""
        if not isinstance(arguments, dict):
            return arguments
        result = dict(arguments)
        for path, what in ASSIGNED.get(tool, {}).items():
            *parents, member = path
            place: JsonValue = result
            for parent in parents:
                place = _own(place, parent)
            if isinstance(place, dict) and place.get(member) is None:
                value = self._value(what, arguments)
                if value is not None:
                    place[member] = value
        return result

    def _value(self, what: Assigned, arguments: Mapping[str, JsonValue]) -> JsonValue:
        match what:
            case Assigned.TIME:
                return {"kind": "unix_millis", "value": self.now_ms}
            case Assigned.TRIGGER_ID:
                return self.trigger_id
            case Assigned.SCENARIO_ID:
                return arguments.get("scenario_id")
            case Assigned.TRUE:
                return True
            case Assigned.EMPTY:
                return []


def _own(place: JsonValue, member: str) -> JsonValue:
    """Return a nested object as a copy that belongs to the result; none when there is no such object."""
    found = place.get(member) if isinstance(place, dict) else None
    if not isinstance(place, dict) or not isinstance(found, dict):
        return None
    copy = dict(found)
    place[member] = copy
    return copy
