"""``decision-gate serve`` as a process: what it refuses, how it answers, how it ends (contract §11)."""

import contextlib
import datetime as dt
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from decision_gate.core.json import parse
from decision_gate.mcp.testing.ports import reserved_port

START_SECONDS = 120
STOP_SECONDS = 60
PROGRAM = [sys.executable, "-c", "from decision_gate.mcp.cli.main import main; main()", "serve"]
LIST = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def run(*arguments, cwd, environment=None, stdin=b""):
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=os.environ | (environment or {}),
        input=stdin,
        capture_output=True,
        timeout=START_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "last_line"),
    [
        (None, "Failed to load config: config io error: decision-gate.toml: No such file or directory"),
        (
            "[server]\nmax_body_bytes = 0",
            "Failed to load config: invalid config: max_body_bytes must be greater than zero",
        ),
        (
            '[server]\ntransport = "http"\nbind = "0.0.0.0:1"\nauth = { mode = "bearer_token", bearer_tokens = ["t"] }',
            (
                "Refusing to bind to non-loopback address 0.0.0.0:1. "
                "Set --allow-non-loopback or DECISION_GATE_ALLOW_NON_LOOPBACK=1 to opt in."
            ),
        ),
        (
            '[run_state_store]\ntype = "sqlite"\npath = "."',
            None,
        ),
    ],
)
def test_a_server_that_cannot_start_says_why_in_its_last_line_and_ends_with_1(tmp_path, text, last_line):
    if text is not None:
        (tmp_path / "decision-gate.toml").write_text(text, encoding="utf-8")

    ended = run(cwd=tmp_path)

    lines = ended.stderr.decode().splitlines()
    assert ended.returncode == 1
    assert ended.stdout == b""
    if last_line is None:
        assert lines[-1].startswith("Failed to initialize MCP server: ")
    else:
        assert lines[-1] == last_line


def test_stdio_answers_frames_until_its_input_ends(tmp_path):
    (tmp_path / "decision-gate.toml").write_text("", encoding="utf-8")

    ended = run(cwd=tmp_path, stdin=b"Content-Length: %d\r\n\r\n%b" % (len(LIST), LIST))

    head, _, body = ended.stdout.partition(b"\r\n\r\n")
    assert head == b"Content-Length: %d" % len(body)
    assert parse(body)["result"]["tools"][0]["name"] == "scenario_define"
    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines()[-1] == "MCP server failed: transport error: stdio closed"


@contextlib.contextmanager
def serving(folder, config):
    """Start a server on a free port and give the port once it accepts connections; stop it at the end."""
    with reserved_port() as port:
        (folder / "decision-gate.toml").write_text(config.replace("<port>", str(port)), encoding="utf-8")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(PROGRAM, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            for _ in range(START_SECONDS * 20):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.05)
                    raise AssertionError((folder / "log").read_text(encoding="utf-8"))
            yield port, process
        finally:
            process.kill()
            process.wait(STOP_SECONDS)


def post(connection, body=LIST, **headers):
    connection.request("POST", "/rpc", body, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read()), dict(response.getheaders())


def test_http_answers_on_one_connection_and_an_interrupt_ends_it_in_order(tmp_path):
    with serving(tmp_path, '[server]\ntransport = "http"\nbind = "127.0.0.1:<port>"\n') as (port, process):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        answers = [post(connection) for _ in range(2)]
        connection.close()
        process.send_signal(signal.SIGTERM)

        assert process.wait(STOP_SECONDS) in (0, -signal.SIGTERM)

    assert [status for status, _, _ in answers] == [200, 200]
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert log.startswith("Info: local_only authentication")
    assert '"event":"mcp_request"' in log


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "decision-gate.toml").write_text(
            f'[server]\ntransport = "http"\nbind = "127.0.0.1:{port}"\n', encoding="utf-8"
        )

        ended = run(cwd=tmp_path)

    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines()[-1] == (
        "MCP server failed: transport error: http bind failed: address already in use"
    )


def certificate(folder, name, common_name, issuer=None):
    """Write a key and a certificate; without issuer it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    issuer_name, issuer_key = (subject, key) if issuer is None else issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + dt.timedelta(days=36_500))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    )
    signed = builder.sign(issuer_key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return subject, key


def test_the_subject_of_a_client_certificate_is_the_caller_and_a_header_is_not(tmp_path):
    authority = certificate(tmp_path, "ca", "Test CA")
    certificate(tmp_path, "server", "localhost", authority)
    certificate(tmp_path, "agent", "agent", authority)
    certificate(tmp_path, "stranger", "stranger", authority)
    config = (
        '[server]\ntransport = "http"\nbind = "127.0.0.1:<port>"\n'
        '[server.auth]\nmode = "mtls"\nmtls_subjects = ["CN=agent"]\n'
        '[server.tls]\ncert_path = "server.pem"\nkey_path = "server.key"\nclient_ca_path = "ca.pem"\n'
    )

    def status(port, name, **headers):
        tls = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        tls.load_cert_chain(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=START_SECONDS, context=tls)
        with contextlib.closing(connection):
            return post(connection, **headers)[0]

    with serving(tmp_path, config) as (port, _):
        assert status(port, "agent") == 200
        assert status(port, "stranger") == 403
        assert status(port, "stranger", **{"x-decision-gate-client-subject": "CN=agent"}) == 403


def test_a_client_that_starts_the_server_itself_gets_stdio_from_an_http_configuration_in_another_folder(tmp_path):
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "decision-gate.toml").write_text(
        '[server]\ntransport = "http"\nbind = "127.0.0.1:1"\n[run_state_store]\ntype = "sqlite"\npath = "runs.db"\n',
        encoding="utf-8",
    )

    frame = b"Content-Length: %d\r\n\r\n%b" % (len(LIST), LIST)
    ended = run("--folder", str(folder), "--transport", "stdio", cwd=tmp_path, stdin=frame)

    assert b'"scenario_define"' in ended.stdout
    assert (folder / "runs.db").exists()


def test_stdio_is_refused_where_callers_have_tokens(tmp_path):
    (tmp_path / "decision-gate.toml").write_text(
        '[server]\ntransport = "http"\nbind = "127.0.0.1:1"\nauth = { mode = "bearer_token", bearer_tokens = ["t"] }\n',
        encoding="utf-8",
    )

    ended = run("--transport", "stdio", cwd=tmp_path)

    assert ended.stderr.decode() == (
        "Failed to load config: invalid config: stdio transport only supports local_only auth\n"
    )
