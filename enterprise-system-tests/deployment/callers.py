"""One caller over each transport: what it asks, and what it is told, without what differs from call to call."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import attrs
from harness import documents
from harness.framed import Session
from harness.mcp import HEADERS
from harness.rpc import Answer, Client

_DIFFERS = frozenset({"date", "content-length", "x-server-correlation-id", "x-correlation-id"})


@attrs.frozen(kw_only=True)
class Told:
    """What a caller was told: everything that could tell one refusal from another.

    Attributes:
        status: HTTP status; 0 on a transport without.
        text: The answer, without ids of requests.
        headers: The headers, without those that differ from call to call.
        correlation_id: The server's id of the call; none where it is not told.
    """

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    correlation_id: str | None = attrs.field(default=None, eq=False)

    @property
    def is_done(self) -> bool:
        """Whether the call was answered by more than a refusal."""
        answer = json.loads(self.text)
        return "error" not in answer and not answer.get("result", {}).get("isError", False)

    @property
    def error(self) -> tuple[int, str]:
        """Code and message of a refusal. Raise ``KeyError`` when it is none."""
        error = json.loads(self.text)["error"]
        return error["code"], error["message"]

    def unnamed(self, unnaming: Callable[[str], str]) -> "Told":
        """Return the same without the names of things."""
        return attrs.evolve(self, text=unnaming(self.text))


class Caller(Protocol):
    """Somebody who calls tools."""

    def ask(self, tool: str, arguments: Any) -> Told:  # noqa: ANN401 - a wire value
        """Call a tool."""
        ...


@attrs.frozen
class RpcCaller:
    """Over ``/rpc``."""

    client: Client

    def ask(self, tool: str, arguments: Any) -> Told:  # noqa: ANN401 - a wire value
        """See ``Caller``."""
        return told(self.client.post(documents.call(tool, arguments)))


@attrs.frozen
class McpCaller:
    """Over ``/mcp``."""

    client: Client

    def ask(self, tool: str, arguments: Any) -> Told:  # noqa: ANN401 - a wire value
        """See ``Caller``."""
        return told(self.client.post(documents.call(tool, arguments), HEADERS, "/mcp"))

    def read(self, uri: str) -> Told:
        """Read a resource."""
        return told(self.client.post(documents.envelope("resources/read", {"uri": uri}), HEADERS, "/mcp"))

    def templates(self) -> list[str]:
        """Return the templates of all resources that are named by one."""
        answer = self.client.post(documents.envelope("resources/templates/list", {}), HEADERS, "/mcp")
        return [item["uriTemplate"] for item in _json(answer)["result"]["resourceTemplates"]]


@attrs.frozen
class FramedCaller:
    """Over standard input and output, in frames."""

    session: Session

    def ask(self, tool: str, arguments: Any) -> Told:  # noqa: ANN401 - a wire value
        """See ``Caller``."""
        return told(self.session.exchange(documents.call(tool, arguments)))


def told(answer: Answer) -> Told:
    """Return what an answer tells."""
    correlation = answer.headers.get("x-server-correlation-id") or answer.headers.get("x-correlation-id")
    text = json.dumps(_json(answer), sort_keys=True)  # noqa: TID251 - only compared
    return Told(
        status=answer.status,
        text=text.replace(correlation, "·") if correlation else text,
        headers=tuple(sorted(item for item in answer.headers.items() if item[0] not in _DIFFERS)),
        correlation_id=correlation,
    )


def _json(answer: Answer) -> Any:  # noqa: ANN401 - a wire value
    """Return the body, or what the last event of a stream holds."""
    data = [line.removeprefix(b"data: ") for line in answer.body.splitlines() if line.startswith(b"data: ")]
    return json.loads(data[-1] if data else answer.body)
