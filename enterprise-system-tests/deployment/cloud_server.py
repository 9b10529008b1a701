"""One production server of a deployment: ``decision-gate cloud serve`` as a process that can be stopped and killed."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import attrs
from harness.process import ServerProcess, command_line


@attrs.define(kw_only=True)
class CloudServer(ServerProcess):
    """A server and the deployment it serves.

    Attributes:
        folder: Folder of the deployment.
        config: Text of the configuration; ``<port>`` and ``<admin-port>`` in it become the ports.
        name: Tells servers of one deployment apart.
        port: Where the gate listens.
        admin_port: Where the administration listens.
    """

    folder: Path
    config: str
    name: str
    port: int
    admin_port: int
    log_path: Path = attrs.field(default=attrs.Factory(lambda self: self.folder / f"{self.name}.log", takes_self=True))

    def start(self) -> None:
        """Start it and return once both listeners answer. Raise ``ServerDiedError``."""
        text = self.config.replace("<admin-port>", str(self.admin_port)).replace("<port>", str(self.port))
        (self.folder / f"{self.name}.toml").write_text(text, encoding="utf-8")
        command = [command_line(), "cloud", "serve", "--dir", str(self.folder), "--config", f"{self.name}.toml"]
        self.launch(command, self.folder.parent)
        if not (
            self.answers(self.port, "/readyz", self.tls)
            and self.answers(self.admin_port, "/admin/v1/openapi.json", None)
        ):
            self.kill()
            raise self.died()


@contextlib.contextmanager
def running(server: CloudServer) -> Iterator[CloudServer]:
    """Run a server for the length of the block; it is stopped even if the test stopped or killed it itself."""
    try:
        server.start()
        yield server
    finally:
        server.kill()
