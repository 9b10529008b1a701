"""Contract and default: does this namespace exist (``decision_gate.namespace_authorities``, §4.7)."""

from typing import Protocol


class NamespaceAuthority(Protocol):
    """Confirms namespaces. Called from many threads at once."""

    def ensure(self, tenant_id: int | None, namespace_id: int, correlation_id: str) -> None:
        """Return when the namespace may be used.

        ``correlation_id`` is the client's, else the server's.

        Raises:
            NamespaceInvalidError: The request cannot even be asked; its text reaches the client.
            UnauthorizedError: There is no such namespace, or not for this server.
            NamespaceUnavailableError: The authority cannot be asked.
        """
        ...


class NoAuthority:
    """The open server's default: every namespace exists."""

    def ensure(self, tenant_id: int | None, namespace_id: int, correlation_id: str) -> None:
        """Confirm."""
        del tenant_id, namespace_id, correlation_id
