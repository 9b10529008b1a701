"""Authentication by being on this machine (contract §4.1)."""

import attrs
import pytest

from decision_gate.mcp.hooks.errors import UnauthenticatedError
from decision_gate.mcp.hooks.local_only import LocalOnlyAuthenticator
from decision_gate.mcp.hooks.principal_table import Principals
from decision_gate.mcp.testing import AuthenticatorBench, AuthenticatorConformance
from decision_gate.mcp.testing.principals import request_context


class TestLocalOnlyAuthenticator(AuthenticatorConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        return AuthenticatorBench(
            authenticator=LocalOnlyAuthenticator(Principals(())),
            admitted=request_context(),
            unrecognised=tuple(
                request_context(peer_ip=peer, auth_header="Bearer t")
                for peer in ("10.0.0.1", "::ffff:127.0.0.1", "fe80::1", None, "", "localhost")
            ),
        )


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.255.255.254", "::1"])
def test_a_loopback_peer_is_the_principal_loopback(peer):
    principal = LocalOnlyAuthenticator(Principals(())).authenticate(request_context(peer_ip=peer))

    assert (principal.id, principal.method, principal.subject) == ("loopback", "local", "loopback")


def test_stdio_needs_no_peer():
    request = attrs.evolve(request_context(peer_ip=None), transport="stdio")

    assert LocalOnlyAuthenticator(Principals(())).authenticate(request).id == "stdio"


def test_a_mapped_loopback_address_is_refused_because_a_relay_may_have_made_it():
    with pytest.raises(UnauthenticatedError):
        LocalOnlyAuthenticator(Principals(())).authenticate(request_context(peer_ip="::ffff:127.0.0.1"))


def test_there_is_no_challenge():
    assert LocalOnlyAuthenticator(Principals(())).challenge() is None
