"""What is decided before a body counts: size, host, origin, correlation ids, load (contract §1.3, §1.6 to §1.8, X3)."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import documents
from harness.config import scripted
from harness.rpc import Client, raw_exchange
from harness.waiting import wait_until

TOO_LARGE = (413, -32070, "request_too_large", "request body too large")
UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
LIST = documents.envelope("tools/list", None)


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve({"server": {"max_body_bytes": 2000, "allowed_origins": ["https://console.example.org"]}})


def test_a_body_as_large_as_the_limit_passes_and_one_byte_more_does_not(client_of, server):
    client = client_of(server)

    fits = client.post(LIST + b" " * (2000 - len(LIST)))
    exceeds = client.post(LIST + b" " * (2001 - len(LIST)))

    assert fits.status == 200
    assert exceeds.error == TOO_LARGE
    assert exceeds.json["id"] is None


@pytest.mark.parametrize("declared", [2001, 2**40, 10**30])
def test_a_declared_length_over_the_limit_is_refused_before_anything_is_sent(server, declared):
    request = f"POST /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {declared}\r\n\r\n"

    answer = raw_exchange(server.port, request.encode())

    assert answer.split(b"\r\n")[0].split()[1] in (b"413", b"400")


def test_a_chunked_body_is_counted_while_it_comes(server):
    head = b"POST /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"3e8\r\n" + b" " * 1000 + b"\r\n"

    answer = raw_exchange(server.port, head + 3 * chunk)

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:4000", True),
        ("localhost:80", True),
        ("LOCALHOST", True),
        ("[::1]:4000", True),
        ("127.1.2.3", True),
        ("evil.example.org", False),
        ("localhost.evil.example.org", False),
        ("127.0.0.1.evil.example.org", False),
        ("127.0.0.1@evil.example.org", False),
        ("0.0.0.0", False),  # noqa: S104 - a name, nothing is bound
        ("<loopback>", False),
        ("", False),
    ],
)
def test_only_loopback_names_reach_a_local_server(client_of, server, host, is_allowed):
    answer = client_of(server).post(LIST, {"host": host})

    if is_allowed:
        assert answer.status == 200
    else:
        assert answer.error == UNAUTHORIZED


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://console.example.org", True),
        ("https://console.example.org:8443", False),
        ("http://console.example.org", False),
        ("https://evil.example.org", False),
        ("http://localhost:3000", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_listed_pages_may_call(client_of, server, origin, is_allowed):
    answer = client_of(server).post(LIST, {"origin": origin})

    if is_allowed:
        assert answer.status == 200
    else:
        assert answer.error == UNAUTHORIZED


def test_a_refused_page_is_in_the_audit_and_its_reason_is_not_in_the_answer(serve, client_of):
    server = serve()

    client_of(server).post(LIST, {"origin": "https://evil.example.org"})

    told = [json.loads(line) for line in (server.folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [event["kind"] for event in told if event["event"] == "security_audit"] == ["forbidden_origin"]


@pytest.mark.parametrize(
    "sent", ["", " ", "a b", "a,b", "a/b", "ä", "x" * 129, "a\tb", "a@b", '"a"', "(a)", "a;b", "[a]", "{a}"]
)
def test_a_correlation_id_that_is_no_token_is_refused_and_not_echoed(client_of, server, sent):
    answer = client_of(server).post(LIST, {"x-correlation-id": sent.encode("latin-1")})

    assert answer.error == (400, -32073, "invalid_correlation_id", "invalid correlation id")
    assert "x-correlation-id" not in answer.headers
    assert "x-server-correlation-id" in answer.headers


@pytest.mark.parametrize("sent", ["abc", " abc ", "!#$%&'*+-.^_`|~09azAZ", "x" * 128])
def test_a_correlation_id_is_echoed_also_with_an_error(client_of, server, sent):
    answers = [client_of(server).post(body, {"x-correlation-id": sent}) for body in (LIST, b"{")]

    assert [answer.headers["x-correlation-id"] for answer in answers] == [sent.strip()] * 2


def test_server_correlation_ids_count_up_within_one_start(serve, client_of):
    client = client_of(serve())

    ids = [client.post(LIST).headers["x-server-correlation-id"] for _ in range(3)]

    prefix = ids[0].rpartition("-")[0]
    assert ids == [f"{prefix}-{number:016x}" for number in (1, 2, 3)]
    assert prefix.startswith("dg-")
    assert len(prefix) == len("dg-") + 16


def test_a_caller_over_its_rate_is_told_when_to_come_again(serve, client_of):
    limit = {"rate_limit": {"max_requests": 2, "window_ms": 60_000}}
    client = client_of(serve({"server": {"limits": limit}}))

    answers = [client.post(LIST) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].error == (429, -32071, "rate_limited", "rate limit exceeded")
    data = answers[2].json["error"]["data"]
    assert data["retryable"] is True
    assert 0 < data["retry_after_ms"] <= 60_000
    assert 0 < int(answers[2].headers["retry-after"]) <= 60


def test_a_full_server_refuses_at_once_and_still_tells_that_it_lives(serve, tmp_path):
    asked, may_answer = tmp_path / "asked", tmp_path / "may-answer"
    slow = scripted(tmp_path / "script.json", "facts", asked=str(asked), until=str(may_answer))
    server = serve(slow, {"server": {"limits": {"max_inflight": 1}}})
    with Client(server.port) as author:
        author.call("scenario_define", {"spec": documents.two_stages()})
        author.call("scenario_start", documents.start("tea", "run-1"))
    # Two connections that have not said anything yet are one sender: neither is owed a place beside the other.
    with Client(server.port) as one, Client(server.port) as other, ThreadPoolExecutor(1) as pool:
        working = pool.submit(one.send, "scenario_next", documents.step("tea", "run-1", "t-1"))
        wait_until(asked.exists)
        refused = other.request("tools/list")
        is_alive = other.get("/healthz").status, other.get("/readyz").status
        may_answer.touch()
        answered = working.result(timeout=60)

    assert refused.error == (503, -32072, "inflight_limit", "server overloaded")
    assert refused.headers["retry-after"] == "1"
    assert is_alive == (200, 200)
    assert answered.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        "host: 127.0.0.1\r\nhost: evil.example.org\r\n",
        "host: 127.0.0.1\r\nx-long: " + "a" * 70_000 + "\r\n",
        "host: 127.0.0.1\r\n" + "".join(f"x-{number}: a\r\n" for number in range(300)),
    ],
)
def test_a_head_of_two_hosts_or_of_any_size_is_refused_and_the_connection_ends(server, headers):
    request = f"POST /rpc HTTP/1.1\r\n{headers}content-length: {len(LIST)}\r\n\r\n".encode() + LIST

    answer = raw_exchange(server.port, request)

    assert answer.startswith(b"HTTP/1.1 400 ")
