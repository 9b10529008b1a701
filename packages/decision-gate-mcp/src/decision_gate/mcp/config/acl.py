"""``[schema_registry.acl]``: who may register, list and read data shapes (contract §3.3, §4.8)."""

from enum import StrEnum

import attrs

from decision_gate.mcp.config.kinds import Array, Boolean, Choice, Integer, Text
from decision_gate.mcp.config.rules import demand, demand_path, trimmed
from decision_gate.mcp.config.table import Table, key

MAX_RULES = 256


class AclMode(StrEnum):
    """Role table of the reference, or own rules."""

    BUILTIN = "builtin"
    CUSTOM = "custom"


class AclEffect(StrEnum):
    """What a rule, or their absence, says."""

    ALLOW = "allow"
    DENY = "deny"


class AclAction(StrEnum):
    """What is done to the registry."""

    REGISTER = "register"
    LIST = "list"
    GET = "get"


@attrs.frozen(kw_only=True)
class AclRule:
    """A rule of custom mode; every dimension it names must match."""

    effect: AclEffect = key(Choice(AclEffect), "What happens when it matches.")
    actions: tuple[AclAction, ...] = key(Array(Choice(AclAction)), "Any of these actions.", default=())
    tenants: tuple[int, ...] = key(Array(Integer(least=1)), "Any of these tenants.", default=())
    namespaces: tuple[int, ...] = key(Array(Integer(least=1)), "Any of these namespaces.", default=())
    subjects: tuple[str, ...] = key(Array(Text()), "Any of these principals.", default=())
    roles: tuple[str, ...] = key(Array(Text()), "Any of these roles.", default=())
    policy_classes: tuple[str, ...] = key(Array(Text()), "Any of these policy classes.", default=())

    def check(self) -> None:
        """Refuse blank names. Raise ``InvalidConfigError``."""
        for name in ("subjects", "roles", "policy_classes"):
            demand(
                all(trimmed(text) for text in getattr(self, name)),
                f"schema_registry.acl.rules.{name} must be non-empty",
            )


@attrs.frozen(kw_only=True)
class AclTable:
    """``[schema_registry.acl]``."""

    mode: AclMode = key(Choice(AclMode), "Role table or own rules.", default=AclMode.BUILTIN)
    default: AclEffect = key(Choice(AclEffect), "What happens when no rule matches.", default=AclEffect.DENY)
    allow_local_only: bool = key(Boolean(), "Let local callers do everything.", default=False)
    require_signing: bool = key(Boolean(), "Take only signed schemas.", default=False)
    signing_keys: tuple[str, ...] = key(
        Array(Text()), "Files with public keys; signatures are then verified (deviation X6).", default=()
    )
    rules: tuple[AclRule, ...] = key(Array(Table(AclRule), most=MAX_RULES), "Rules in order.", default=())

    def check(self) -> None:
        """Check the number of rules and each, then the paths of keys. Raise ``InvalidConfigError``."""
        demand(len(self.rules) <= MAX_RULES, "schema_registry.acl.rules exceeds max entries")
        for rule in self.rules:
            rule.check()
        for path in self.signing_keys:
            demand_path("schema_registry.acl.signing_keys", path)
