"""Rows of principals and their grants."""

from typing import Any, Final

from decision_gate.core.json import canonical, parse
from decision_gate.enterprise.stores.postgres.keys import number, text
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import Grant, PrincipalRecord
from decision_gate.enterprise.transactions import Reader, Transaction

_PRINCIPAL: Final = (
    "SELECT principal, tenant, name, state, roles, policy_class, created_at, changed_at FROM decision_gate.principals"
)
_GRANT: Final = "SELECT principal, tenant, scope, roles, tools FROM decision_gate.grants"


def add_principal(transaction: Transaction, principal: PrincipalRecord) -> bool:
    """Keep a new principal; false when there is one of this id."""
    return (
        transaction.write(
            "INSERT INTO decision_gate.principals "
            "(principal, tenant, name, state, roles, policy_class, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *(text(principal.principal_id), number(principal.billing_tenant), principal.name, principal.state.value),
            *(words_text(principal.roles), principal.policy_class, principal.created_at, principal.changed_at),
        )
        == 1
    )


def change_principal(transaction: Transaction, principal: PrincipalRecord) -> None:
    """Keep what may change of a principal."""
    transaction.write(
        "UPDATE decision_gate.principals SET name = ?, state = ?, roles = ?, policy_class = ?, changed_at = ? "
        "WHERE principal = ?",
        *(principal.name, principal.state.value, words_text(principal.roles), principal.policy_class),
        *(principal.changed_at, text(principal.principal_id)),
    )


def find_principal(reader: Reader, principal_id: str) -> PrincipalRecord | None:
    """Return a principal."""
    rows = reader.rows(f"{_PRINCIPAL} WHERE principal = ?", text(principal_id))
    return _principal(rows[0]) if rows else None


def list_principals(reader: Reader, tenant_id: int | None, after: bytes, limit: int) -> list[PrincipalRecord]:
    """Return principals by id, of one billing tenant or all, those after the UTF-8 of an id."""
    if tenant_id is None:
        rows = reader.rows(f"{_PRINCIPAL} WHERE principal > ? ORDER BY principal LIMIT ?", after, limit)
    else:
        rows = reader.rows(
            f"{_PRINCIPAL} WHERE tenant = ? AND principal > ? ORDER BY principal LIMIT ?",
            *(number(tenant_id), after, limit),
        )
    return [_principal(row) for row in rows]


def put_grant(transaction: Transaction, grant: Grant) -> None:
    """Give a principal exactly this in this scope, whatever it had there before."""
    transaction.write(
        "INSERT INTO decision_gate.grants (tenant, principal, scope, roles, tools) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (tenant, principal, scope) DO UPDATE SET roles = excluded.roles, tools = excluded.tools",
        *(number(grant.tenant_id), text(grant.principal_id), _scope(grant.namespace_id), words_text(grant.roles)),
        None if grant.tools is None else words_text(grant.tools),
    )


def withdraw_grant(transaction: Transaction, principal_id: str, tenant_id: int, namespace_id: int | None) -> bool:
    """Take what a principal has in one scope; false when it has nothing there."""
    return (
        transaction.write(
            "DELETE FROM decision_gate.grants WHERE tenant = ? AND principal = ? AND scope = ?",
            *(number(tenant_id), text(principal_id), _scope(namespace_id)),
        )
        == 1
    )


def find_grant(reader: Reader, principal_id: str, tenant_id: int, namespace_id: int | None) -> Grant | None:
    """Return what a principal has in exactly this scope."""
    rows = reader.rows(
        f"{_GRANT} WHERE tenant = ? AND principal = ? AND scope = ?",
        *(number(tenant_id), text(principal_id), _scope(namespace_id)),
    )
    return grant_of(rows[0]) if rows else None


def list_grants(reader: Reader, tenant_id: int, after: tuple[bytes, bytes], limit: int) -> list[Grant]:
    """Return the grants in a tenant in order of principal and scope, those after (UTF-8 of the id, scope)."""
    rows = reader.rows(
        f"{_GRANT} WHERE tenant = ? AND (principal, scope) > (?, ?) ORDER BY principal, scope LIMIT ?",
        *(number(tenant_id), *after, limit),
    )
    return [grant_of(row) for row in rows]


def grant_of(row: tuple[Any, ...]) -> Grant:
    """Return the grant of a row (principal, tenant, scope, roles, tools)."""
    principal, tenant, scope, roles, tools = row
    return Grant(
        principal_id=principal.decode(),
        tenant_id=int.from_bytes(tenant, "big"),
        namespace_id=int.from_bytes(scope, "big") if scope else None,
        roles=words_of(roles),
        tools=None if tools is None else words_of(tools),
    )


def place_of(grant: Grant) -> tuple[bytes, bytes]:
    """Return where a grant stands in the order of ``list_grants``."""
    return text(grant.principal_id), _scope(grant.namespace_id)


def words_text(words: tuple[str, ...]) -> str:
    """Return a set of names as canonical JSON, sorted."""
    return canonical([*sorted(set(words))]).decode()


def words_of(column: str) -> tuple[str, ...]:
    """Return the names that ``words_text`` wrote."""
    found = parse(column)
    return tuple(str(word) for word in found) if isinstance(found, list) else ()


def _scope(namespace_id: int | None) -> bytes:
    return b"" if namespace_id is None else number(namespace_id)


def _principal(row: tuple[Any, ...]) -> PrincipalRecord:
    principal, tenant, name, state, roles, policy_class, created_at, changed_at = row
    return PrincipalRecord(
        principal_id=principal.decode(),
        billing_tenant=int.from_bytes(tenant, "big"),
        name=name,
        state=State(state),
        roles=words_of(roles),
        policy_class=policy_class,
        created_at=created_at,
        changed_at=changed_at,
    )
