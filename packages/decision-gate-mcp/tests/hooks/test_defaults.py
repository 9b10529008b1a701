"""The local defaults keep the laws of their contracts (contract §4.3 – §4.7)."""

import pytest

from decision_gate.mcp.hooks.namespace_authority import NoAuthority
from decision_gate.mcp.hooks.principal import Principal, Role
from decision_gate.mcp.hooks.tenant_authorizer import LocalTenantAuthorizer
from decision_gate.mcp.hooks.tool_authorizer import LISTING, ConfiguredVisibility, ToolAllowList
from decision_gate.mcp.hooks.usage_meter import NoMeter
from decision_gate.mcp.testing import (
    AuthorityBench,
    NamespaceAuthorityConformance,
    RecordingMeter,
    TenantAuthorizerBench,
    TenantAuthorizerConformance,
    UsageMeterConformance,
    local_principal,
    token_principal,
)


class TestNoMeter(UsageMeterConformance):
    """See the suite."""

    @pytest.fixture
    def meter(self):
        return NoMeter()


class TestRecordingMeter(UsageMeterConformance):
    """The meter that our own tests lean on keeps the laws too."""

    @pytest.fixture
    def meter(self):
        return RecordingMeter()


class TestLocalTenantAuthorizer(TenantAuthorizerConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        return TenantAuthorizerBench(
            authorizer=LocalTenantAuthorizer(),
            allowed=((local_principal(), "scenario_next", 7, 12), (token_principal(), "runpack_verify", None, None)),
            is_isolating=False,
        )


class TestNoAuthority(NamespaceAuthorityConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        return AuthorityBench(authority=NoAuthority(), existing=((7, 12), (None, 1)))


@pytest.mark.parametrize(
    ("server", "own", "tool", "expected"),
    [
        ((), None, "precheck", True),
        (("precheck",), None, "precheck", True),
        (("precheck",), None, "scenario_next", False),
        ((), ("scenario_next",), "scenario_next", True),
        ((), ("scenario_next",), "scenario_define", False),
        (("precheck",), ("scenario_next",), "scenario_next", False),
        ((), (), "scenario_next", False),
        (("precheck",), (), LISTING, True),
    ],
)
def test_a_tool_is_allowed_by_the_server_and_by_the_principals_own_list(server, own, tool, expected):
    principal = Principal(id="p", method="m", allowed_tools=None if own is None else frozenset(own))

    assert ToolAllowList(server).authorize(principal, tool).allowed is expected


@pytest.mark.parametrize(
    ("allow", "deny", "filtered", "callable_", "listed"),
    [
        ((), (), True, True, True),
        (("precheck",), (), True, True, True),
        (("scenario_next",), (), True, False, False),
        (("precheck",), ("precheck",), True, False, False),
        ((), ("precheck",), False, False, True),
    ],
)
def test_a_hidden_tool_is_never_callable_and_listed_only_when_passed_through(allow, deny, filtered, callable_, listed):
    visibility = ConfiguredVisibility(allow, deny, is_listing_filtered=filtered)

    assert visibility.is_callable(local_principal(), "precheck") is callable_
    assert visibility.is_listed(local_principal(), "precheck") is listed


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role(name="Admin"), True),
        (Role(name="Admin", tenant_id=7), True),
        (Role(name="Admin", tenant_id=7, namespace_id=12), True),
        (Role(name="Admin", tenant_id=8), False),
        (Role(name="Admin", namespace_id=13), False),
        (Role(name="admin"), False),
    ],
)
def test_a_role_counts_by_its_exact_name_within_its_scope(role, expected):
    assert local_principal(role).holds_any(["Admin"], 7, 12) is expected
