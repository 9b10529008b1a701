"""``[namespace]``: who may use namespace 1, and who else is asked about namespaces (contract §3.3, §4.7)."""

from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.mcp.config.kinds import Array, Boolean, Choice, Integer, Secret, Text
from decision_gate.mcp.config.rules import demand, demand_milliseconds, trimmed
from decision_gate.mcp.config.schema_rules import SchemaRule, has, lacks, some, unless, when
from decision_gate.mcp.config.secrets import LiteralSecret, SecretSource
from decision_gate.mcp.config.table import Table, key


class AuthorityMode(StrEnum):
    """Whether an outside system confirms namespaces."""

    NONE = "none"
    ASSETCORE_HTTP = "assetcore_http"


@attrs.frozen(kw_only=True)
class AssetcoreTable:
    """``[namespace.authority.assetcore]``."""

    base_url: str = key(Text(), "Address of the authority.")
    auth_token: SecretSource | None = key(Secret(), "Bearer token for it.", default=None)
    connect_timeout_ms: int = key(Integer(low=100, high=10_000), "Time to connect.", default=500)
    request_timeout_ms: int = key(Integer(low=500, high=30_000), "Time for the whole answer.", default=2000)

    def check(self) -> None:
        """Check the address, a literal token and both times. Raise ``InvalidConfigError``."""
        label = "namespace.authority.assetcore"
        demand(bool(trimmed(self.base_url)), f"{label}.base_url is required")
        if isinstance(self.auth_token, LiteralSecret):
            demand(bool(trimmed(self.auth_token.text)), f"{label}.auth_token must be non-empty")
        demand_milliseconds(f"{label}.connect_timeout_ms", self.connect_timeout_ms, 100, 10_000)
        demand_milliseconds(f"{label}.request_timeout_ms", self.request_timeout_ms, 500, 30_000)


@attrs.frozen(kw_only=True)
class AuthorityTable:
    """``[namespace.authority]``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("mode assetcore_http requires assetcore", has(mode="assetcore_http"), some("assetcore")),
        unless("assetcore is only allowed with mode assetcore_http", has(mode="assetcore_http"), lacks("assetcore")),
    )

    mode: AuthorityMode = key(Choice(AuthorityMode), "Who confirms namespaces.", default=AuthorityMode.NONE)
    assetcore: AssetcoreTable | None = key(Table(AssetcoreTable), "The authority of mode assetcore_http.", default=None)

    def check(self) -> None:
        """Refuse a mode without its table and the other way round. Raise ``InvalidConfigError``."""
        if self.mode is AuthorityMode.NONE:
            demand(
                self.assetcore is None,
                "namespace.authority.assetcore only allowed when mode=assetcore_http",
            )
            return
        demand(
            self.assetcore is not None,
            "namespace.authority.mode=assetcore_http requires namespace.authority.assetcore",
        )
        if self.assetcore is not None:
            self.assetcore.check()


@attrs.frozen(kw_only=True)
class NamespaceTable:
    """``[namespace]``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("allow_default requires default_tenants", has(allow_default=True), some("default_tenants")),
    )

    allow_default: bool = key(Boolean(), "Whether namespace 1 may be used at all.", default=False)
    default_tenants: tuple[int, ...] = key(Array(Integer(least=1)), "Tenants that may use namespace 1.", default=())
    authority: AuthorityTable = key(Table(AuthorityTable), "Who else confirms namespaces.", default=AuthorityTable())

    def check(self) -> None:
        """Check the authority, then the default namespace. Raise ``InvalidConfigError``."""
        self.authority.check()
        demand(
            bool(self.default_tenants) or not self.allow_default,
            "namespace.allow_default requires namespace.default_tenants",
        )
