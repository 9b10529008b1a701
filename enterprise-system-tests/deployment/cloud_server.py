"""One production server of a deployment: ``decision-gate cloud serve`` as a process that can be stopped and killed."""

import contextlib
import http.client
import os
import signal
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
from harness.rpc import connection
from harness.server import START_S, STOP_S, ServerDiedError, command_line

_POLL_S = 0.03
_READY = 200


@attrs.define(kw_only=True)
class CloudServer:
    """A server and the deployment it serves.

    Attributes:
        folder: Folder of the deployment.
        config: Text of the configuration; ``<port>`` and ``<admin-port>`` in it become the ports.
        name: Tells servers of one deployment apart.
        port: Where the gate listens.
        admin_port: Where the administration listens.
        environment: Variables on top of this process's own.
        tls: How it is asked whether it is ready, where it speaks TLS.
    """

    folder: Path
    config: str
    name: str
    port: int
    admin_port: int
    environment: Mapping[str, str] = attrs.field(factory=dict)
    tls: ssl.SSLContext | None = None
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return once both listeners answer. Raise ``ServerDiedError``."""
        text = self.config.replace("<admin-port>", str(self.admin_port)).replace("<port>", str(self.port))
        (self.folder / f"{self.name}.toml").write_text(text, encoding="utf-8")
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                [command_line(), "cloud", "serve", "--dir", str(self.folder), "--config", f"{self.name}.toml"],
                cwd=self.folder.parent,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if not (
            self._answers(self.port, "/readyz", self.tls)
            and self._answers(self.admin_port, "/admin/v1/openapi.json", None)
        ):
            self.kill()
            raise ServerDiedError(f"server is not ready: {self.log()[-3000:]}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it and return its exit status, negative for a signal; a server that is not running has status 0."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)
            raise

    def kill(self) -> None:
        """End it as a crash does: at once, wherever it is."""
        self.stop(signal.SIGKILL)

    def log(self) -> str:
        """Return what it printed."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def _log_path(self) -> Path:
        return self.folder / f"{self.name}.log"

    def _answers(self, port: int, path: str, tls: ssl.SSLContext | None) -> bool:
        process, waited = self._process, 0.0
        while process is not None and waited < START_S:
            with contextlib.suppress(OSError, http.client.HTTPException):
                asked = connection(port, 5, tls)
                try:
                    asked.request("GET", path)
                    if asked.getresponse().status == _READY:
                        return True
                finally:
                    asked.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)
                return False
            waited += _POLL_S
        return False


@contextlib.contextmanager
def running(server: CloudServer) -> Iterator[CloudServer]:
    """Run a server for the length of the block; it is stopped even if the test stopped or killed it itself."""
    try:
        server.start()
        yield server
    finally:
        server.kill()
