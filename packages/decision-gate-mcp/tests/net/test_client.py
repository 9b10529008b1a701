"""The client of a service that the configuration names: guarded connections, careful redirects (deviation X8)."""

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from decision_gate.mcp.net.client import MAX_REDIRECTS, guarded_client, redirected
from decision_gate.mcp.net.pinned import Deadline

BOUND = 60
"""Seconds after which a test gives up."""


class Handler(BaseHTTPRequestHandler):
    """Answers as the test wants, by path."""

    def do_GET(self):
        self.server.asked.append((self.headers["host"].partition(":")[0], self.path, self.headers["authorization"]))
        location = self.server.redirects.get(self.path)
        self.send_response(200 if location is None else 302)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_details):
        """Say nothing."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.redirects = [], {}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(BOUND)


@contextmanager
def client(server, answers, *, token=None):
    """Yield a client of ``named.test`` and what was resolved; *answers* are addresses by host."""
    resolved = []

    def resolve(host, _port):
        resolved.append(host)
        return answers[host]

    base = f"http://named.test:{server.server_port}"
    with guarded_client(base, token=token, timeout=httpx.Timeout(BOUND), resolve=resolve) as opened:
        yield opened, base, resolved


def get(opened, url, seconds=BOUND, monotonic=None):
    deadline = Deadline(seconds) if monotonic is None else Deadline(seconds, monotonic)
    with redirected(opened, opened.build_request("GET", url), deadline) as response:
        return response.status_code, response.read()


def test_the_named_host_may_be_private_and_the_connection_goes_to_the_address_that_was_judged(server):
    with client(server, {"named.test": ["127.0.0.1"]}) as (opened, base, resolved):
        answers = [get(opened, f"{base}/a"), get(opened, f"{base}/b")]

    assert (answers, resolved) == ([(200, b"ok"), (200, b"ok")], ["named.test"] * len(resolved))
    assert [path for _host, path, _token in server.asked] == ["/a", "/b"]


def test_a_redirect_to_an_address_that_is_not_public_is_not_followed(server):
    server.redirects["/a"] = f"http://inside.test:{server.server_port}/secret"
    answers = {"named.test": ["127.0.0.1"], "inside.test": ["127.0.0.1"]}

    with client(server, answers, token="t") as (opened, base, resolved), pytest.raises(httpx.ConnectError) as refused:
        get(opened, f"{base}/a")

    assert str(refused.value) == "url host resolves to private or link-local address: inside.test"
    assert (resolved, server.asked) == (["named.test", "inside.test"], [("named.test", "/a", "Bearer t")])


def test_a_redirect_to_the_metadata_service_by_its_address_is_not_followed(server):
    server.redirects["/a"] = "http://169.254.169.254/latest/meta-data"
    answers = {"named.test": ["127.0.0.1"], "169.254.169.254": ["169.254.169.254"]}

    with client(server, answers, token="t") as (opened, base, _resolved), pytest.raises(httpx.ConnectError):
        get(opened, f"{base}/a")

    assert [path for _host, path, _token in server.asked] == ["/a"]


def test_a_redirect_within_the_origin_keeps_the_token_and_one_to_another_origin_loses_it(server):
    other = f"http://NAMED.test.:{server.server_port}/c"  # the same host to the guard, another origin to the client
    server.redirects.update({"/a": "/b", "/b": other})
    answers = {"named.test": ["127.0.0.1"], "named.test.": ["127.0.0.1"]}

    with client(server, answers, token="t") as (opened, base, _resolved):
        answer = get(opened, f"{base}/a")

    assert answer == (200, b"ok")
    assert [(path, token) for _host, path, token in server.asked] == [
        ("/a", "Bearer t"),
        ("/b", "Bearer t"),
        ("/c", None),
    ]


def test_redirects_end(server):
    server.redirects["/a"] = "/a"

    with client(server, {"named.test": ["127.0.0.1"]}) as (opened, base, _), pytest.raises(httpx.TooManyRedirects):
        get(opened, f"{base}/a")

    assert len(server.asked) == MAX_REDIRECTS + 1


def test_redirects_end_with_the_time_for_the_whole_answer(server):
    server.redirects["/a"] = "/a"
    answered = []

    with client(server, {"named.test": ["127.0.0.1"]}) as (opened, base, _):
        opened.event_hooks = {"response": [answered.append]}
        with pytest.raises(httpx.ReadTimeout):
            get(opened, f"{base}/a", seconds=1, monotonic=lambda: 2.0 * len(answered))

    assert len(server.asked) == 1


@pytest.mark.parametrize("answers", [[], ["nonsense"]])
def test_a_host_without_addresses_is_a_failed_connection(server, answers):
    with client(server, {"named.test": answers}) as (opened, base, _), pytest.raises(httpx.ConnectError):
        get(opened, base)


def test_the_next_address_is_tried_when_one_refuses(server):
    with client(server, {"named.test": ["127.0.0.9", "127.0.0.1"]}) as (opened, base, _resolved):
        assert get(opened, f"{base}/a") == (200, b"ok")


def test_a_certificate_is_checked_for_the_name_and_not_for_the_address():
    """The server shows a certificate of nobody that is trusted: the failure is told like any other."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        names = []
        context.sni_callback = lambda _socket, name, _context: names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"https://named.test:{server.server_port}"
        with (
            guarded_client(url, token=None, timeout=httpx.Timeout(BOUND), resolve=lambda *_: ["127.0.0.1"]) as opened,
            pytest.raises(httpx.ConnectError),
        ):
            get(opened, url)
        thread.join(BOUND)

    assert names == ["named.test"]
