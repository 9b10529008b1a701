"""Who may use namespace 1, the default one (contract §4.7)."""

from collections.abc import Iterable

from decision_gate.mcp.hooks.errors import UnauthorizedError

DEFAULT_NAMESPACE = 1


class DefaultNamespaceRule:
    """Denies namespace 1 unless it is switched on and the tenant is listed; other namespaces pass."""

    def __init__(self, *, is_allowed: bool, tenants: Iterable[int]) -> None:
        self._is_allowed = is_allowed
        self._tenants = frozenset(tenants)

    def judge(self, tenant_id: int | None, namespace_id: int) -> None:
        """Return when the namespace may be used. Raise ``UnauthorizedError``.

        ``tenant_id`` is what the arguments name; a billing tenant does not open namespace 1.
        """
        if namespace_id != DEFAULT_NAMESPACE:
            return
        if not self._is_allowed:
            raise UnauthorizedError("default namespace is not allowed")
        if tenant_id is None:
            raise UnauthorizedError("default namespace requires tenant_id")
        if tenant_id not in self._tenants:
            raise UnauthorizedError("default namespace not allowed for tenant")
