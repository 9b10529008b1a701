"""Whose share a request is admitted into (deviation X2)."""

import httpx
import pytest

from decision_gate.mcp.hooks.request import RequestContext, Sender
from decision_gate.mcp.testing.calls import listing
from decision_gate.mcp.testing.mcp_http import ORIGIN, modern_post, open_mcp_server
from decision_gate.mcp.transport import shares as module
from decision_gate.mcp.transport.shares import Origin, ShareName, Shares

PEER = ShareName("peer", "10.0.0.1")
SEVEN = ShareName("tenant", "7")
LOOPBACK = Origin(client=("127.0.0.1", 5000), credential=None)
"""What the test client of MCP is."""


def origin(port=1, auth=None, subject=None):
    request = RequestContext(
        transport="http", server_correlation_id="c", auth_header=auth, client_subject=subject, peer_ip="10.0.0.1"
    )
    return Origin.of(("10.0.0.1", port), request)


@pytest.fixture
def shares():
    known = Shares()
    known.learn(origin(1, "Bearer a"), Sender(("tenant", "7")))
    return known


def test_a_stranger_is_in_the_share_of_its_address_whatever_it_invents(shares):
    found = {shares.of(origin(port, f"Bearer bogus-{port}")) for port in range(100)}

    assert found == {PEER}


def test_a_connection_and_a_credential_are_what_they_turned_out_to_be(shares):
    assert [shares.of(origin(1, "Bearer a")), shares.of(origin(2, "Bearer a"))] == [SEVEN, SEVEN]


def test_another_credential_on_the_same_connection_is_somebody_else(shares):
    shares.learn(origin(1, "Bearer b"), Sender(("principal", "p")))

    assert shares.of(origin(1, "Bearer a")) == SEVEN
    assert shares.of(origin(1, "Bearer b")) == ShareName("principal", "p")


def test_without_credentials_connections_are_told_apart(shares):
    shares.learn(origin(3), Sender(("tenant", "8")))

    assert [shares.of(origin(3)), shares.of(origin(4))] == [ShareName("tenant", "8"), PEER]


def test_the_subject_of_a_certificate_is_a_credential(shares):
    shares.learn(origin(5, subject="CN=a"), Sender(("tenant", "9")))

    assert shares.of(origin(6, subject="CN=a")) == ShareName("tenant", "9")


def test_who_was_not_let_in_is_not_remembered(shares):
    shares.learn(origin(9, "Bearer bogus"), Sender())

    assert shares.of(origin(9, "Bearer bogus")) == PEER


def test_what_is_remembered_is_bounded_and_the_oldest_goes(shares, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 2)
    for port in (11, 12):
        shares.learn(origin(port), Sender(("tenant", "8")))

    assert shares.of(origin(11)) == ShareName("tenant", "8")
    shares.learn(origin(13), Sender(("tenant", "8")))
    assert shares.of(origin(11)) == PEER


def test_no_credential_is_kept(shares):
    assert "Bearer a" not in repr(shares)


@pytest.mark.parametrize("path", ["/rpc", "/mcp"])
def test_who_was_let_in_is_known_to_both_entrances_when_it_comes_again(path):
    call = {"name": "scenarios_list", "arguments": listing()}
    rpc = httpx.Request(
        "POST", f"{ORIGIN}/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    )
    with open_mcp_server() as served:
        [endpoint] = [route.endpoint for route in served.app.routes if route.path == path]
        before = endpoint.shares.of(LOOPBACK)
        served.send(rpc if path == "/rpc" else modern_post("tools/call", call))

        after = [route.endpoint.shares.of(LOOPBACK) for route in served.app.routes if route.path in {"/rpc", "/mcp"}]

    assert before == ShareName("peer", "127.0.0.1")
    assert after == [SEVEN, SEVEN]
