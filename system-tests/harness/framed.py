"""A session over standard input and output: ``Content-Length`` frames, one question, one answer (contract §1.2)."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from harness import documents
from harness.process import STOP_S, command_line
from harness.rpc import Answer, RpcError

TIMEOUT_S = 60.0


class Session:
    """The client's side of one session."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def exchange(self, body: bytes) -> Answer:
        """Send a frame and return what comes back; its status is 0, for there is none on this transport."""
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        return Answer(status=0, headers={}, body=self.read())

    def call(self, tool: str, arguments: Any) -> Any:  # noqa: ANN401 - a wire value
        """Call a tool and return its result. Raise ``RpcError`` when it is refused."""
        answer = self.exchange(documents.call(tool, arguments))
        document = answer.json
        if "error" in document:
            raise RpcError(answer)
        (content,) = document["result"]["content"]
        return content["json"]

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self._process.stdin is not None:
            self._process.stdin.write(data)
            self._process.stdin.flush()

    def read(self) -> bytes:
        """Read one frame. Raise ``EOFError`` when the session is over; a server that says nothing is killed in time."""
        length = 0
        with watched(self._process) as stream:
            while line := stream.readline():
                if not line.strip():
                    return stream.read(length)
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
        raise EOFError

    def finish(self) -> tuple[int, str]:
        """Close the input and return the exit status and what was written to standard error."""
        _, errors = self._process.communicate(timeout=STOP_S)
        return self._process.returncode, errors.decode()


@contextlib.contextmanager
def watched(process: subprocess.Popen[bytes]) -> Iterator[IO[bytes]]:
    """Yield what a server says; a server that says nothing for too long is killed, which ends what it says."""
    if process.stdout is None:
        raise EOFError
    watch = threading.Timer(TIMEOUT_S, process.kill)
    watch.start()
    try:
        yield process.stdout
    finally:
        watch.cancel()


@contextlib.contextmanager
def framed_session(
    folder: Path, config: str, environment: Mapping[str, str], inside: Sequence[str] = ()
) -> Iterator[Session]:
    """Run ``decision-gate serve`` as the child of one client; *inside* goes before it, as in ``Server``."""
    with child_of_a_client(folder, config, environment, inside) as process:
        yield Session(process)


@contextlib.contextmanager
def child_of_a_client(
    folder: Path, config: str, environment: Mapping[str, str], inside: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server over its standard streams, whatever is spoken there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "decision-gate.toml"
    path.write_text(config, encoding="utf-8")
    with subprocess.Popen(  # noqa: S603 - our own command line
        [*inside, command_line(), "serve", "--config", str(path)],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
