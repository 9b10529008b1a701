"""What a connection may make the server keep, and how long it may make it wait (contract §1.3)."""

import pytest
import uvicorn
from uvicorn.server import ServerState

from decision_gate.mcp.transport.bounded_protocol import (
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    STALL_SECONDS,
    BoundedProtocol,
)

HEAD = b"POST /rpc HTTP/1.1\r\nHost: here\r\n"


class Timer:
    """A timer of the fake loop."""

    def __init__(self, seconds, run):
        self.seconds, self.run, self.is_cancelled = seconds, run, False

    def cancel(self):
        self.is_cancelled = True


class Task:
    """A task that never ends."""

    def add_done_callback(self, callback):
        """Never call it."""


class Loop:
    """A loop whose time a test passes, and which keeps the requests that were handed over."""

    def __init__(self):
        self.timers, self.begun = [], []

    def call_later(self, seconds, run, *arguments):
        self.timers.append(Timer(seconds, lambda: run(*arguments)))
        return self.timers[-1]

    def create_task(self, coroutine):
        coroutine.close()
        self.begun.append(coroutine)
        return Task()

    def stall(self):
        waiting, self.timers = [timer for timer in self.timers if not timer.is_cancelled], []
        for timer in waiting:
            assert timer.seconds == STALL_SECONDS
            timer.run()


class Transport:
    """A transport that keeps what is written."""

    def __init__(self):
        self.written, self.is_closed, self.is_paused = b"", False, False

    def get_extra_info(self, _name, default=None):
        return default

    def write(self, octets):
        self.written += octets

    def close(self):
        self.is_closed = True

    def is_closing(self):
        return self.is_closed

    def pause_reading(self):
        self.is_paused = True

    def resume_reading(self):
        self.is_paused = False


async def nobody(_scope, _receive, _send):
    """Answer nothing."""


@pytest.fixture
def connection():
    config = uvicorn.Config(nobody, lifespan="off", log_config=None, access_log=False)
    config.load()
    protocol = BoundedProtocol(config, ServerState(), {}, Loop())
    protocol.connection_made(Transport())
    return protocol


def answer_of(connection):
    return connection.transport.written.split(b"\r\n")[0], connection.transport.is_closed


REFUSED = (b"HTTP/1.1 400 Bad Request", True)
OPEN = (b"", False)


def test_a_request_within_the_limits_is_handed_over_and_nothing_waits(connection):
    connection.data_received(HEAD + b"X: " + b"a" * 60_000 + b"\r\nContent-Length: 2\r\n\r\n{}")

    assert (len(connection.loop.begun), answer_of(connection)) == (1, OPEN)
    assert all(timer.is_cancelled for timer in connection.loop.timers)


def test_a_header_that_never_ends_is_refused_once_it_is_too_long(connection):
    connection.data_received(HEAD + b"X: ")
    sent = 0
    while not connection.transport.is_closed and sent < 10 * MAX_HEAD_BYTES:
        connection.data_received(b"a" * 4096)
        sent += 4096

    assert answer_of(connection) == REFUSED
    assert sent <= MAX_HEAD_BYTES + 4096


@pytest.mark.parametrize(
    "rest",
    [
        b"X: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n",
        b"".join(b"X-%d: a\r\n" % number for number in range(MAX_HEADERS)) + b"\r\n",
        b"Host: there\r\n\r\n",
        b"HOST: here\r\n\r\n",
    ],
)
def test_a_head_with_too_much_or_with_two_hosts_is_refused_and_handed_to_nobody(connection, rest):
    connection.data_received(HEAD + rest)

    assert (connection.loop.begun, answer_of(connection)) == ([], REFUSED)


def test_a_trailer_that_never_ends_is_refused(connection):
    connection.data_received(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: ")
    for _part in range(20):
        if not connection.transport.is_closed:
            connection.data_received(b"a" * 4096)

    assert answer_of(connection) == REFUSED


def test_the_smallest_chunks_are_no_attack(connection):
    connection.data_received(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _part in range(30):
        connection.data_received(b"1\r\nx\r\n" * 1000)
    connection.data_received(b"0\r\n\r\n")

    assert answer_of(connection) == OPEN


@pytest.mark.parametrize("sent", [[], [b"POST"], [HEAD, b"X: a\r\n"], [HEAD + b"Content-Length: 9\r\n\r\n", b"{"]])
def test_a_client_that_stalls_is_hung_up_on(connection, sent):
    for part in sent:
        connection.data_received(part)
    connection.loop.stall()

    assert connection.transport.is_closed


def test_a_head_that_drips_has_one_deadline(connection):
    connection.data_received(HEAD)
    started = len(connection.loop.timers)
    connection.data_received(b"X: a\r\n")
    connection.data_received(b"Y: a\r\n")

    assert len(connection.loop.timers) == started


def test_a_client_that_waits_for_its_answer_is_not_hung_up_on_for_the_next_head(connection):
    connection.data_received(HEAD + b"Content-Length: 2\r\n\r\n{}")
    connection.data_received(b"POST /rpc")
    connection.loop.stall()

    assert not connection.transport.is_closed


def test_nothing_is_read_while_requests_wait_for_the_answer_to_the_one_before(connection):
    connection.data_received(3 * (HEAD + b"Content-Length: 2\r\n\r\n{}"))
    paused = []
    for _answer in range(3):
        paused.append(connection.transport.is_paused)
        connection.on_response_complete()

    assert (len(connection.loop.begun), paused) == (3, [True, True, True])
    assert not connection.transport.is_paused
