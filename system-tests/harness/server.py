"""One server of an installed build: a process that is started from a configuration, used by its address, and stopped.

Every wait is bounded, and a server is stopped by its pid and awaited by its parent, this process.
"""

import contextlib
import http.client
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from harness.ports import reserved_port
from harness.rpc import connection

INSTALLED = "DG_TEST_INSTALLED"
"""Variable that names an environment into which wheels, ours and those of the plug-ins, were installed."""

START_S = 120.0
STOP_S = 45.0
_ATTEMPTS = 3
_POLL_S = 0.03
_READY = 200


class ServerDiedError(Exception):
    """A server did not become ready; the message ends with what it printed."""


def command_line() -> str:
    """Return the ``decision-gate`` that is tested: that of ``DG_TEST_INSTALLED``, or of this environment.

    Raises:
        ServerDiedError: There is none: the distributions are only on the path, not installed.
    """
    installed = os.environ.get(INSTALLED)
    script = (Path(sys.executable).parent if installed is None else Path(installed) / "bin") / "decision-gate"
    if not script.exists():
        raise ServerDiedError(f"{script} is missing: system tests need an installed build ('scripts/dev.py run test')")
    return str(script)


@attrs.define(kw_only=True)
class Server:
    """A server and the folder it works in.

    Attributes:
        folder: Working directory; the configuration and the log are there.
        config: Text of the configuration; ``<port>`` in it becomes the port.
        environment: Variables on top of this process's own.
        tls: How it is asked whether it is ready, where it speaks TLS.
        inside: Program and arguments that prepare a world of its own and then become the server (``unshare``).
        port: Where it listens; chosen at the first start and kept from then on.
    """

    folder: Path
    config: str
    environment: Mapping[str, str] = attrs.field(factory=dict)
    tls: ssl.SSLContext | None = None
    inside: Sequence[str] = ()
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
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
            with self._log_path.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own command line
                    [*self.inside, command_line(), "serve", "--config", str(path)],
                    cwd=self.folder,
                    env=os.environ | self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            if self._becomes_ready():
                return
            if "address already in use" not in self.log():
                break
            self.port = 0
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

    def leave(self) -> None:
        """End it, and give its port back."""
        self.kill()
        self._reserved.close()

    def restart(self) -> None:
        """Stop it in an orderly way and start it again, on the same port."""
        self.stop()
        self.start()

    @property
    def pid(self) -> int:
        """Process id. Raise ``ServerDiedError`` when it is not running."""
        if self._process is None:
            raise ServerDiedError("server is not running")
        return self._process.pid

    def log(self) -> str:
        """Return what it printed: the audit, if it goes to standard error, and everything else."""
        return self._log_path.read_text(encoding="utf-8", errors="replace") if self._log_path.exists() else ""

    @property
    def _log_path(self) -> Path:
        return self.folder / "server.log"

    def _becomes_ready(self) -> bool:
        process = self._process
        waited = 0.0
        while process is not None and waited < START_S:
            with contextlib.suppress(OSError, http.client.HTTPException):
                asked = connection(self.port, 5, self.tls)
                try:
                    asked.request("GET", "/readyz")
                    if asked.getresponse().status == _READY:
                        return True
                finally:
                    asked.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)
                self._process = None
                return False
            waited += _POLL_S
        self.kill()
        return False


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run a server for the length of the block; it is stopped even if the test stopped or killed it itself."""
    try:
        server.start()
        yield server
    finally:
        server.leave()
