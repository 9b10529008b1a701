"""``[server.auth]``: who may call, and what is known about each caller (contract §4.1, deviation X15)."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.mcp.config.kinds import Array, Choice, Integer, Secret, Text
from decision_gate.mcp.config.rules import demand, trimmed
from decision_gate.mcp.config.schema_rules import SchemaRule, has, never, some, when
from decision_gate.mcp.config.secrets import LiteralSecret, SecretSource
from decision_gate.mcp.config.table import Table, key
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.tool_profiles import PROFILE_TOOLS, Profile

MAX_TOKENS = 64
MAX_TOKEN_BYTES = 256
MAX_SUBJECTS = 64
MAX_SUBJECT_BYTES = 512
MAX_TOOLS = 128
MAX_PRINCIPALS = 64
MAX_ROLES = 128
WIRE_TOOLS = frozenset(TOOL_NAMES)


class AuthMode(StrEnum):
    """The three ways of authentication that the reference has."""

    LOCAL_ONLY = "local_only"
    BEARER_TOKEN = "bearer_token"  # noqa: S105 - the name of a mode
    MTLS = "mtls"


@attrs.frozen(kw_only=True)
class RoleTable:
    """A role that a principal holds, everywhere or in one tenant or namespace."""

    name: str = key(Text(), "Name of the role, for example TenantAdmin.")
    tenant_id: int | None = key(Integer(least=1), "Tenant it is held in; any when absent.", default=None)
    namespace_id: int | None = key(Integer(least=1), "Namespace it is held in; any when absent.", default=None)

    def check(self) -> None:
        """Refuse a nameless role. Raise ``InvalidConfigError``."""
        demand(bool(trimmed(self.name)), "auth.principals.roles.name must be non-empty")


@attrs.frozen(kw_only=True)
class PrincipalTable:
    """What is known about one caller: its roles, its policy class, its tools."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        never("profile and allowed_tools exclude each other", some("profile", "allowed_tools")),
    )

    subject: str = key(Text(), "Principal id: loopback, stdio, token:<sha256 hex>, or an mTLS subject.")
    policy_class: str | None = key(Text(), "Policy class; prod when absent.", default=None)
    roles: tuple[RoleTable, ...] = key(Array(Table(RoleTable), most=MAX_ROLES), "Roles it holds.", default=())
    allowed_tools: tuple[str, ...] | None = key(
        Array(Text()), "Tools it may call; all that the server allows when absent.", default=None
    )
    profile: Profile | None = key(
        Choice(Profile), "Tools it may call, by the part it plays; instead of allowed_tools.", default=None
    )

    @property
    def tool_set(self) -> frozenset[str] | None:
        """The tools it may call, named one by one or by a profile; none means all that the server allows."""
        if self.profile is not None:
            return PROFILE_TOOLS[self.profile]
        return None if self.allowed_tools is None else frozenset(self.allowed_tools)

    def check(self, known_tools: frozenset[str] | None = WIRE_TOOLS) -> None:
        """Refuse blank names and too many roles. Raise ``InvalidConfigError``."""
        demand(bool(trimmed(self.subject)), "auth.principals.subject must be non-empty")
        if self.policy_class is not None:
            demand(bool(trimmed(self.policy_class)), "auth.principals.policy_class must be non-empty")
        demand(len(self.roles) <= MAX_ROLES, "auth.principals.roles exceeds max entries")
        for role in self.roles:
            role.check()
        demand_tools(self.allowed_tools or (), known_tools)
        demand(
            self.profile is None or self.allowed_tools is None,
            "auth.principals.profile and allowed_tools exclude each other",
        )


@attrs.frozen(kw_only=True)
class AuthTable:
    """``[server.auth]``; an absent table means ``local_only``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("bearer_token requires bearer_tokens", has(mode="bearer_token"), some("bearer_tokens")),
        when("mtls requires mtls_subjects", has(mode="mtls"), some("mtls_subjects")),
    )

    mode: AuthMode = key(Choice(AuthMode), "How callers are recognised.", default=AuthMode.LOCAL_ONLY)
    bearer_tokens: tuple[SecretSource, ...] = key(
        Array(Secret(), most=MAX_TOKENS), "Tokens that are accepted.", default=()
    )
    mtls_subjects: tuple[str, ...] = key(
        Array(Text(), most=MAX_SUBJECTS), "Certificate subjects that are accepted.", default=()
    )
    allowed_tools: tuple[str, ...] = key(
        Array(Text(), most=MAX_TOOLS), "Tools that may be called; all when empty.", default=()
    )
    principals: tuple[PrincipalTable, ...] = key(
        Array(Table(PrincipalTable), most=MAX_PRINCIPALS), "What is known about each caller.", default=()
    )

    def check(self, known_tools: frozenset[str] | None = WIRE_TOOLS) -> None:
        """Check in the order of contract §3.3; mode-specific rules last. Raise ``InvalidConfigError``."""
        demand(len(self.bearer_tokens) <= MAX_TOKENS, "too many auth tokens")
        for token in self.bearer_tokens:
            if isinstance(token, LiteralSecret):
                demand_token(token.text)
        demand(len(self.mtls_subjects) <= MAX_SUBJECTS, "too many mTLS subjects")
        for subject in self.mtls_subjects:
            demand(bool(trimmed(subject)), "mTLS subject must be non-empty")
            demand(len(subject.encode()) <= MAX_SUBJECT_BYTES, "mTLS subject too long")
        demand(len(self.allowed_tools) <= MAX_TOOLS, "too many tool allowlist entries")
        demand_tools(self.allowed_tools, known_tools)
        demand(len(self.principals) <= MAX_PRINCIPALS, "too many principal mappings")
        for principal in self.principals:
            principal.check(known_tools)
        if self.mode is AuthMode.BEARER_TOKEN:
            demand(bool(self.bearer_tokens), "bearer_token auth requires bearer_tokens")
        if self.mode is AuthMode.MTLS:
            demand(bool(self.mtls_subjects), "mtls auth requires mtls_subjects")


def demand_token(token: str) -> None:
    """Hold one bearer token to its rules, literal or looked up. Raise ``InvalidConfigError``."""
    demand(bool(trimmed(token)), "auth token must be non-empty")
    demand(len(token.encode()) <= MAX_TOKEN_BYTES, "auth token too long")
    demand(token == trimmed(token), "auth token must not contain whitespace")


def demand_tools(tools: Iterable[str], known_tools: frozenset[str] | None) -> None:
    """Refuse a tool that does not exist; none means that the names are not known yet. Raise ``InvalidConfigError``."""
    for tool in tools:
        demand(known_tools is None or tool in known_tools, f"unknown tool in allowlist: {tool}")
