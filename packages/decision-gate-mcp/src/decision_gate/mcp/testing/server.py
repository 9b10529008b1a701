"""A server in memory, called without a socket."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from decision_gate.core.json import JsonValue, parse, plain
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.correlation import server_correlation_ids
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.host import Host, Seams, open_host
from decision_gate.mcp.opening.built_in import offers_of
from decision_gate.mcp.rpc import Reply
from decision_gate.mcp.testing.clock import ManualServerClock
from decision_gate.mcp.testing.recording import RecordingMeter, RecordingSink


class RpcError(Exception):
    """A call was answered with an error."""

    def __init__(self, status: int, error: dict[str, JsonValue]) -> None:
        super().__init__(str(error.get("message")))
        self.status = status
        self.code = error["code"]
        self.message = error["message"]
        self.data = error["data"]


@attrs.frozen(kw_only=True)
class TestServer:
    """An opened host, and the seams that remember."""

    __test__ = False
    """Tells pytest that this is no test, whatever its name."""

    host: Host
    clock: ManualServerClock
    sink: RecordingSink
    meter: RecordingMeter
    correlation_ids: Iterator[str] = attrs.field(factory=lambda: server_correlation_ids(bytes(8)))

    def send(
        self,
        raw: bytes,
        *,
        peer_ip: str | None = "127.0.0.1",
        auth_header: str | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Answer the bytes of one request."""
        request = RequestContext(
            transport="http",
            peer_ip=peer_ip,
            auth_header=auth_header,
            idempotency_key=idempotency_key,
            server_correlation_id=next(self.correlation_ids),
        )
        return self.host.pipeline.answer(raw, request)

    def request(self, method: str, params: JsonValue = None, *, auth_header: str | None = None) -> JsonValue:
        """Call one method and return its result. Raise ``RpcError``."""
        envelope: JsonValue = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        reply = self.send(plain(envelope), auth_header=auth_header)
        answer = parse(reply.body)
        assert isinstance(answer, dict)
        if "error" in answer:
            error = answer["error"]
            assert isinstance(error, dict)
            raise RpcError(reply.status, error)
        return answer["result"]

    def call(self, tool: str, arguments: JsonValue, *, auth_header: str | None = None) -> JsonValue:
        """Call one tool and return its JSON. Raise ``RpcError``."""
        result = self.request("tools/call", {"name": tool, "arguments": arguments}, auth_header=auth_header)
        match result:
            case {"content": [{"type": "json", "json": value}]}:
                return value
            case _:
                raise AssertionError(f"no tool result: {result}")


@contextmanager
def open_test_server(
    toml: str = "", seams: Seams | None = None, *, is_audit_riding: bool = False
) -> Iterator[TestServer]:
    """Open a server from the text of a configuration.

    Its clock, its audit and its meter are those of ``TestServer``, unless ``seams`` brings others.
    """
    config = parse_config(toml.encode(), lambda plugins: offers_of(plugins).settings_of)
    clock, sink, meter = ManualServerClock(), RecordingSink(is_riding=is_audit_riding), RecordingMeter()
    given = seams or Seams()
    given = attrs.evolve(
        given,
        clock=given.clock or clock,
        audit_sink=given.audit_sink or sink,
        usage_meter=given.usage_meter or meter,
    )
    with open_host(config, {}, given) as host:
        yield TestServer(host=host, clock=clock, sink=sink, meter=meter)
