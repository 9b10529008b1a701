"""The conformance suite of ``NamespaceAuthority``."""

import attrs
import pytest

from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.namespace_authority import NamespaceAuthority

CORRELATION = "dg-0000000000000000-0000000000000001"


@attrs.frozen(kw_only=True)
class AuthorityBench:
    """An authority, namespaces that exist and namespaces that do not; each (tenant, namespace)."""

    authority: NamespaceAuthority
    existing: tuple[tuple[int | None, int], ...]
    missing: tuple[tuple[int | None, int], ...] = ()


class NamespaceAuthorityConformance:
    """What every ``NamespaceAuthority`` must do; a plug-in overrides ``bench``."""

    @pytest.fixture
    def bench(self) -> AuthorityBench:
        """Return a fresh authority; a plug-in overrides this."""
        raise NotImplementedError

    def test_an_existing_namespace_is_confirmed_every_time(self, bench: AuthorityBench) -> None:
        for tenant_id, namespace_id in bench.existing * 2:
            bench.authority.ensure(tenant_id, namespace_id, CORRELATION)

    def test_a_missing_namespace_is_refused_with_a_reason_and_a_fixed_text(self, bench: AuthorityBench) -> None:
        for tenant_id, namespace_id in bench.missing:
            with pytest.raises(UnauthorizedError) as refused:
                bench.authority.ensure(tenant_id, namespace_id, CORRELATION)

            assert str(refused.value) == "unauthorized"
            assert refused.value.reason
