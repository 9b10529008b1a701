"""Authentication by client certificate (contract §4.1, deviation X1)."""

import pytest

from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.mtls import MtlsAuthenticator
from decision_gate.mcp.hooks.principal_table import Principals
from decision_gate.mcp.testing import AuthenticatorBench, AuthenticatorConformance
from decision_gate.mcp.testing.principals import request_context


class TestMtlsAuthenticator(AuthenticatorConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        return AuthenticatorBench(
            authenticator=MtlsAuthenticator(["CN=agent"], Principals(())),
            admitted=request_context(client_subject="CN=agent"),
            unrecognised=(request_context(), request_context(auth_header="Bearer CN=agent")),
        )


@pytest.mark.parametrize("subject", ["CN=other", "cn=agent", " CN=agent", "CN=agent ", ""])
def test_a_subject_that_is_not_listed_exactly_is_unauthorized_not_unauthenticated(subject):
    with pytest.raises(UnauthorizedError) as refused:
        MtlsAuthenticator(["CN=agent"], Principals(())).authenticate(request_context(client_subject=subject))

    assert refused.value.reason == "client subject not authorized"


def test_a_listed_subject_is_the_principal_of_its_name():
    principal = MtlsAuthenticator(["CN=agent"], Principals(())).authenticate(request_context(client_subject="CN=agent"))

    assert (principal.id, principal.method, principal.subject) == ("CN=agent", "mtls_subject", "CN=agent")
