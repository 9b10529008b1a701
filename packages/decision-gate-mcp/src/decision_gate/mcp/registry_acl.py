"""Who may register, list and read data shapes (contract §4.8, deviations X6, X12)."""

import base64
import binascii
from collections.abc import Callable
from typing import Final, Protocol

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.json import canonical
from decision_gate.core.model import DataShapeRecord, DataShapeSignature
from decision_gate.mcp.config.acl import AclAction, AclEffect, AclMode, AclRule, AclTable
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.verdict import Verdict

WRITERS: Final = ("TenantAdmin", "NamespaceOwner", "NamespaceAdmin")
READERS: Final = (*WRITERS, "NamespaceWriter", "NamespaceReader", "SchemaManager")
SCHEMA_MANAGER: Final = "SchemaManager"
NON_PROD: Final = frozenset({"project", "scratch"})
"""Policy classes in which ``SchemaManager`` may register; every other one, unknown ones too, counts as ``prod``."""

ALGORITHM: Final = "ecdsa-p256-sha256"
"""The one algorithm of schema signatures; an absent name means it too."""


class SignatureVerifier(Protocol):
    """Public keys by their names."""

    def verify(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Tell whether a known key of this name made the signature."""
        ...


@attrs.frozen(kw_only=True)
class RegistryAcl:
    """The access rules of the registry, by role table or by own rules."""

    table: AclTable

    def judge(
        self, principal: Principal, action: AclAction, tenant_id: int | None, namespace_id: int | None
    ) -> Verdict:
        """Judge one action in one namespace; the reason is for the audit."""
        if self.table.mode is AclMode.BUILTIN:
            return self._by_roles(principal, action, tenant_id, namespace_id)
        for rule in self.table.rules:
            if _matches(rule, principal, action, tenant_id, namespace_id):
                return _verdict("custom", rule.effect)
        return _verdict("default", self.table.default)

    def _by_roles(
        self, principal: Principal, action: AclAction, tenant_id: int | None, namespace_id: int | None
    ) -> Verdict:
        if self.table.allow_local_only and principal.is_local:
            return Verdict(allowed=True, reason="builtin_allow_local_only")
        roles: tuple[str, ...] = READERS
        kind = "read"
        if action is AclAction.REGISTER:
            is_prod = (principal.policy_class or "prod").lower() not in NON_PROD
            roles = WRITERS if is_prod else (*WRITERS, SCHEMA_MANAGER)
            kind = "write"
        is_allowed = principal.holds_any(roles, tenant_id, namespace_id)
        return Verdict(allowed=is_allowed, reason=f"builtin_{'allow' if is_allowed else 'deny'}_{kind}")


@attrs.frozen(kw_only=True)
class SigningRule:
    """Whether a data shape must be signed, and by whom.

    With ``keys`` every signature that is given is verified, and ``required`` means a verified one; without keys
    nobody can tell a signature from noise, and ``required`` only asks for its presence, as the reference does.
    """

    required: bool
    keys: SignatureVerifier | None

    def check(self, record: DataShapeRecord) -> None:
        """Refuse a record that is not signed as it must be.

        Raises:
            UnauthorizedError: Its signature is missing, blank, or does not verify.
        """
        signing = record.signing
        if signing is None:
            if self.required:
                raise UnauthorizedError("schema signing metadata required")
            return
        if not (signing.key_id.strip() and signing.signature.strip()):
            if self.required:
                raise UnauthorizedError("schema signing metadata invalid")
            return
        if self.keys is not None and not _is_signed(record, signing, self.keys.verify):
            raise UnauthorizedError("schema signature not verified")


def signed_bytes(record: DataShapeRecord) -> bytes:
    """Return what a signature of *record* is over: its canonical JSON without the member ``signing``."""
    return canonical(encode(attrs.evolve(record, signing=None)))


def _is_signed(
    record: DataShapeRecord, signing: DataShapeSignature, verify: Callable[[str, bytes, bytes], bool]
) -> bool:
    if signing.algorithm not in (None, ALGORITHM):
        return False
    try:
        signature = base64.b64decode(signing.signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return verify(signing.key_id, signed_bytes(record), signature)


def _verdict(origin: str, effect: AclEffect) -> Verdict:
    return Verdict(allowed=effect is AclEffect.ALLOW, reason=f"{origin}_{effect.value}")


def _matches(
    rule: AclRule, principal: Principal, action: AclAction, tenant_id: int | None, namespace_id: int | None
) -> bool:
    return (
        (not rule.actions or action in rule.actions)
        and (not rule.tenants or tenant_id in rule.tenants)
        and (not rule.namespaces or namespace_id in rule.namespaces)
        and (not rule.subjects or principal.id in rule.subjects)
        and (not rule.roles or principal.holds_any(rule.roles, tenant_id, namespace_id))
        and (not rule.policy_classes or principal.policy_class in rule.policy_classes)
    )
