"""A server as a process: started, asked whether it is ready, stopped, killed.

Every wait is bounded, and a server is stopped by its pid and awaited by its parent, this process.
"""

import contextlib
import http.client
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from harness.rpc import connection

INSTALLED = "DG_TEST_INSTALLED"
"""Variable that names an environment into which wheels, ours and those of the plug-ins, were installed."""

START_S = 120.0
STOP_S = 45.0
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
class ServerProcess:
    """What is the same of every server; a subclass knows its configuration and where it listens.

    Attributes:
        log_path: File that takes what it prints.
        environment: Variables on top of this process's own.
        tls: How it is asked whether it is ready, where it speaks TLS.
    """

    log_path: Path
    environment: Mapping[str, str] = attrs.field(factory=dict)
    tls: ssl.SSLContext | None = None
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id. Raise ``ServerDiedError`` when it is not running."""
        if self._process is None:
            raise ServerDiedError("server is not running")
        return self._process.pid

    def launch(self, command: Sequence[str], folder: Path) -> None:
        """Start the process in a folder; it is not ready yet."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                command,
                cwd=folder,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def answers(self, port: int, path: str, tls: ssl.SSLContext | None) -> bool:
        """Wait until a path is answered with 200; false when the process ended, or was not ready in time."""
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
        """Return what it printed: the audit, if it goes to standard error, and everything else."""
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def died(self) -> ServerDiedError:
        """Return the error that says what it printed last."""
        return ServerDiedError(f"server is not ready: {self.log()[-3000:]}")
