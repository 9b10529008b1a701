"""One server of an installed build: started from a configuration, used by its address, and stopped."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from harness.ports import reserved_port
from harness.process import ServerProcess, command_line

_ATTEMPTS = 3


@attrs.define(kw_only=True)
class Server(ServerProcess):
    """A server and the folder it works in.

    Attributes:
        folder: Working directory; the configuration and the log are there.
        config: Text of the configuration; ``<port>`` in it becomes the port.
        inside: Program and arguments that prepare a world of its own and then become the server (``unshare``).
        port: Where it listens; chosen at the first start and kept from then on.
    """

    folder: Path
    config: str
    inside: Sequence[str] = ()
    port: int = 0
    log_path: Path = attrs.field(default=attrs.Factory(lambda self: self.folder / "server.log", takes_self=True))
    _reserved: contextlib.ExitStack = attrs.field(factory=contextlib.ExitStack)

    def start(self) -> None:
        """Start it and return once ``/readyz`` says that it is ready.

        Raises:
            ServerDiedError: It ended, or was not ready in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for _ in range(_ATTEMPTS):
            self.port = self.port or self._reserved.enter_context(reserved_port())
            path = self.folder / f"decision-gate-{self.port}.toml"
            path.write_text(self.config.replace("<port>", str(self.port)), encoding="utf-8")
            self.launch([*self.inside, command_line(), "serve", "--config", str(path)], self.folder)
            if self.answers(self.port, "/readyz", self.tls):
                return
            self.kill()
            if "address already in use" not in self.log():
                break
            self.port = 0
        raise self.died()

    def leave(self) -> None:
        """End it, and give its port back."""
        self.kill()
        self._reserved.close()

    def restart(self) -> None:
        """Stop it in an orderly way and start it again, on the same port."""
        self.stop()
        self.start()


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run a server for the length of the block; it is stopped even if the test stopped or killed it itself."""
    try:
        server.start()
        yield server
    finally:
        server.leave()
