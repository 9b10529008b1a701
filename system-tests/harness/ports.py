"""A port that a server keeps through all of its starts."""

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """Yield a loopback port that the system gives to nobody else while the block lasts; a server may listen on it.

    It stays bound, without listening: between a kill and the next start nobody, no waiting caller's own connection
    either, gets it. Where nobody may listen beside it (Linux permits it to sockets with ``SO_REUSEADDR``), the port is
    only one that was free a moment ago.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            held.close()
        yield port
