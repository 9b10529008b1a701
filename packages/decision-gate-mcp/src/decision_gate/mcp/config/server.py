"""``[server]`` and its smaller tables: transport, address, TLS, audit, tool visibility (contract §3.3)."""

import ipaddress
from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.mcp.config.auth import WIRE_TOOLS, AuthMode, AuthTable
from decision_gate.mcp.config.bind import BindAddress
from decision_gate.mcp.config.feedback import FeedbackTable
from decision_gate.mcp.config.kinds import Array, Boolean, Choice, Integer, Text
from decision_gate.mcp.config.limits import LimitsTable
from decision_gate.mcp.config.rules import demand, demand_path, trimmed
from decision_gate.mcp.config.schema_rules import SchemaRule, has, lacks, some, unless, when
from decision_gate.mcp.config.table import Table, key

MAX_LISTED_TOOLS = 128


class Transport(StrEnum):
    """How requests arrive; one process serves exactly one."""

    STDIO = "stdio"
    HTTP = "http"
    SSE = "sse"


class ServerMode(StrEnum):
    """Strict, or the old spelling of ``[dev] permissive = true``."""

    STRICT = "strict"
    DEV_PERMISSIVE = "dev_permissive"


class TlsTermination(StrEnum):
    """Who ends TLS; only the bind policy of ``serve`` asks."""

    SERVER = "server"
    UPSTREAM = "upstream"


class ToolListMode(StrEnum):
    """Whether hidden tools are also left out of ``tools/list``."""

    FILTER = "filter"
    PASSTHROUGH = "passthrough"


@attrs.frozen(kw_only=True)
class TlsTable:
    """``[server.tls]``."""

    cert_path: str = key(Text(), "PEM file with the certificate chain.")
    key_path: str = key(Text(), "PEM file with the private key.")
    client_ca_path: str | None = key(Text(), "PEM file with the authorities of client certificates.", default=None)
    require_client_cert: bool = key(
        Boolean(), "Refuse clients without a certificate; needs client_ca_path.", default=True
    )

    def check(self) -> None:
        """Check the paths only; files are read when serving starts. Raise ``InvalidConfigError``."""
        demand_path("tls.cert_path", self.cert_path)
        demand_path("tls.key_path", self.key_path)
        if self.client_ca_path is not None:
            demand_path("tls.client_ca_path", self.client_ca_path)


@attrs.frozen(kw_only=True)
class AuditTable:
    """``[server.audit]``: the reference's choice of audit sink; ``[audit_sink]`` replaces it."""

    enabled: bool = key(Boolean(), "Write audit events at all.", default=True)
    path: str | None = key(Text(), "File to append to; stderr when absent.", default=None)
    log_precheck_payloads: bool = key(Boolean(), "Write prechecked payloads, not only hashes.", default=False)

    def check(self) -> None:
        """Check the path. Raise ``InvalidConfigError``."""
        if self.path is not None:
            demand_path("audit.path", self.path)


@attrs.frozen(kw_only=True)
class FeedbackTables:
    """``[server.feedback]``."""

    scenario_next: FeedbackTable = key(Table(FeedbackTable), "Feedback of scenario_next.", default=FeedbackTable())


@attrs.frozen(kw_only=True)
class ToolsTable:
    """``[server.tools]``: which tools are visible."""

    mode: ToolListMode = key(Choice(ToolListMode), "Whether tools/list is filtered too.", default=ToolListMode.FILTER)
    allowlist: tuple[str, ...] = key(Array(Text(), most=MAX_LISTED_TOOLS), "Visible tools; all when empty.", default=())
    denylist: tuple[str, ...] = key(
        Array(Text(), most=MAX_LISTED_TOOLS), "Hidden tools; stronger than allowlist.", default=()
    )

    def check(self, known_tools: frozenset[str] | None = WIRE_TOOLS) -> None:
        """Refuse long lists, blank entries and unknown tools. Raise ``InvalidConfigError``."""
        demand(len(self.allowlist) <= MAX_LISTED_TOOLS, "too many tool allowlist entries")
        demand(len(self.denylist) <= MAX_LISTED_TOOLS, "too many tool denylist entries")
        for tool in (*self.allowlist, *self.denylist):
            demand(bool(trimmed(tool)), "server.tools allowlist/denylist entries must be non-empty")
            demand(known_tools is None or tool in known_tools, f"unknown tool in server.tools list: {tool}")


