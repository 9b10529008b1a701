"""Requests of MCP, once the SDK has taken them apart: the same router, guards, riders and audit as ``/rpc``.

Two steps, each in a thread of the transport's pool: ``admit`` before anything in a message is believed, then one of the
others for what it asks. None of them raises: the transport gets an answer or a ``Refusal``.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.errors import MethodNotFoundError, NotFoundError, RequestTooLargeError
from decision_gate.mcp.exchanges import Exchanges
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.authenticator import Authenticator
from decision_gate.mcp.hooks.errors import UnauthenticatedError, UnauthorizedError
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimiter
from decision_gate.mcp.hooks.request import Dialect, RequestContext
from decision_gate.mcp.refusals import Refusal, not_json, refusal
from decision_gate.mcp.rpc import Envelope
from decision_gate.mcp.run_uris import RunUri, parse_run_uri
from decision_gate.mcp.tools.assigned import Assigner
from decision_gate.mcp.tools.catalogue import ToolText
from decision_gate.mcp.tools.router import AUDIT_METHODS, VERSION, Exchange, Router
from decision_gate.mcp.tools.run_documents import RunDocuments

_T = TypeVar("_T")

JSON_TYPE: Final = "application/json"


@attrs.frozen(kw_only=True)
class Admitted:
    """A message that may be worked on: where it came from, its sender known, and what it says."""

    request: RequestContext
    message: JsonValue


@attrs.frozen(kw_only=True)
class Resource:
    """Something to read: an entry of a listing, or with ``text`` what was read."""

    uri: str
    media_type: str
    name: str = ""
    description: str = ""
    text: str = ""


@attrs.frozen(kw_only=True)
class McpPipeline:
    """Answers MCP requests. Called from many threads at once.

    Attributes:
        router: Calls tools and reads documentation.
        authenticator: Recognises callers.
        limiter: Counts requests by peer; principal and tenant are counted by the guards.
        exchanges: Keeps the books.
        documents: What can be read about a run.
        max_body_bytes: Largest message.
    """

    router: Router
    authenticator: Authenticator
    limiter: RateLimiter
    exchanges: Exchanges
    documents: RunDocuments
    max_body_bytes: int

    def admit(self, raw: bytes, request: RequestContext) -> Admitted | Refusal:
        """Judge the peer's rate and the size of a message, parse it strictly, and recognise its sender."""
        exchange = self.exchanges.begin(request)
        try:
            self.limiter.check(Bucket.PEER, request.peer_ip or request.transport, exchange.started_ms)
            message = self._parsed(raw)
            exchange.method, action = _labels(message)
            caller = self._recognise(exchange, action)
        except Exception as error:  # noqa: BLE001 - the border: whatever happened, the client gets an answer
            return self._refused(error, exchange, len(raw))
        admitted = attrs.evolve(request, dialect=Dialect.MCP, caller=caller)
        return Admitted(request=admitted, message=message)

    def refuse(self, error: DecisionGateError, request: RequestContext, body_bytes: int) -> Refusal:
        """Refuse a request that a transport does not even read: overload, correlation, origin."""
        exchange = self.exchanges.begin(request)
        self.exchanges.note_refusal(error, exchange)
        return self._refused(error, exchange, body_bytes)

    def call(self, name: str, arguments: JsonValue, request: RequestContext, body_bytes: int) -> bytes | Refusal:
        """Call one tool and return the JSON text of its result."""

        def work(exchange: Exchange) -> bytes:
            assigner = Assigner(now_ms=exchange.now_ms, trigger_id=f"mcp-{request.server_correlation_id}")
            return self.router.call(name, assigner.completed(name, arguments), exchange)

        return self._performed("tools/call", work, len, request, body_bytes)

    def offered(self, request: RequestContext, body_bytes: int) -> tuple[ToolText, ...] | Refusal:
        """Return the tools that the caller sees and may call, in the order of the wire."""
        return self._performed("tools/list", self.router.offered, len, request, body_bytes)

    def resources(self, request: RequestContext, body_bytes: int) -> tuple[Resource, ...] | Refusal:
        """Return the documents of the server's documentation; runs are named by templates, not listed."""

        def work(exchange: Exchange) -> tuple[Resource, ...]:
            try:
                listed = self._router_value("resources/list", None, exchange)["resources"]
            except MethodNotFoundError:
                return ()
            return (
                tuple(_entry(entry) for entry in listed if isinstance(entry, dict)) if isinstance(listed, list) else ()
            )

        return self._performed("resources/list", work, len, request, body_bytes)

    def read(self, uri: str, request: RequestContext, body_bytes: int) -> tuple[Resource, ...] | Refusal:
        """Read one resource: a run's state, its run-pack manifest, or a document."""

        def work(exchange: Exchange) -> tuple[Resource, ...]:
            run = parse_run_uri(uri)
            if run is not None:
                return (Resource(uri=uri, media_type=JSON_TYPE, text=self._run_text(run, exchange)),)
            try:
                contents = self._router_value("resources/read", {"uri": uri}, exchange)["contents"]
            except MethodNotFoundError:
                raise NotFoundError("unknown resource") from None
            return (
                tuple(_entry(item) for item in contents if isinstance(item, dict)) if isinstance(contents, list) else ()
            )

        return self._performed("resources/read", work, _size, request, body_bytes)

    def note(self, method: str, request: RequestContext, body_bytes: int, *, is_refused: bool) -> None:
        """Keep the books of a request that the SDK answered by itself: discovery, a handshake, something malformed."""
        exchange = self.exchanges.begin(request)
        exchange.method = AUDIT_METHODS.get(method, "Other")
        error = MethodNotFoundError() if is_refused else None
        self.exchanges.finish(exchange, None if error is None else refusal(error).wire, body_bytes, 0)

    def _parsed(self, raw: bytes) -> JsonValue:
        if len(raw) > self.max_body_bytes:
            raise RequestTooLargeError
        try:
            return parse(raw)
        except JsonParseError as error:
            raise not_json(error) from None

    def _performed(
        self,
        method: str,
        work: Callable[[Exchange], _T],
        size: Callable[[_T], int],
        request: RequestContext,
        body_bytes: int,
    ) -> _T | Refusal:
        exchange = self.exchanges.begin(request)
        exchange.method = AUDIT_METHODS[method]
        try:
            result = work(exchange)
            self.exchanges.settle(exchange)
        except Exception as error:  # noqa: BLE001 - the border: whatever happened, the client gets an answer
            return self._refused(error, exchange, body_bytes)
        self.exchanges.finish(exchange, None, body_bytes, size(result))
        return result

    def _refused(self, error: Exception, exchange: Exchange, body_bytes: int) -> Refusal:
        refused = refusal(error)
        self.exchanges.keep_denials(exchange)
        self.exchanges.finish(exchange, refused.wire, body_bytes, 0)
        return refused

    def _recognise(self, exchange: Exchange, action: str) -> Principal:
        request = exchange.request
        try:
            return self.authenticator.authenticate(request)
        except (UnauthenticatedError, UnauthorizedError) as denied:
            reason = f"{denied.code}: {denied.reason}"
            exchange.events.append(audit_events.tool_authz(request, action, None, reason, exchange.now_ms))
            raise

    def _router_value(self, method: str, params: JsonValue, exchange: Exchange) -> Mapping[str, JsonValue]:
        text = self.router.answer(Envelope(version=VERSION, id_text=b"null", method=method, params=params), exchange)
        value = parse(text)
        return value if isinstance(value, dict) else {}

    def _run_text(self, run: RunUri, exchange: Exchange) -> str:
        tool = self.documents.manifest() if run.is_runpack else self.documents.state()
        arguments: JsonValue = {
            "tenant_id": run.tenant_id,
            "namespace_id": run.namespace_id,
            "scenario_id": run.scenario_id,
            "run_id": run.run_id,
        }
        return self.router.perform(tool, arguments, exchange).decode()


def _labels(message: JsonValue) -> tuple[str, str]:
    """Return the audit's label of a message, and the action that a refused authentication is recorded under."""
    method = message.get("method") if isinstance(message, dict) else None
    if not isinstance(method, str):
        return "Invalid", "invalid"
    label = AUDIT_METHODS.get(method, "Other")
    match message:
        case {"method": "tools/call", "params": {"name": str(name)}}:
            return label, name
        case _:
            return label, method


def _entry(entry: Mapping[str, JsonValue]) -> Resource:
    return Resource(
        uri=str(entry["uri"]),
        media_type=str(entry.get("mimeType", "text/plain")),
        name=str(entry.get("name", "")),
        description=str(entry.get("description", "")),
        text=str(entry.get("text", "")),
    )


def _size(resources: tuple[Resource, ...]) -> int:
    return sum(len(resource.text) for resource in resources)
