"""Evidence that answers by a script: which trigger finds the world in which state, and what is so in that state."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from decision_gate.core.codec import decode
from decision_gate.core.json import parse
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.mcp.config.kinds import Integer, Text
from decision_gate.mcp.config.table import key


@attrs.frozen(kw_only=True)
class ScriptSettings:
    """``config`` of a provider of type ``scripted``."""

    script: str = key(
        Text(),
        'JSON file: {"answers": {state: {"provider/check": {"result": …} or {"failure": text}}}, '
        '"states": {trigger id: state}, "otherwise": state}.',
    )
    delay_ms: int = key(Integer(), "How long an answer takes.", default=0)
    asked: str | None = key(Text(), "File that gets a line when a question arrives.", default=None)
    until: str | None = key(Text(), "File without which no answer comes, for half a minute at most.", default=None)


class ScriptedProvider:
    """Answers as the script says for the trigger that asks."""

    def __init__(self, settings: ScriptSettings) -> None:
        script: Any = parse(Path(settings.script).read_bytes())
        self._answers: dict[str, dict[str, Any]] = script["answers"]
        self._states: dict[str, str] = script.get("states", {})
        self._otherwise: str | None = script.get("otherwise")
        self._delay_s = settings.delay_ms / 1000
        self._asked = None if settings.asked is None else Path(settings.asked)
        self._until = None if settings.until is None else Path(settings.until)

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """See ``EvidenceProvider``."""
        if self._asked is not None:
            with self._asked.open("a", encoding="utf-8") as lines:
                lines.write(f"{context.trigger_id} {query.provider_id}/{query.check_id}\n")
        if self._delay_s:
            time.sleep(self._delay_s)
        if self._until is not None:
            _wait_for(self._until)
        state = self._states.get(context.trigger_id, self._otherwise)
        if state is None:
            raise EvidenceProviderFailureError(f"no state for trigger {context.trigger_id}")
        answer = self._answers[state][f"{query.provider_id}/{query.check_id}"]
        if "failure" in answer:
            raise EvidenceProviderFailureError(answer["failure"])
        return decode(EvidenceResult, answer["result"])


def _wait_for(path: Path) -> None:
    for _ in range(3000):
        if path.exists():
            return
        time.sleep(0.01)


@contextmanager
def open_scripted(settings: ScriptSettings) -> Iterator[ScriptedProvider]:
    """Open the evidence provider ``scripted``."""
    yield ScriptedProvider(settings)