@attrs.frozen(kw_only=True)
class McpTable:
    """``[server.mcp]``: the Model Context Protocol beside ``/rpc``."""

    enabled: bool = key(Boolean(), "Serve MCP at /mcp and to newline-delimited stdio.", default=True)


@attrs.frozen(kw_only=True)
class ServerTable:
    """``[server]``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("transport http and sse require bind", has(transport=["http", "sse"]), some("bind")),
        unless("transport stdio does not support tls", has(transport=["http", "sse"]), lacks("tls")),
    )

    transport: Transport = key(Choice(Transport), "How requests arrive.", default=Transport.STDIO)
    mode: ServerMode = key(
        Choice(ServerMode), "dev_permissive is an alias of [dev] permissive.", default=ServerMode.STRICT
    )
    tls_termination: TlsTermination = key(Choice(TlsTermination), "Who ends TLS.", default=TlsTermination.SERVER)
    bind: str | None = key(Text(), "IP address and port, for example 127.0.0.1:4000.", default=None)
    max_body_bytes: int = key(Integer(low=1), "Largest request body.", default=1_048_576)
    allowed_origins: tuple[str, ...] = key(
        Array(Text()), "Origins of web pages that may call; none when empty.", default=()
    )
    allowed_hosts: tuple[str, ...] | None = key(
        Array(Text()), "Host names a request may carry; loopback names in local_only.", default=None
    )
    trusted_proxies: tuple[str, ...] = key(
        Array(Text()), "Addresses or networks that may name the client subject.", default=()
    )
    metrics: bool = key(
        Boolean(), "Serve /metrics to whoever can connect; restrict it by network or proxy.", default=False
    )
    one_cpu: bool = key(
        Boolean(), "Keep the threads that serve on one CPU, whichever the system chooses (Linux).", default=True
    )
    limits: LimitsTable = key(Table(LimitsTable), "Limits.", default=LimitsTable())
    auth: AuthTable = key(Table(AuthTable), "Authentication.", default=AuthTable())
    tls: TlsTable | None = key(Table(TlsTable), "TLS ended by this server.", default=None)
    audit: AuditTable = key(Table(AuditTable), "Audit log.", default=AuditTable())
    feedback: FeedbackTables = key(Table(FeedbackTables), "Feedback policy.", default=FeedbackTables())
    tools: ToolsTable = key(Table(ToolsTable), "Tool visibility.", default=ToolsTable())
    mcp: McpTable = key(Table(McpTable), "Model Context Protocol.", default=McpTable())

    def check(
        self, *, is_local_only: bool, recognises_stdio: bool, known_tools: frozenset[str] | None = WIRE_TOOLS
    ) -> None:
        """Check in the order of contract §3.2.

        Args:
            is_local_only: Whether the authenticator in effect is ``local_only``; an ``[authenticator]`` table
                replaces ``auth.mode``.
            recognises_stdio: Whether that authenticator knows who is at the other end of standard input.
            known_tools: Tools that lists may name; none when they are not known yet.

        Raises:
            InvalidConfigError: The first rule that does not hold.
        """
        demand(self.max_body_bytes > 0, "max_body_bytes must be greater than zero")
        self.limits.check()
        self.auth.check(known_tools)
        if self.tls is not None:
            self.tls.check()
        self.audit.check()
        self.feedback.scenario_next.check()
        self.tools.check(known_tools)
        for network in self.trusted_proxies:
            demand(_is_network(network), f"server.trusted_proxies is not an address or network: {network}")
        self._check_transport(is_local_only=is_local_only, recognises_stdio=recognises_stdio)

    def address(self) -> BindAddress:
        """Return the checked bind address of an HTTP transport. Raise ``InvalidConfigError``."""
        text = trimmed(self.bind or "")
        demand(bool(text), "http/sse transport requires bind address")
        return BindAddress.parse(text)

    def _check_transport(self, *, is_local_only: bool, recognises_stdio: bool) -> None:
        if self.transport is Transport.STDIO:
            demand(recognises_stdio, "stdio transport only supports local_only auth")
            demand(self.tls is None, "stdio transport does not support tls")
            return
        address = self.address()
        demand(address.is_loopback or not is_local_only, "non-loopback bind disallowed without auth policy")

    @property
    def is_default_local(self) -> bool:
        """Whether ``auth.mode`` is ``local_only``."""
        return self.auth.mode is AuthMode.LOCAL_ONLY


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
