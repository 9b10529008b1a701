"""The same over HTTP and standard input, and who somebody is by a certificate (contract §4.8 HD-6)."""

import ssl

import pytest
from deployment import surfaces
from deployment.callers import FramedCaller, RpcCaller, told
from deployment.stdio import stdio_session
from deployment.surfaces import Things
from harness import documents
from harness.certificates import Authority
from harness.rpc import Client

UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")


def test_http_and_standard_input_give_equal_answers_to_a_key(estate):
    tenant = estate.tenant("parity")
    about = Things.of(tenant, "parity")
    arguments = surfaces.tools(about)
    with (
        Client(estate.server.port, token=tenant.key) as client,
        stdio_session(estate.deployment, tenant.key) as session,
    ):
        for tool in ("scenario_define", "scenario_start"):
            client.call(tool, arguments[tool])
        callers = (RpcCaller(client), FramedCaller(session))
        listed = [
            told(answer).text
            for answer in (
                client.post(documents.envelope("tools/list", None)),
                session.exchange(documents.envelope("tools/list", None)),
            )
        ]
        answers = [
            [caller.ask(tool, arguments[tool]).text for tool in ("scenario_define", "scenario_status", "schemas_get")]
            for caller in callers
        ]

    assert listed[0] == listed[1]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_subject_of_a_certificate_reaches_its_tenant_alone_and_plain_http_nothing(deployment, tmp_path):
    """Contract §4.2 P1-10, deviation X1: the subject is the principal, the database says what it may."""
    own, other = deployment.boss, deployment.provision("other")
    deployment.cloud(
        *("principal", "create", "--tenant-id", own.tenant_id, "--principal-id", "CN=agent", "--name", "agent")
    )
    deployment.cloud(
        *("grant", "put", "--tenant-id", own.tenant_id, "--principal-id", "CN=agent", "--roles", "NamespaceWriter")
    )
    authority = Authority(tmp_path / "authority")
    certificate, private = authority.vouch("server")
    agent, stranger = (authority.client(authority.vouch(name)) for name in ("agent", "stranger"))
    tls = {"cert_path": str(certificate), "key_path": str(private), "client_ca_path": str(authority.path)}
    auth = {"mode": "mtls", "mtls_subjects": ["CN=agent", "CN=stranger"]}
    server = deployment.serve({"server": {"tls": tls, "auth": auth}, "authenticator": None}, tls=agent)
    spoofed = {"x-decision-gate-client-subject": "CN=agent"}

    with Client(server.port, tls=agent) as client, Client(server.port, tls=stranger) as unmapped:
        mine, theirs = client.send("scenarios_list", own.place), client.send("scenarios_list", other.place)
        unknown = unmapped.post(documents.call("scenarios_list", own.place), spoofed)
    with pytest.raises((ssl.SSLError, ConnectionError)), Client(server.port, tls=authority.client()) as nobody:
        nobody.send("scenarios_list", own.place)
    with pytest.raises((OSError, ValueError, ConnectionError)) as plain, Client(server.port) as client:
        client.send("scenarios_list", own.place)

    assert (mine.status, theirs.error, unknown.error) == (200, UNAUTHORIZED, UNAUTHORIZED)
    assert plain.value is not None
