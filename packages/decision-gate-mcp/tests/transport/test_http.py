"""The HTTP application (contract §1.3 – §1.7, §1.14, deviations X2, X3, X10, W2)."""

import asyncio
import threading

import attrs
import pytest

from decision_gate.core.json import parse, plain
from decision_gate.core.ports import StoreUnavailableError
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import local_principal, open_test_server
from decision_gate.mcp.testing.asgi import HttpRequest, ask_app, exchange
from decision_gate.mcp.transport.serving import opened_app

BASE = '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n'
HOST = (b"host", b"127.0.0.1:4000")
LIST = plain({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
WAIT_SECONDS = 60


@pytest.fixture
def serving():
    """Return a function that opens an application from the text of a configuration."""
    stack = []

    def opened(toml=BASE, seams=None):
        server = open_test_server(toml, seams)
        test_server = server.__enter__()
        app = opened_app(test_server.host)
        stack.extend([server, app])
        return test_server, app.__enter__()

    yield opened
    for context in reversed(stack):
        context.__exit__(None, None, None)


def rpc(*headers, body=LIST, **options):
    return HttpRequest(headers=(HOST, *headers), body=(body,), **options)


def error(answer):
    return parse(answer.body)["error"]


def test_a_reply_is_json_with_the_servers_correlation_id(serving):
    _, app = serving()

    answer = ask_app(app, rpc())

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["x-server-correlation-id"].endswith("-0000000000000001")
    assert set(answer.headers) == {"content-type", "content-length", "x-server-correlation-id"}


def test_in_sse_mode_a_reply_is_one_event_with_the_same_status(serving):
    _, app = serving(BASE.replace('"http"', '"sse"'))

    answer = ask_app(app, rpc(body=b"[]"))

    assert answer.status == 400
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.body.startswith(b'data: {"jsonrpc":"2.0","id":null,"error":')
    assert answer.body.endswith(b"\n\n")
    assert answer.body.count(b"\n") == 2


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/rpc", 405), ("PUT", "/rpc", 405), ("POST", "/", 404), ("POST", "/rpc/", 404), ("GET", "/nope", 404)],
)
def test_other_methods_and_paths_are_refused_without_a_body(serving, method, path, status):
    _, app = serving()

    answer = ask_app(app, HttpRequest(method=method, path=path))

    assert (answer.status, answer.body, answer.headers.get("allow")) == (status, b"", "POST" if status == 405 else None)


def test_health_answers_without_authentication_and_outside_the_audit(serving):
    server, app = serving()
    server.sink.events.clear()

    answers = [ask_app(app, HttpRequest(method="GET", path=path, peer="10.0.0.1")) for path in ("/healthz", "/readyz")]

    assert [(answer.status, answer.body) for answer in answers] == [
        (200, b'{"status":"ok"}'),
        (200, b'{"status":"ready"}'),
    ]
    assert server.sink.events == []


def test_a_store_that_cannot_commit_makes_the_server_not_ready():
    def broken():
        raise StoreUnavailableError("disk full")

    with open_test_server(BASE) as server:
        stores = server.host.stores
        runs = type("Runs", (), {"ready": staticmethod(broken)})()
        host = attrs.evolve(server.host, stores=attrs.evolve(stores, runs=runs))
        with opened_app(host) as app:
            answer = ask_app(app, HttpRequest(method="GET", path="/readyz"))

    assert (answer.status, answer.body) == (503, b'{"status":"not_ready"}')


@pytest.mark.parametrize("headers", [(), ((b"content-length", b"5000"),)])
def test_a_body_over_the_limit_is_refused_declared_or_streamed(serving, headers):
    _, app = serving(BASE + "max_body_bytes = 100\n")
    request = HttpRequest(headers=(HOST, *headers), body=(b"x" * 60, b"x" * 60))

    answer = ask_app(app, request)

    assert answer.status == 413
    assert error(answer)["code"] == -32070
    assert "too large" in error(answer)["message"]


def test_a_body_of_exactly_the_limit_is_read_in_any_chunks(serving):
    _, app = serving(BASE + f"max_body_bytes = {len(LIST)}\n")

    answer = ask_app(app, HttpRequest(headers=(HOST,), body=tuple(LIST[i : i + 7] for i in range(0, len(LIST), 7))))

    assert answer.status == 200


def test_a_client_that_hangs_up_is_not_answered(serving):
    _, app = serving()

    assert asyncio.run(exchange(app, HttpRequest(headers=(HOST,), body=(b"{",), ends=False))) is None


def test_a_clients_correlation_id_is_echoed_in_its_trimmed_form_also_with_an_error(serving):
    server, app = serving()

    answer = ask_app(app, rpc((b"x-correlation-id", b" abc "), (b"x-correlation-id", b"later"), body=b"{}"))

    assert answer.status == 400
    assert answer.headers["x-correlation-id"] == "abc"
    assert server.sink.named("mcp_request")[-1].members["unsafe_client_correlation_id"] == "abc"


@pytest.mark.parametrize(
    ("value", "label"),
    [(b"", "empty_after_trim"), (b"a/b", "contains_disallowed_char"), (b"\xe9", "non_ascii"), (b"a\x01", "non_ascii")],
)
def test_a_refused_correlation_id_is_named_in_the_audit_only(serving, value, label):
    server, app = serving()

    answer = ask_app(app, rpc((b"x-correlation-id", value)))

    assert answer.status == 400
    assert parse(answer.body) == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {
            "code": -32073,
            "message": "invalid correlation id",
            "data": {"kind": "invalid_correlation_id", "retryable": False, "request_id": None},
        },
    }
    assert "x-server-correlation-id" in answer.headers
    assert "x-correlation-id" not in answer.headers
    [event] = server.sink.named("security_audit")
    assert (event.members["kind"], event.members["message"], event.members["unsafe_client_correlation_id"]) == (
        "invalid_correlation_id",
        f"correlation_id_rejected: {label}",
        None,
    )
    assert server.sink.named("mcp_request")[-1].members["method"] == "Invalid"


