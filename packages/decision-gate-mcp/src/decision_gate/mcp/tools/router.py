"""Which handler answers which method and tool (contract §1.10)."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.errors import (
    InvalidParamsError,
    InvalidVersionError,
    MethodNotFoundError,
    UnknownToolError,
)
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.hooks.tool_authorizer import LISTING
from decision_gate.mcp.hooks.usage_meter import UsageMeter
from decision_gate.mcp.rpc.envelope import Envelope
from decision_gate.mcp.tools.call import Call, Tool
from decision_gate.mcp.tools.catalogue import ToolText, listing, texts_of
from decision_gate.mcp.tools.guards import Policies, admit_caller, guard
from decision_gate.mcp.tools.late_quotas import with_late_quotas

VERSION = "2.0"

AUDIT_METHODS = {
    "tools/list": "ToolsList",
    "tools/call": "ToolsCall",
    "resources/list": "ResourcesList",
    "resources/read": "ResourcesRead",
}


@attrs.define(kw_only=True)
class Exchange:
    """One request while it is answered: what it is, and what the audit will tell of it.

    ``method`` and ``tool`` are labels in the audit's spelling; ``call`` is set once a known tool is called;
    ``started_ms`` is monotonic.
    """

    request: RequestContext
    now_ms: int
    started_ms: float
    events: list[AuditEvent] = attrs.field(factory=list)
    method: str = "Invalid"
    tool: str | None = None
    call: Call | None = None


@attrs.frozen(kw_only=True)
class Method:
    """A method other than ``tools/call``: ``check`` looks at the parameters before the caller is asked who it is."""

    check: Callable[[JsonValue], None]
    answer: Callable[[JsonValue], bytes]


def _by_name(tools: Iterable[Tool]) -> dict[str, Tool]:
    return {tool.name: tool for tool in tools}


@attrs.frozen(kw_only=True)
class Router:
    """Answers a parsed request with the JSON text of its result.

    Args:
        policies: Whom the guards ask.
        tools: Every tool there is.
        meter: Who counts.
        sink: Who keeps the audit.
        methods: Further methods, judged like a listing (contract §1.10).
        texts: Descriptions of tools that are not the wire's own.
    """

    _policies: Policies
    _tools: Mapping[str, Tool] = attrs.field(converter=_by_name)
    _meter: UsageMeter
    _sink: AuditSink
    _methods: Mapping[str, Method] = attrs.field(factory=dict)
    _texts: Sequence[ToolText] = ()
    _listings: dict[frozenset[str], bytes] = attrs.field(factory=dict, init=False)

    def answer(self, envelope: Envelope, exchange: Exchange) -> bytes:
        """Route one request.

        Raises:
            InvalidVersionError: It is not JSON-RPC 2.0.
            MethodNotFoundError: There is no such method.
            DecisionGateError: What the guards and the tool raise.
        """
        exchange.method = AUDIT_METHODS.get(envelope.method, "Other")
        if envelope.version != VERSION:
            raise InvalidVersionError
        if envelope.method == "tools/call":
            name, arguments = _call_params(envelope.params)
            return self.call(name, arguments, exchange)
        if envelope.method == "tools/list":
            return self._list(exchange)
        method = self._methods.get(envelope.method)
        if method is None:
            raise MethodNotFoundError
        method.check(envelope.params)
        admit_caller(self._policies, exchange.request, LISTING, exchange.now_ms, exchange.events)
        return method.answer(envelope.params)

    def call(self, name: str, arguments: JsonValue, exchange: Exchange) -> bytes:
        """Call one tool through every guard and return the JSON text of its result.

        Raises:
            UnknownToolError: There is no such tool; told before the caller is asked who it is (contract
                §4.3).
            DecisionGateError: What the guards and the tool raise.
        """
        tool = self._tools.get(name)
        if tool is None:
            raise UnknownToolError
        return self.perform(tool, arguments, exchange)

    def perform(self, tool: Tool, arguments: JsonValue, exchange: Exchange) -> bytes:
        """Lead one call of ``tool``, which need not be on the wire, through every guard and do it.

        Raises:
            DecisionGateError: What the guards and the tool raise.
        """
        exchange.tool = tool.name
        call = Call(
            request=exchange.request,
            tool=tool,
            sent=arguments,
            now_ms=exchange.now_ms,
            meter=self._meter,
            sink=self._sink,
            events=exchange.events,
        )
        exchange.call = call
        guard(self._policies, call)
        return with_late_quotas(call, tool.work)

    def offered(self, exchange: Exchange) -> tuple[ToolText, ...]:
        """Return the tools that the caller both sees and may call: the wire's in its order, then those of plug-ins.

        Raises:
            UnauthenticatedError: The caller is not recognised.
            UnauthorizedError: The caller may not ask.
        """
        principal = admit_caller(self._policies, exchange.request, LISTING, exchange.now_ms, exchange.events)
        policies = self._policies
        return texts_of(
            (
                name
                for name in self._tools
                if policies.visibility.is_callable(principal, name)
                and policies.tools.authorize(principal, name).allowed
            ),
            self._texts,
        )

    def _list(self, exchange: Exchange) -> bytes:
        principal = admit_caller(self._policies, exchange.request, LISTING, exchange.now_ms, exchange.events)
        visible = frozenset(name for name in self._tools if self._policies.visibility.is_listed(principal, name))
        text = self._listings.get(visible)
        if text is None:
            text = self._listings[visible] = listing(visible, self._texts)
        return text


def _call_params(params: JsonValue) -> tuple[str, JsonValue]:
    match params:
        case {"name": str(name), "arguments": arguments}:
            return name, arguments
        case _:
            raise InvalidParamsError("invalid tool params")
