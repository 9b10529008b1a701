"""The ``http`` provider against real servers on this machine (contract §1.6, deviation X8)."""

import hashlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from decision_gate.core.model import (
    EvidenceAnchor,
    EvidenceContext,
    EvidenceQuery,
    EvidenceRef,
    EvidenceResult,
    JsonEvidence,
)
from decision_gate.core.ports.evidence import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.http_provider import HttpProvider, HttpSettings
from decision_gate.mcp.net.guard import AddressGuard
from decision_gate.mcp.testing.ports import reserved_port

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(0),
)
BOUND = 60
"""Seconds after which a test gives up."""


class Handler(BaseHTTPRequestHandler):
    """Answers by path and remembers what was asked."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        number = int(self.path.partition("?")[0].rpartition("/")[2])
        if self.path.startswith("/status/"):
            self.send_response(number)
            self.send_header("Location", "http://127.0.0.1:1/private")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * number
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_details):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(BOUND)


@pytest.fixture
def base(server):
    server.asked.clear()
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def answering():
    """Serve raw bytes: the parts are sent one after another, then the connection ends."""
    threads = []

    def serve(*parts, is_kept_open=False):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(BOUND)
        done = threading.Event()

        def answer():
            with listener:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(BOUND)
                    connection.recv(65536)
                    for part in parts:
                        if part is None:
                            done.wait(0.05)
                        else:
                            try:
                                connection.sendall(part)
                            except OSError:
                                return
                    if is_kept_open:
                        done.wait(BOUND)

        thread = threading.Thread(target=answer)
        thread.start()
        threads.append((thread, done))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield serve
    for thread, done in threads:
        done.set()
        thread.join(BOUND)
        assert not thread.is_alive()


def ask(check_id, params, *, guard=None, tls=None, **settings):
    provider = HttpProvider(
        HttpSettings(**{"allow_http": True, "allowed_hosts": ("127.0.0.1",), **settings}), guard=guard, tls=tls
    )
    return provider.query(EvidenceQuery(provider_id="http", check_id=check_id, params=params), CONTEXT)


def failure(check_id, params, **settings):
    with pytest.raises(EvidenceProviderFailureError) as caught:
        ask(check_id, params, **settings)
    return caught.value.message


def result(url, value):
    return EvidenceResult(
        value=JsonEvidence(value=value),
        evidence_ref=EvidenceRef(uri=url),
        evidence_anchor=EvidenceAnchor(anchor_type="url", anchor_value=url),
        content_type="application/json",
    )


def hash_of(body):
    return {"algorithm": "sha256", "value": hashlib.sha256(body).hexdigest()}


@pytest.mark.parametrize("status", [200, 204, 302, 404, 500, 599])
def test_every_status_is_an_answer_and_redirects_are_not_followed(server, base, status):
    url = f"{base}/status/{status}"

    assert ask("status", {"url": url}) == result(url, status)
    assert [path for path, _headers in server.asked] == [f"/status/{status}"]


def test_reference_and_anchor_are_the_normalised_url(server, base):
    url = f" HTTP{base.removeprefix('http')}/a/../status/200?q=a b#f"

    assert ask("status", {"url": url}) == result(f"{base}/status/200?q=a%20b#f", 200)
    assert [path for path, _headers in server.asked] == ["/status/200?q=a%20b"]


def test_a_request_says_who_asks_and_nothing_else(server, base):
    ask("status", {"url": f"{base}/status/200#fragment"}, user_agent="someone/1")

    assert server.asked == [
        ("/status/200", {"Host": base.removeprefix("http://"), "User-Agent": "someone/1", "Accept": "*/*"})
    ]


@pytest.mark.parametrize("size", [0, 1, 100])
def test_the_hash_is_that_of_the_body_up_to_the_limit(base, size):
    url = f"{base}/body/{size}"

    assert ask("body_hash", {"url": url}, max_response_bytes=100) == result(url, hash_of(b"x" * size))


def test_a_longer_body_is_refused_whether_it_is_declared_or_not(base, answering):
    streamed = answering(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 101)
    chunked = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", b"x" * 101, b"\r\n0\r\n\r\n")

    for url in (f"{base}/body/101", streamed, chunked):
        assert failure("body_hash", {"url": url}, max_response_bytes=100) == "http response exceeds size limit"


def test_the_status_does_not_depend_on_the_body(base, answering):
    endless = answering(b"HTTP/1.1 200 OK\r\n\r\n", is_kept_open=True)

    assert ask("status", {"url": f"{base}/body/101"}, max_response_bytes=100).value == JsonEvidence(value=200)
    assert ask("status", {"url": endless}).value == JsonEvidence(value=200)


def test_a_body_is_hashed_as_it_was_sent(answering):
    encoded = answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nraw")
    chunked = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")

    assert ask("body_hash", {"url": encoded}).value == JsonEvidence(value=hash_of(b"raw"))
    assert ask("body_hash", {"url": chunked}).value == JsonEvidence(value=hash_of(b"abcd"))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"], "http response truncated"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"], "failed to read response"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"], "http request failed"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"], "http request failed"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"], "http request failed"),
        ([b"nonsense\r\n\r\n"], "http request failed"),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000], "http request failed"),
        ([], "http request failed"),
    ],
)
def test_a_response_that_is_none_has_failed(answering, parts, message):
    assert failure("body_hash", {"url": answering(*parts)}) == message


def test_a_peer_that_drips_has_no_more_time_than_any_other(answering):
    drip = [part for _ in range(200) for part in (b"X: y\r\n", None)]
    headers = answering(b"HTTP/1.1 200 OK\r\n", *drip)
    body = answering(b"HTTP/1.1 200 OK\r\n\r\n", *drip)
    silent = answering(is_kept_open=True)

    assert failure("status", {"url": headers}, timeout_ms=200) == "http request failed"
    assert failure("status", {"url": silent}, timeout_ms=200) == "http request failed"
    # The head must have come before the time is over, also on a machine that is busy; the drip takes ten seconds.
    assert failure("body_hash", {"url": body}, timeout_ms=3000) == "failed to read response"


def test_a_port_that_nobody_listens_on_has_failed():
    with reserved_port() as port:
        assert failure("status", {"url": f"http://127.0.0.1:{port}/"}) == "http request failed"


def test_port_zero_has_failed_and_is_not_the_default_port():
    assert failure("status", {"url": "http://127.0.0.1:0/"}) == "http request failed"


@pytest.mark.parametrize(
    ("check_id", "params", "settings", "message"),
    [
        ("nothing", None, {}, "http check requires params"),
        ("nothing", [], {}, "http params must be an object"),
        ("nothing", {}, {}, "missing url param"),
        ("nothing", {"url": None}, {}, "url param must be a string"),
        ("nothing", {"url": "nonsense"}, {}, "invalid url"),
        ("nothing", {"url": "ftp://127.0.0.1/"}, {}, "unsupported url scheme"),
        ("nothing", {"url": "http://127.0.0.1/"}, {"allow_http": False}, "unsupported url scheme"),
        ("nothing", {"url": "http://u:p@127.0.0.1/"}, {}, "url credentials are not allowed"),
        ("nothing", {"url": "http://localhost/"}, {}, "url host not allowed"),
        ("nothing", {"url": "http://127.0.0.1.evil.test/"}, {}, "url host not allowed"),
        ("nothing", {"url": "http://127.0.0.1/"}, {"allowed_hosts": ()}, "url host not allowed"),
        ("nothing", {"url": "http://127.0.0.1/"}, {}, "unsupported http check"),
    ],
)
def test_what_may_not_be_asked_is_refused_in_order(check_id, params, settings, message):
    assert failure(check_id, params, **settings) == message


@pytest.mark.parametrize("listed", ["LOCALHOST.", "localhost"])
def test_hosts_are_listed_in_any_spelling(server, listed, monkeypatch):
    # A bare system has no hosts file that names itself.
    found = socket.getaddrinfo("127.0.0.1", server.server_port, type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: found)
    url = f"http://LocalHost:{server.server_port}/status/200"

    assert ask("status", {"url": url}, allowed_hosts=(listed,)).value == JsonEvidence(value=200)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
        ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1"),
        ("169.254.169.254", "169.254.169.254"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - asked, not bound
    ],
)
def test_without_a_list_only_public_addresses_are_asked(server, base, host, told):
    del base
    message = failure("status", {"url": f"http://{host}:{server.server_port}/status/200"}, allowed_hosts=None)

    assert message == f"url host resolves to private or link-local address: {told}"
    assert server.asked == []


def test_a_name_that_resolves_to_a_private_address_is_refused(server, base):
    del base
    guard = AddressGuard(resolve=lambda _host, _port: ["8.8.8.8", "127.0.0.1"])
    message = failure("status", {"url": f"http://host.test:{server.server_port}/"}, allowed_hosts=None, guard=guard)

    assert message == "url host resolves to private or link-local address: host.test"
    assert server.asked == []


def test_a_name_that_does_not_resolve_has_failed():
    def resolve(_host, _port):
        raise OSError("no such host")

    guard = AddressGuard(resolve=resolve)

    assert failure("status", {"url": "http://host.test/"}, allowed_hosts=None, guard=guard) == "http request failed"


def test_the_next_address_is_tried_when_one_refuses(server, base):
    del base
    guard = AddressGuard(
        permitted_hosts=frozenset(("host.test",)), resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"]
    )
    url = f"http://host.test:{server.server_port}/status/200"

    assert ask("status", {"url": url}, allowed_hosts=("host.test",), guard=guard).value == JsonEvidence(value=200)
    assert server.asked[0][1]["Host"] == f"host.test:{server.server_port}"


def test_proxies_of_the_environment_are_not_used(server, base, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")

    assert ask("status", {"url": f"{base}/status/200"}).value == JsonEvidence(value=200)
    assert len(server.asked) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Make a certificate of ``good.test`` that is its own root."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "good.test")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(now + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("good.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture(scope="module")
def tls_server(certificate):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.handle_error = lambda *_details: None  # refused handshakes are meant
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(BOUND)


@pytest.mark.parametrize(
    ("host", "is_trusted", "expected"),
    [
        ("good.test", True, 200),
        ("evil.test", True, "http request failed"),
        ("good.test", False, "http request failed"),
    ],
)
def test_a_certificate_is_that_of_the_name_and_not_of_the_address(tls_server, certificate, host, is_trusted, expected):
    guard = AddressGuard(permitted_hosts=frozenset((host,)), resolve=lambda _host, _port: ["127.0.0.1"])
    settings = {
        "guard": guard,
        "tls": ssl.create_default_context(cafile=certificate) if is_trusted else None,
        "allow_http": False,
        "allowed_hosts": (host,),
    }
    params = {"url": f"https://{host}:{tls_server.server_port}/status/200"}

    if expected == 200:
        assert ask("status", params, **settings).value == JsonEvidence(value=200)
    else:
        assert failure("status", params, **settings) == expected
