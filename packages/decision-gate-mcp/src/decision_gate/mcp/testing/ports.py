"""A port for a server that a test starts and starts again."""

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """Yield a loopback port that the system gives to nobody else while the block lasts; a server may listen on it.

    A port that was only probed may be somebody else's before the server binds it, or between two of its starts. This
    one stays bound, without listening: connections are refused until the server is there. Where the system lets nobody
    listen beside it (Linux does, for sockets with ``SO_REUSEADDR``), the port is only probed after all.
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
