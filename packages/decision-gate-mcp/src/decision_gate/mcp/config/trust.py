"""``[trust]``, ``[evidence]``, ``[validation]`` and ``[dev]``: what evidence must be to count."""

from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.kinds import Array, Boolean, Choice, Integer, SettingsOf, Text, mismatch
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.schema_rules import SchemaRule, has, when
from decision_gate.mcp.config.table import key, read_table, table_schema


class Lane(StrEnum):
    """How much a piece of evidence is trusted."""

    VERIFIED = "verified"
    ASSERTED = "asserted"


@attrs.frozen(kw_only=True)
class Audited:
    """Take a provider's evidence as it comes; signatures are recorded, not demanded."""


@attrs.frozen(kw_only=True)
class RequireSignature:
    """Take only evidence signed by one of these keys."""

    keys: tuple[str, ...] = key(Array(Text()), "Files with public keys.")


@attrs.frozen
class TrustPolicyKind:
    """The string ``audit`` or the table ``{ require_signature = { keys = [...] } }``."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> Audited | RequireSignature:
        """Accept one of the two spellings."""
        match value:
            case "audit":
                return Audited()
            case {"require_signature": dict() as inner, **rest} if not rest:
                return read_table(RequireSignature, inner, f"{path}.require_signature", settings_of)
            case str():
                raise ConfigParseError(f"{path}: unknown variant `{value}`, expected `audit` or a table")
            case _:
                raise mismatch(path, '"audit" or { require_signature = { keys = [...] } }', value)

    def schema(self) -> dict[str, JsonValue]:
        """Describe the two spellings."""
        return {
            "anyOf": [
                {"const": "audit"},
                {
                    "type": "object",
                    "properties": {"require_signature": table_schema(RequireSignature)},
                    "required": ["require_signature"],
                    "additionalProperties": False,
                },
            ]
        }


@attrs.frozen(kw_only=True)
class TrustTable:
    """``[trust]``."""

    default_policy: Audited | RequireSignature = key(
        TrustPolicyKind(), "Signature policy of providers that name none.", default=Audited()
    )
    min_lane: Lane = key(Choice(Lane), "Least lane that satisfies a gate.", default=Lane.VERIFIED)


@attrs.frozen(kw_only=True)
class EvidenceTable:
    """``[evidence]``: when raw values are disclosed (contract §8.1)."""

    allow_raw_values: bool = key(Boolean(), "Whether raw values are disclosed at all.", default=False)
    require_provider_opt_in: bool = key(Boolean(), "Whether a provider must agree with allow_raw.", default=True)


class ValidationProfile(StrEnum):
    """The one profile of strict comparator validation."""

    STRICT_CORE_V1 = "strict_core_v1"


@attrs.frozen(kw_only=True)
class ValidationTable:
    """``[validation]``: strict comparator validation (contract §6)."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("strict = false requires allow_permissive = true", has(strict=False), has(allow_permissive=True)),
    )

    strict: bool = key(Boolean(), "Whether comparators are checked against types.", default=True)
    profile: ValidationProfile = key(
        Choice(ValidationProfile), "Rules to check by.", default=ValidationProfile.STRICT_CORE_V1
    )
    allow_permissive: bool = key(Boolean(), "Whether strict may be switched off.", default=False)
    enable_lexicographic: bool = key(Boolean(), "Allow the lexicographic comparators.", default=False)
    enable_deep_equals: bool = key(Boolean(), "Allow deep_equals and deep_not_equals.", default=False)

    def check(self) -> None:
        """Refuse to be permissive by one switch alone. Raise ``InvalidConfigError``."""
        demand(
            self.strict or self.allow_permissive,
            "validation.strict=false requires validation.allow_permissive=true",
        )


class PermissiveScope(StrEnum):
    """The one thing that dev-permissive mode relaxes."""

    ASSERTED_EVIDENCE_ONLY = "asserted_evidence_only"


@attrs.frozen(kw_only=True)
class DevTable:
    """``[dev]``: accept asserted evidence while developing (contract §12)."""

    permissive: bool = key(Boolean(), "Accept asserted evidence.", default=False)
    permissive_scope: PermissiveScope = key(
        Choice(PermissiveScope), "What is relaxed.", default=PermissiveScope.ASSERTED_EVIDENCE_ONLY
    )
    permissive_ttl_days: int | None = key(
        Integer(low=1), "Days after which the start-up notice complains.", default=None
    )
    permissive_warn: bool = key(Boolean(), "Write a notice at start.", default=True)
    permissive_exempt_providers: tuple[str, ...] = key(
        Array(Text()), "Providers that stay strict.", default=("assetcore_read", "assetcore")
    )

    def check(self, *, is_permissive: bool, has_authority: bool) -> None:
        """Refuse a TTL of no day, and to be permissive beside an authority. Raise ``InvalidConfigError``."""
        demand(
            self.permissive_ttl_days is None or self.permissive_ttl_days > 0,
            "dev.permissive_ttl_days must be greater than zero",
        )
        demand(
            not (is_permissive and has_authority),
            "dev.permissive not allowed when namespace.authority.mode=assetcore_http",
        )