@pytest.mark.parametrize("host", [b"127.0.0.1", b"localhost:4000", b"LOCALHOST", b"[::1]:4000", b"127.0.0.9:80"])
def test_a_local_server_answers_to_loopback_names(serving, host):
    _, app = serving()

    assert ask_app(app, HttpRequest(headers=((b"host", host),), body=(LIST,))).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        ((b"host", b"evil.example"),),
        ((b"host", b"127.0.0.1.evil.example"),),
        ((b"host", b"localhost.evil.example:4000"),),
        (),
        (HOST, (b"origin", b"http://evil.example")),
        (HOST, (b"origin", b"null")),
        (HOST, (b"origin", b"http://127.0.0.1:4000")),
    ],
)
def test_a_rebound_name_and_a_web_page_are_forbidden_before_anything_is_read(serving, headers):
    server, app = serving()

    answer = ask_app(app, HttpRequest(headers=headers, body=(LIST,)))

    assert answer.status == 403
    assert error(answer)["message"] == "unauthorized"
    assert server.sink.named("security_audit")[-1].members["kind"] == "forbidden_origin"
    assert server.sink.named("mcp_tool_authz") == []


def test_configured_origins_and_hosts_are_allowed(serving):
    _, app = serving(BASE + 'allowed_origins = ["https://app.example"]\nallowed_hosts = ["gate.example"]\n')

    def status(host, origin):
        headers = ((b"host", host), (b"origin", origin))
        return ask_app(app, HttpRequest(headers=headers, body=(LIST,))).status

    assert status(b"gate.example:443", b"https://app.example") == 200
    assert status(b"127.0.0.1:4000", b"https://app.example") == 403
    assert status(b"gate.example", b"https://app.example.evil") == 403


BEARER = BASE + '[server.auth]\nmode = "bearer_token"\nbearer_tokens = ["secret-token"]\n'


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((b"authorization", b"Bearer wrong"),),
        ((b"authorization", b"Bearer secret-token\xe9"),),
        ((b"authorization", b"Bearer wrong"), (b"authorization", b"Bearer secret-token")),
    ],
)
def test_an_unauthenticated_caller_is_challenged(serving, headers):
    server, app = serving(BEARER)

    answer = ask_app(app, rpc(*headers))

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="decision-gate"'
    assert error(answer)["code"] == -32001
    [event] = [found for found in server.sink.events if found.is_denial]
    assert "secret-token" not in str(event.members)


def test_a_bearer_is_admitted_from_any_host_and_address(serving):
    _, app = serving(BEARER)
    headers = ((b"host", b"gate.example"), (b"authorization", b"Bearer secret-token"))

    assert ask_app(app, HttpRequest(headers=headers, body=(LIST,), peer="10.0.0.1")).status == 200


def test_a_local_server_has_no_challenge(serving):
    _, app = serving()

    answer = ask_app(app, rpc(peer="10.0.0.1"))

    assert answer.status == 401
    assert "www-authenticate" not in answer.headers


def test_a_forwarded_address_is_not_believed(serving):
    _, app = serving()

    assert ask_app(app, rpc((b"x-forwarded-for", b"127.0.0.1"), peer="10.0.0.1")).status == 401


MTLS = BASE + 'trusted_proxies = ["10.0.0.0/8"]\n[server.auth]\nmode = "mtls"\nmtls_subjects = ["CN=agent"]\n'
SUBJECT = (b"x-decision-gate-client-subject", b"CN=agent")


