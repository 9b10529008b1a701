"""A tool call that an agent is about to make, as Claude Code tells its hooks before it happens."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

import attrs

from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.cli.gating import Verdict

MAX_INPUT_BYTES: Final = 16 * 2**20
EVENT: Final = "PreToolUse"


class ToolUseError(CallerError):
    """What came on standard input is not a tool call that is about to happen."""

    code: ClassVar[str] = "tool_use_invalid"


@attrs.frozen(kw_only=True)
class ToolUse:
    """The tool, and everything that it is given."""

    tool_name: str
    tool_input: JsonValue

    def mentions(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether *pattern* is found anywhere in what the tool is given.

        Lines that the shell joins are joined, and blanks are one blank. More than meant is found rather than less:
        ``echo git push`` is judged too. That a command can be written in yet other ways, nobody can help here.
        """
        return any(pattern.search(" ".join(text.replace("\\\n", " ").split())) for text in _texts(self.tool_input))


def read_tool_use(content: bytes) -> ToolUse:
    """Read the document of a ``PreToolUse`` hook. Raise ``ToolUseError`` for anything else."""
    if len(content) > MAX_INPUT_BYTES:
        raise ToolUseError(f"the tool call is over {MAX_INPUT_BYTES} bytes")
    try:
        document = parse(content)
    except JsonParseError as error:
        raise ToolUseError(f"standard input is not the JSON of a {EVENT} hook: {error}") from error
    match document:
        case {"hook_event_name": "PreToolUse", "tool_name": str(name), "tool_input": given}:
            return ToolUse(tool_name=name, tool_input=given)
        case _:
            raise ToolUseError(f"standard input is not the document of a {EVENT} hook")


def refusal(verdict: Verdict) -> dict[str, JsonValue]:
    """Return the answer that keeps the tool call from happening and tells the agent what is still needed."""
    said = [
        f"{explanation.gate_id}: {reason.message}"
        for explanation in verdict.explanations(verdict.last)
        for reason in explanation.reasons
    ]
    needed = "; ".join(said) or "the run has failed"
    return {
        "hookSpecificOutput": {
            "hookEventName": EVENT,
            "permissionDecision": "deny",
            "permissionDecisionReason": f"Decision Gate holds {verdict.spec.scenario_id} at {verdict.last.stage_id}: "
            f"{needed}. Do what is missing; do not look for a way around it.",
        }
    }


def _texts(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for entry in value:
                yield from _texts(entry)
        case dict():
            for entry in value.values():
                yield from _texts(entry)
        case _:
            return
