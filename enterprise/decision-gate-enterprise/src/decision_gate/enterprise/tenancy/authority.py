"""The namespace authority ``internal``: a namespace exists when the directory has it and everything around it lives."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs

from decision_gate.core.errors import StoreError
from decision_gate.enterprise.tenancy.access import is_namespace_active
from decision_gate.enterprise.tenancy.authorizer import monotonic_ms
from decision_gate.enterprise.tenancy.recent import Recent
from decision_gate.enterprise.tenancy.settings import DirectorySettings
from decision_gate.enterprise.tenancy.tables import tenancy_tables
from decision_gate.enterprise.transactions import Reader, open_transactions
from decision_gate.mcp.hooks.errors import NamespaceUnavailableError, UnauthorizedError


@attrs.frozen(kw_only=True)
class InternalAuthoritySettings(DirectorySettings):
    """``[namespace_authority]`` of type ``internal``."""


class InternalAuthority:
    """A ``NamespaceAuthority`` on the directory. A namespace number means nothing without its tenant's."""

    def __init__(self, reader: Reader, *, max_age_ms: int, monotonic_ms: Callable[[], float]) -> None:
        self._known: Recent[tuple[int, int], bool] = Recent(
            lambda place: is_namespace_active(reader, *place), max_age_ms=max_age_ms, monotonic_ms=monotonic_ms
        )

    def ensure(self, tenant_id: int | None, namespace_id: int, correlation_id: str) -> None:
        """See ``NamespaceAuthority``."""
        del correlation_id
        if tenant_id is None:
            raise UnauthorizedError("namespace without a tenant")
        try:
            is_active = self._known.get((tenant_id, namespace_id))
        except StoreError as error:
            raise NamespaceUnavailableError("namespace directory unavailable") from error
        if not is_active:
            raise UnauthorizedError("namespace unknown or not active")


@contextmanager
def open_internal_authority(settings: InternalAuthoritySettings) -> Iterator[InternalAuthority]:
    """Open the namespace authority ``internal`` on the database of the runs."""
    with open_transactions(settings, [tenancy_tables()]) as database:
        yield InternalAuthority(database, max_age_ms=settings.max_age_ms, monotonic_ms=monotonic_ms)
