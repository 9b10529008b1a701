"""Evidence: is there a change freeze at the time of the trigger? From Acme's calendar, a JSON file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from decision_gate.core.json import parse
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config.kinds import Text
from decision_gate.mcp.config.table import key


@attrs.frozen(kw_only=True)
class CalendarSettings:
    """``config`` of a provider of type ``acme_calendar``; unknown keys are refused, as everywhere."""

    path: str = key(Text(), "JSON file: a list of {from_ms, until_ms, reason}.")


class Calendar:
    """Answers ``frozen``."""

    def __init__(self, settings: CalendarSettings) -> None:
        self._path = Path(settings.path)

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Answer whether the trigger's time lies in a freeze. See ``EvidenceProvider``."""
        now = context.trigger_time
        if query.check_id != "frozen":
            raise EvidenceProviderFailureError(f"unsupported calendar check {query.check_id}")
        if not isinstance(now, UnixMillis):
            raise EvidenceProviderFailureError("the calendar knows Unix times only")
        freezes: Any = parse(self._path.read_bytes())
        is_frozen = any(freeze["from_ms"] <= now.value < freeze["until_ms"] for freeze in freezes)
        return EvidenceResult(value=JsonEvidence(value=is_frozen), content_type="application/json")


@contextmanager
def open_calendar(settings: CalendarSettings) -> Iterator[Calendar]:
    """Open the provider. What it holds, a connection for example, would be closed after the ``yield``."""
    yield Calendar(settings)


@contextmanager
def open_contract() -> Iterator[dict[str, Any]]:
    """Give the contract by which scenarios are checked when they are defined."""
    yield {
        "provider_id": "acme_calendar",
        "name": "Acme change calendar",
        "description": "Says whether changes are frozen.",
        "transport": "builtin",
        "config_schema": {"type": "object"},
        "checks": [
            {
                "check_id": "frozen",
                "description": "Whether the trigger's time lies in a freeze.",
                "determinism": "time_dependent",
                "params_required": False,
                "params_schema": {"type": "object", "additionalProperties": False},
                "result_schema": {"type": "boolean"},
                "allowed_comparators": ["equals", "not_equals", "in_set", "exists", "not_exists"],
                "anchor_types": [],
                "content_types": ["application/json"],
                "examples": [],
            }
        ],
        "notes": [],
    }
