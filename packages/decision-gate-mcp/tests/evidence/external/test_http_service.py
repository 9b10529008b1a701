"""A provider that is asked over HTTP; a redirect is a failure, and nobody else gets the token (contract §7.7, X8)."""

import contextlib
import gzip
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from decision_gate.core.json import parse
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config.errors import InvalidConfigError
from decision_gate.mcp.evidence.external.http_service import open_http_service

BOUND = 60
QUERY = EvidenceQuery(provider_id="ext", check_id="v", params={"a": 1})
RESULT = b'{"result": {"content": [{"type": "json", "json": {"value": {"kind": "json", "value": true}}}]}}'


class Handler(BaseHTTPRequestHandler):
    """Keeps what it is sent and answers what the test wants."""

    def do_POST(self):
        self.server.asked.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
        status, headers, body = self.server.reply
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_details):
        """Say nothing."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.reply = [], (200, {}, RESULT)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(BOUND)


@contextmanager
def service(server, token=None):
    url = f"http://127.0.0.1:{server.server_port}/ask"
    with open_http_service(url, token, connect_timeout_ms=1000, request_timeout_ms=5000) as opened:
        yield opened


def ask(opened, correlation_id=None):
    context = EvidenceContext(
        tenant_id=1,
        namespace_id=1,
        run_id="run",
        scenario_id="scenario",
        stage_id="stage",
        trigger_id="trigger",
        trigger_time=UnixMillis(7),
        correlation_id=correlation_id,
    )
    return opened.query(QUERY, context)


def test_a_service_is_sent_the_token_and_the_correlation_id_and_its_result_is_the_answer(server):
    with service(server, "secret") as opened:
        result = ask(opened, "c-1")

    [(headers, body)] = server.asked
    assert result == EvidenceResult(value=JsonEvidence(value=True))
    assert (headers["Authorization"], headers["x-correlation-id"], headers["content-type"]) == (
        "Bearer secret",
        "c-1",
        "application/json",
    )
    assert (parse(body)["id"], parse(body)["params"]["arguments"]["query"]["params"]) == ("c-1", {"a": 1})


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ((503, {}, b""), "http request failed with status 503 Service Unavailable"),
        ((307, {"Location": "/other"}, b""), "http request failed with status 307 Temporary Redirect"),
        ((200, {"Content-Length": "1048577"}, b""), "http response too large"),
        ((200, {"Content-Length": "9"}, b"{}"), "http response read failed"),
        ((200, {}, b"{"), "invalid json-rpc response"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(RESULT)), "invalid json-rpc response"),
    ],
)
def test_what_is_no_answer_is_a_failure_in_the_words_of_the_contract(server, reply, message):
    server.reply = reply

    with service(server) as opened, pytest.raises(EvidenceProviderFailureError) as failure:
        ask(opened)

    assert (failure.value.message, len(server.asked)) == (message, 1)


def test_a_token_that_no_header_can_carry_stops_the_start(server):
    with pytest.raises(InvalidConfigError) as failure, service(server, "sécret"):
        pass

    assert str(failure.value) == "invalid config: http client build failed"


@pytest.mark.parametrize(
    ("beginning", "message"),
    [(b"", "http request timed out"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", "http response timed out")],
)
def test_a_response_that_drips_past_the_time_of_the_whole_request_is_given_up(beginning, message):
    """Each byte comes long before the limit of a single read; head and body alike end with the whole."""
    is_over = threading.Event()

    def drip(listener):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(beginning)
            for byte in b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 1000:
                if is_over.wait(0.02):
                    return
                with contextlib.suppress(OSError):  # the client has hung up
                    connection.sendall(bytes([byte]))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with (
            open_http_service(url, None, connect_timeout_ms=500, request_timeout_ms=500) as opened,
            pytest.raises(EvidenceProviderFailureError) as failure,
        ):
            ask(opened)
        is_over.set()
        thread.join(BOUND)

    assert failure.value.message == message
