"""``[[providers]]``: the evidence providers of the server (contract §3.3)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.json import JsonValue
from decision_gate.mcp.config.errors import ConfigParseError, InvalidConfigError
from decision_gate.mcp.config.kinds import (
    Array,
    Boolean,
    Free,
    Integer,
    Secret,
    SettingsOf,
    Text,
    mismatch,
    nearest,
)
from decision_gate.mcp.config.rules import demand, demand_milliseconds, trimmed
from decision_gate.mcp.config.schema_rules import SchemaRule, has, lacks, matches, some, when
from decision_gate.mcp.config.secrets import LiteralSecret, SecretSource
from decision_gate.mcp.config.table import Table, key
from decision_gate.mcp.config.trust import Audited, RequireSignature, TrustPolicyKind

BUILTIN_PROVIDERS = ("time", "env", "json", "http", "report")
PROVIDER_OFFERS = "decision_gate.evidence_providers"
"""Group of the plug-ins that answer checks."""


class ProviderType(StrEnum):
    """Built into the server, or a process or service that speaks MCP."""

    BUILTIN = "builtin"
    MCP = "mcp"


@attrs.frozen
class ProviderTypeKind:
    """``builtin``, ``mcp``, or the name of a plug-in's offer."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> ProviderType | str:
        """Accept one of the two words, or an offer that is there and trusted; its settings are read when it is opened.

        Raises:
            ConfigParseError: It is no text, or nearly one of the two words.
            ConfigurationError: There is no such offer, or its distribution is not trusted.
        """
        if not isinstance(value, str):
            raise mismatch(path, "a string", value)
        words = [word.value for word in ProviderType]
        if value in words:
            return ProviderType(value)
        try:
            settings_of(PROVIDER_OFFERS, value)
        except ConfigurationError as error:
            if meant := nearest(value, words):
                raise ConfigParseError(f"{path}: unknown variant `{value}`{meant}") from error
            raise
        return value

    def schema(self) -> dict[str, JsonValue]:
        """Describe any word: only distributions know the offers."""
        return {"type": "string"}


@attrs.frozen(kw_only=True)
class ProviderAuthTable:
    """``auth`` of a provider."""

    bearer_token: SecretSource | None = key(Secret(), "Token sent to the provider.", default=None)

    def check(self) -> None:
        """Refuse a blank token. Raise ``InvalidConfigError``."""
        if isinstance(self.bearer_token, LiteralSecret):
            demand(bool(trimmed(self.bearer_token.text)), "providers.auth.bearer_token must be non-empty")


@attrs.frozen(kw_only=True)
class ProviderTimeoutsTable:
    """``timeouts`` of a provider."""

    connect_timeout_ms: int = key(Integer(low=100, high=10_000), "Time to connect.", default=2000)
    request_timeout_ms: int = key(Integer(low=500, high=30_000), "Time for the whole answer.", default=10_000)

    def check(self) -> None:
        """Check both times. Raise ``InvalidConfigError``."""
        label = "providers.timeouts"
        demand_milliseconds(f"{label}.connect_timeout_ms", self.connect_timeout_ms, 100, 10_000)
        demand_milliseconds(f"{label}.request_timeout_ms", self.request_timeout_ms, 500, 30_000)
        demand(
            self.request_timeout_ms >= self.connect_timeout_ms,
            f"{label}.request_timeout_ms must be >= connect_timeout_ms",
        )


@attrs.frozen(kw_only=True)
class ProviderTable:
    """An entry of ``[[providers]]``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("type builtin has one of the built-in names", has(type="builtin"), has(name=list(BUILTIN_PROVIDERS))),
        when(
            "type builtin does not accept command, url, allow_insecure_http, auth or capabilities_path",
            has(type="builtin"),
            {
                "properties": {
                    "command": {"maxItems": 0},
                    "allow_insecure_http": {"const": False},
                    "url": False,
                    "auth": False,
                    "capabilities_path": False,
                }
            },
        ),
        when("type mcp has none of the built-in names", has(type="mcp"), {"not": has(name=list(BUILTIN_PROVIDERS))}),
        when("type mcp requires command or url", has(type="mcp"), {"anyOf": [some("command"), some("url")]}),
        when("type mcp requires capabilities_path", has(type="mcp"), some("capabilities_path")),
        when("type mcp does not accept config", has(type="mcp"), lacks("config")),
        when(
            "an http:// url requires allow_insecure_http",
            matches(url={"pattern": "^http://"}),
            has(allow_insecure_http=True),
        ),
    )

    name: str = key(Text(), "Id that scenarios use.")
    type: ProviderType | str = key(ProviderTypeKind(), "builtin, mcp, or the offer of a plug-in.")
    command: tuple[str, ...] = key(Array(Text()), "Program and arguments, without a shell.", default=())
    url: str | None = key(Text(), "Address of an external provider.", default=None)
    allow_insecure_http: bool = key(Boolean(), "Permit an address without TLS.", default=False)
    capabilities_path: str | None = key(Text(), "File with its contract.", default=None)
    auth: ProviderAuthTable | None = key(Table(ProviderAuthTable), "Credentials.", default=None)
    trust: Audited | RequireSignature | None = key(
        TrustPolicyKind(), "Signature policy; [trust] default_policy when absent.", default=None
    )
    allow_raw: bool = key(Boolean(), "Agree to the disclosure of raw values.", default=False)
    timeouts: ProviderTimeoutsTable = key(Table(ProviderTimeoutsTable), "Time limits.", default=ProviderTimeoutsTable())
    config: Mapping[str, object] | None = key(Free(), "Settings of a built-in or plugged-in provider.", default=None)

    def check(self) -> None:
        """Check in the order of contract §3.3. Raise ``InvalidConfigError``."""
        demand(bool(trimmed(self.name)), "provider name is empty")
        demand(self.name == trimmed(self.name), "provider name must be trimmed")
        self.timeouts.check()
        if self.auth is not None:
            self.auth.check()
        match self.type:
            case ProviderType.BUILTIN:
                self._refuse("builtin", "command", "url", "allow_insecure_http", "auth", "capabilities_path")
            case ProviderType.MCP:
                self._check_external()
            case offer:
                self._refuse(offer, "command", "url", "allow_insecure_http", "auth")

    def _refuse(self, kind: str, *names: str) -> None:
        for name in names:
            is_set = getattr(self, name) not in ((), None, False)
            demand(not is_set, f"{kind} provider does not accept {name}")

    def _check_external(self) -> None:
        demand(bool(self.command) or self.url is not None, "mcp provider requires command or url")
        demand(self.config is None, "mcp provider does not accept config")
        demand(self.capabilities_path is not None, "mcp provider requires capabilities_path")
        is_insecure = self.url is not None and self.url.startswith("http://")
        demand(self.allow_insecure_http or not is_insecure, "insecure http requires allow_insecure_http")


def check_provider_names(providers: tuple[ProviderTable, ...]) -> None:
    """Check the names against each other and against the built-in ones. Raise ``InvalidConfigError``."""
    seen: set[str] = set()
    for provider in providers:
        is_builtin = provider.type is ProviderType.BUILTIN
        if provider.name in seen:
            raise InvalidConfigError(f"duplicate provider name: {provider.name}")
        seen.add(provider.name)
        is_reserved = provider.name in BUILTIN_PROVIDERS
        demand(is_reserved or not is_builtin, f"unknown builtin provider: {provider.name}")
        demand(is_builtin or not is_reserved, f"provider name reserved for builtin: {provider.name}")
