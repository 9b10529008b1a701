"""Bearer credentials (contract §4.1, deviation X2)."""

import hashlib

import pytest

from decision_gate.mcp.config.auth import PrincipalTable, RoleTable
from decision_gate.mcp.hooks.bearer import BearerTokenAuthenticator, bearer_token
from decision_gate.mcp.hooks.errors import UnauthenticatedError
from decision_gate.mcp.hooks.principal import Role
from decision_gate.mcp.hooks.principal_table import Principals
from decision_gate.mcp.testing import AuthenticatorBench, AuthenticatorConformance
from decision_gate.mcp.testing.principals import request_context

TOKEN = "dg-hardened-demo-token"
FINGERPRINT = "73a7ceabc74caaa14553ad02540165ba8ad8b709f15e6503b8879552f22042a1"


class TestBearerTokenAuthenticator(AuthenticatorConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        return AuthenticatorBench(
            authenticator=BearerTokenAuthenticator([TOKEN, "other"], Principals(())),
            admitted=request_context(auth_header=f"Bearer {TOKEN}"),
            unrecognised=tuple(
                request_context(auth_header=header)
                for header in (None, "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ")
            ),
            secrets=(TOKEN, "wrong"),
        )


@pytest.mark.parametrize("header", ["Bearer t", "bearer t", "BEARER t", "  Bearer   t  "])
def test_the_scheme_is_matched_whatever_its_case_and_space_around_the_token_does_not_count(header):
    assert bearer_token(header) == "t"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "missing authorization"),
        ("Bearer " + "x" * 8186, "authorization header too large"),
        ("Bearer\tt", "invalid authorization header"),
        ("Bearer", "invalid authorization header"),
        ("Basic t", "invalid authorization header"),
        ("", "invalid authorization header"),
    ],
)
def test_what_is_no_bearer_credential_is_refused_with_its_reason(header, reason):
    with pytest.raises(UnauthenticatedError) as refused:
        bearer_token(header)

    assert refused.value.reason == reason


def test_a_header_of_exactly_the_largest_size_is_read():
    assert bearer_token("Bearer " + "x" * 8185) == "x" * 8185


def test_a_caller_is_named_by_the_digest_of_its_token_and_completed_from_the_table():
    table = PrincipalTable(
        subject=f"token:{FINGERPRINT}",
        policy_class="prod",
        roles=(RoleTable(name="TenantAdmin", tenant_id=1),),
        allowed_tools=("scenario_next",),
    )
    authenticator = BearerTokenAuthenticator([TOKEN], Principals([table]))

    principal = authenticator.authenticate(request_context(auth_header=f"Bearer {TOKEN}"))

    assert hashlib.sha256(TOKEN.encode()).hexdigest() == FINGERPRINT
    assert principal.id == f"token:{FINGERPRINT}"
    assert principal.method == "bearer_token"
    assert principal.subject is None
    assert principal.token_fingerprint == FINGERPRINT
    assert principal.roles == (Role(name="TenantAdmin", tenant_id=1),)
    assert principal.policy_class == "prod"
    assert principal.allowed_tools == frozenset({"scenario_next"})
    assert principal.sole_tenant == principal.billing_tenant == 1


def test_the_challenge_names_the_realm():
    assert BearerTokenAuthenticator([TOKEN], Principals(())).challenge() == 'Bearer realm="decision-gate"'


def test_no_token_is_kept_in_memory():
    authenticator = BearerTokenAuthenticator([TOKEN], Principals(()))

    assert TOKEN not in repr(vars(authenticator))
