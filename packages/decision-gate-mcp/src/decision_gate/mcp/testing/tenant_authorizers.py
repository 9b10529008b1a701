"""The conformance suite of ``TenantAuthorizer``."""

import attrs
import pytest

from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.tenant_authorizer import TenantAuthorizer


@attrs.frozen(kw_only=True)
class TenantAuthorizerBench:
    """An authorizer and what it must say.

    ``allowed`` are (principal, tool, tenant, namespace) that it allows, ``denied`` those that it denies. One that
    isolates tenants denies whoever names none.
    """

    authorizer: TenantAuthorizer
    allowed: tuple[tuple[Principal, str, int | None, int | None], ...]
    denied: tuple[tuple[Principal, str, int | None, int | None], ...] = ()
    is_isolating: bool = True


class TenantAuthorizerConformance:
    """What every ``TenantAuthorizer`` must do; a plug-in overrides ``bench``."""

    @pytest.fixture
    def bench(self) -> TenantAuthorizerBench:
        """Return a fresh authorizer; a plug-in overrides this."""
        raise NotImplementedError

    def test_every_judgement_has_a_reason_for_the_audit(self, bench: TenantAuthorizerBench) -> None:
        for question in (*bench.allowed, *bench.denied):
            assert bench.authorizer.authorize(*question).reason

    def test_what_is_permitted_is_allowed(self, bench: TenantAuthorizerBench) -> None:
        assert all(bench.authorizer.authorize(*question).allowed for question in bench.allowed)

    def test_what_is_not_permitted_is_denied(self, bench: TenantAuthorizerBench) -> None:
        assert not any(bench.authorizer.authorize(*question).allowed for question in bench.denied)

    def test_an_isolating_authorizer_denies_a_call_without_tenant(self, bench: TenantAuthorizerBench) -> None:
        if not bench.is_isolating:
            pytest.skip("this authorizer does not isolate tenants")
        principal, tool, _, namespace_id = bench.allowed[0]

        assert not bench.authorizer.authorize(principal, tool, None, namespace_id).allowed
