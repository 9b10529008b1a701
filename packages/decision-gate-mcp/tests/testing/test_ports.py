"""A port that stays whose it is."""

import socket
from contextlib import ExitStack

import pytest

from decision_gate.mcp.testing.ports import reserved_port


def test_a_server_listens_on_a_reserved_port_as_often_as_it_starts_and_nobody_answers_between():
    with reserved_port() as port:
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=20)
            with (
                socket.create_server(("127.0.0.1", port)) as server,
                socket.create_connection(("127.0.0.1", port), timeout=20) as client,
            ):
                accepted, _ = server.accept()
                with accepted:
                    client.sendall(b"hello")
                    assert accepted.recv(5) == b"hello"


def test_ports_that_are_reserved_at_once_are_different():
    with ExitStack() as stack:
        ports = [stack.enter_context(reserved_port()) for _ in range(200)]

    assert len(set(ports)) == 200