@pytest.mark.parametrize(("peer", "status"), [("10.1.2.3", 200), ("127.0.0.1", 401), ("11.0.0.1", 401), (None, 401)])
def test_a_subject_header_counts_only_from_a_trusted_proxy(serving, peer, status):
    _, app = serving(MTLS)

    assert ask_app(app, rpc(SUBJECT, peer=peer)).status == status


def test_the_subject_of_a_verified_certificate_is_stronger_than_the_header(serving):
    _, app = serving(MTLS)
    state = {"decision_gate.client_subject": "CN=agent"}

    assert ask_app(app, rpc(state=state, peer="11.0.0.1")).status == 200
    state = {"decision_gate.client_subject": "CN=other"}
    assert ask_app(app, rpc(SUBJECT, state=state, peer="10.1.2.3")).status == 403


def test_a_rate_limit_answers_429_and_when_to_come_again(serving):
    server, app = serving(BASE + "[server.limits.rate_limit]\nmax_requests = 1\nwindow_ms = 1500\n")
    assert ask_app(app, rpc()).status == 200

    answer = ask_app(app, rpc())

    assert answer.status == 429
    assert error(answer)["data"] == {
        "kind": "rate_limited",
        "retryable": True,
        "request_id": None,
        "retry_after_ms": 1500,
    }
    assert answer.headers["retry-after"] == "2"
    server.clock.advance(1500)
    assert ask_app(app, rpc()).status == 200


def test_rotating_bogus_tokens_mints_no_bucket(serving):
    _, app = serving(BEARER + "[server.limits.rate_limit]\nmax_requests = 2\n")

    statuses = [ask_app(app, rpc((b"authorization", f"Bearer bogus-{number}".encode()))).status for number in range(3)]

    assert statuses == [401, 401, 429]


@pytest.mark.parametrize(("value", "count"), [(b" k ", 1), (b"x" * 255, 1), (b"x" * 256, 2), (b"\xe9", 2), (b" ", 2)])
def test_an_idempotency_key_that_cannot_be_one_is_as_if_it_were_not_there(serving, value, count):
    server, app = serving()
    params = {"name": "scenarios_list", "arguments": {"tenant_id": 7, "namespace_id": 12}}
    body = plain({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})

    statuses = [ask_app(app, rpc((b"idempotency-key", value), body=body)).status for _ in range(2)]

    assert statuses == [200, 200]
    assert len(server.meter.table.bodies) == count


class Gate:
    """An authenticator that holds its callers until the test lets them go."""

    def __init__(self):
        self.arrived = threading.Semaphore(0)
        self.open = threading.Event()

    def authenticate(self, request):
        self.arrived.release()
        assert self.open.wait(WAIT_SECONDS)
        return attrs.evolve(local_principal(), subject=request.peer_ip)

    def challenge(self):
        return None


def test_more_requests_than_may_be_in_flight_are_refused_and_the_others_are_finished(serving):
    gate = Gate()
    _, app = serving(BASE + "[server.limits]\nmax_inflight = 2\n", Seams(authenticator=gate))

    async def scene():
        held = [asyncio.create_task(exchange(app, rpc())) for _ in range(2)]
        for _ in held:
            assert await asyncio.to_thread(gate.arrived.acquire, timeout=WAIT_SECONDS)
        refused = await exchange(app, rpc())
        ready = await exchange(app, HttpRequest(method="GET", path="/readyz"))
        gate.open.set()
        finished = await asyncio.wait_for(asyncio.gather(*held), WAIT_SECONDS)
        return refused, ready, finished, await exchange(app, rpc())

    refused, ready, finished, after = asyncio.run(scene())

    assert (refused.status, error(refused)["code"], error(refused)["message"]) == (503, -32072, "server overloaded")
    assert refused.headers["retry-after"] == "1"
    assert ready.status == 200
    assert [answer.status for answer in (*finished, after)] == [200, 200, 200]


def test_a_cancelled_request_keeps_its_place_until_its_thread_ends(serving):
    gate = Gate()
    _, app = serving(BASE + "[server.limits]\nmax_inflight = 1\n", Seams(authenticator=gate))

    async def scene():
        held = asyncio.create_task(exchange(app, rpc()))
        assert await asyncio.to_thread(gate.arrived.acquire, timeout=WAIT_SECONDS)
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)
        refused = await exchange(app, rpc())
        gate.open.set()
        for _ in range(1000):
            answer = await exchange(app, rpc())
            if answer.status == 200:
                return refused, answer
            await asyncio.sleep(0.01)
        return refused, None

    refused, answer = asyncio.run(scene())

    assert refused.status == 503
    assert answer is not None
