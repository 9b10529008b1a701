"""Connections that are slow, broken, many, or read nothing cost nobody but those who make them (contract §1.3)."""

import contextlib
import re
import selectors
import socket
import threading
from pathlib import Path

import pytest
from harness import documents
from harness.rpc import Client, raw_exchange
from harness.waiting import wait_until

LIST = documents.envelope("tools/list", None)
HEAD = b"POST /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\n"
STALLED = [
    b"",
    b"POST /rp",
    HEAD,
    HEAD + b"x-header: without an e",
    HEAD + b"content-length: 100\r\n\r\n",
    HEAD + b"content-length: 100\r\n\r\n{",
    HEAD + b"transfer-encoding: chunked\r\n\r\n",
    HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n{",
]
"""What is sent of a request before its client falls silent."""

HUNG_UP_S = 60.0
MANY = 200


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve({"server": {"limits": {"max_inflight": 64}}})


def post(body, *headers):
    lines = [*headers, b"content-length: %d" % len(body)]
    return HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def opened(stack, port, sent):
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=HUNG_UP_S))
    connection.sendall(sent)
    return connection


def open_files(server):
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def peak_bytes(server):
    """Return the most memory that a server has had so far."""
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def read_to_the_end(connection):
    with contextlib.suppress(OSError):
        while connection.recv(65536):
            pass


def everybody_else_is_served(server):
    with Client(server.port) as client:
        return [client.get("/readyz").status, *(client.post(LIST).status for _ in range(5))] == [200] * 6


def test_clients_that_fall_silent_cost_no_place_of_those_that_do_not(server):
    with contextlib.ExitStack() as stack:
        for number in range(MANY):
            opened(stack, server.port, STALLED[number % len(STALLED)])

        assert everybody_else_is_served(server)


@pytest.mark.chaos
def test_clients_that_fall_silent_are_hung_up_on(server):
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        for sent in STALLED[1:]:
            selector.register(opened(stack, server.port, sent), selectors.EVENT_READ, sent)
        answers = {}
        while selector.get_map() and (events := selector.select(HUNG_UP_S)):
            for key, _ in events:
                answers[key.data] = key.fileobj.recv(65536)
                selector.unregister(key.fileobj)

    assert answers == dict.fromkeys(STALLED[1:], b"")


def test_a_crowd_of_connections_leaves_nothing_open(server):
    assert everybody_else_is_served(server)
    before = open_files(server)

    for _ in range(3):
        with contextlib.ExitStack() as stack:
            for number in range(MANY):
                opened(stack, server.port, (*STALLED, post(LIST))[number % (len(STALLED) + 1)])

    wait_until(lambda: open_files(server) <= before)
    assert everybody_else_is_served(server)


def test_requests_sent_before_the_first_answer_are_answered_in_their_order(server):
    requests = [post(documents.envelope("tools/list", None, id=number)) for number in range(20)]
    last = post(documents.envelope("tools/list", None, id=20), b"connection: close")

    answers = raw_exchange(server.port, b"".join([*requests, last]))

    assert re.findall(rb'"jsonrpc":"2.0","id":(\d+)', answers) == [b"%d" % number for number in range(21)]
    assert answers.count(b"HTTP/1.1 200 ") == 21


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n",
        b"-1\r\n{}\r\n0\r\n\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}}\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\n",
        b" 2\r\n{}\r\n0\r\n\r\n",
        b"2 \x00\r\n{}\r\n0\r\n\r\n",
        b"\r\n\r\n",
        b"\xff\xfe\x00\r\n",
    ],
    ids=repr,
)
def test_chunks_that_are_none_are_refused_and_the_connection_ends(server, chunks):
    answer = raw_exchange(server.port, HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    "headers",
    [
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
        b"content-length: 5\r\ncontent-length: 6\r\n",
        b"content-length: +5\r\n",
        b"content-length: -5\r\n",
        b"content-length: 5, 6\r\n",
        b"transfer-encoding: chunked, identity\r\n",
        b"bad header\r\n",
        b"x : y\r\n",
        b"x: a\x00b\r\n",
    ],
    ids=repr,
)
def test_a_request_whose_length_two_readers_could_read_differently_is_refused(server, headers):
    smuggled = b"0\r\n\r\n" + post(LIST)

    answer = raw_exchange(server.port, HEAD + headers + b"\r\n" + smuggled)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("sent", [b"", b"POST /rp", HEAD, post(LIST)[:-5]], ids=["nothing", "line", "head", "body"])
def test_a_client_that_ends_its_side_too_early_is_hung_up_on(server, sent):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)

        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert everybody_else_is_served(server)


def test_a_step_whose_caller_hangs_up_is_made_whole_or_not_at_all(server, client_of):
    client = client_of(server)
    client.call("scenario_define", {"spec": documents.for_ever("left")})
    client.call("scenario_start", documents.start("left", "run-1"))
    for number in range(10):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(post(documents.call("scenario_next", documents.step("left", "run-1", f"t-{number}"))))

    decisions = [
        client.call("scenario_next", documents.step("left", "run-1", f"t-{number}"))["decision"] for number in range(10)
    ]

    assert {decision["trigger_id"] for decision in decisions} == {f"t-{number}" for number in range(10)}
    assert sorted(decision["seq"] for decision in decisions) == list(range(1, 11))


def test_a_client_that_reads_no_answers_is_not_read_any_more(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
        with pytest.raises(TimeoutError):
            connection.sendall(200_000 * post(LIST))

        assert everybody_else_is_served(server)


def test_requests_that_queue_without_end_are_left_in_the_clients_hands(serve):
    server = serve()
    endless = 200_000 * post(b"{")
    before = peak_bytes(server)
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
        reader = threading.Thread(target=read_to_the_end, args=(connection,))
        reader.start()
        with contextlib.suppress(TimeoutError):
            connection.sendall(endless)
        grown = peak_bytes(server) - before
        connection.shutdown(socket.SHUT_RDWR)
        reader.join(30)

    assert grown < 64 * 2**20
