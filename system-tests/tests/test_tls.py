"""TLS ended by the server: who the caller is, is what its verified certificate says (contract §11.3, deviation X1)."""

import ssl

import pytest
from harness import documents
from harness.certificates import Authority
from harness.rpc import Client

LIST = documents.envelope("tools/list", None)
UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
SPOOFED = {"x-decision-gate-client-subject": "CN=agent"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="module")
def agent(authority):
    """What the one listed caller shows."""
    return authority.client(authority.vouch("agent"))


@pytest.fixture(scope="module")
def server(shared_serve, authority, agent):
    """A server that demands certificates and knows one subject."""
    certificate, key = authority.vouch("server")
    tls = {"cert_path": str(certificate), "key_path": str(key), "client_ca_path": str(authority.path)}
    auth = {"mode": "mtls", "mtls_subjects": ["CN=agent"]}
    return shared_serve({"server": {"tls": tls, "auth": auth}}, tls=agent)


def answer_to(server, context, headers=None):
    with Client(server.port, tls=context, timeout_s=20) as client:
        return client.post(LIST, headers)


def test_a_listed_subject_is_served(server, agent):
    assert answer_to(server, agent).status == 200


def test_another_subject_of_the_same_authority_is_refused_whatever_its_header_says(server, authority):
    other = authority.client(authority.vouch("other"))

    assert answer_to(server, other).error == UNAUTHORIZED
    assert answer_to(server, other, SPOOFED).error == UNAUTHORIZED


def test_nobody_is_served_without_a_certificate_of_the_authority(server, authority, tmp_path):
    stranger = Authority(tmp_path / "stranger").vouch("agent")

    for certificate in (None, stranger):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            answer_to(server, authority.client(certificate), SPOOFED)
