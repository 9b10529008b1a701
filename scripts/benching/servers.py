"""A real server in a process of its own, and clients that cost next to nothing beside it."""

import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import attrs

from decision_gate.core.json import parse, plain

READY_S = 30.0
_PROGRAM = "from decision_gate.mcp.cli.main import run; raise SystemExit(run())"
_HEAD_END = b"\r\n\r\n"
_CHUNKS_END = b"0\r\n\r\n"


@attrs.frozen(kw_only=True)
class Server:
    """A server that answers at ``port``."""

    port: int
    process: "subprocess.Popen[bytes]"

    def cpu_ns(self) -> int:
        """Return the processor time of all threads that live, as the scheduler counted it."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text(encoding="ascii").split()[0]) for thread in threads)

    def resident_bytes(self) -> int:
        """Return how much memory the process has now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        [line] = [line for line in lines if line.startswith("VmRSS:")]
        return int(line.split()[1]) * 1024

    def call(self, tool: str, arguments: dict[str, Any], bearer: str | None = None) -> Any:  # noqa: ANN401 - a wire value
        """Call one tool over a connection of its own and return its answer."""
        return self.ask(request(tool, arguments, bearer))

    def ready(self) -> None:
        """Ask ``/readyz``. Raise ``RuntimeError`` unless it says yes."""
        with Client.connected(self.port) as client:
            client.exchange(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    def ask(self, text: bytes) -> Any:  # noqa: ANN401 - a wire value
        """Send one request over a connection of its own and return the JSON of its reply."""
        with Client.connected(self.port) as client:
            return parse(client.exchange(text))


@contextmanager
def serving(folder: Path, settings: str, *, commits: Path | None = None) -> Iterator[Server]:
    """Start ``decision-gate serve`` with *settings* (TOML, without bind) in *folder*; stop it at the end.

    With *commits* the server counts its commits into that file; see ``counted_server``.

    Raises:
        RuntimeError: It does not answer in time.
    """
    port = free_port()
    config = folder / "decision-gate.toml"
    config.write_text(settings.replace("{port}", str(port)).replace("{folder}", folder.as_posix()), encoding="utf-8")
    program = ["-c", _PROGRAM] if commits is None else [*program_of("counted_server"), str(commits)]
    with running([*program, "serve", "--config", str(config)], port, folder) as server:
        yield server


@contextmanager
def running(arguments: list[str], port: int, folder: Path) -> Iterator[Server]:
    """Run this interpreter with *arguments* in *folder*, a server at *port*; stop it at the end.

    Raises:
        RuntimeError: It does not answer in time.
    """
    with subprocess.Popen([sys.executable, *arguments], cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            _await(port, process)
            yield Server(port=port, process=process)
        finally:
            process.terminate()


def program_of(name: str) -> list[str]:
    """Return the arguments that run a program of this folder, without putting the folder on the path of modules."""
    return ["-P", str(Path(__file__).with_name(f"{name}.py"))]


def request(tool: str, arguments: dict[str, Any], bearer: str | None = None) -> bytes:
    """Return the bytes of one call on a connection that stays open, with a credential if there is one."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    return post("/rpc", plain(call), {} if bearer is None else {"Authorization": f"Bearer {bearer}"})


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of one request of JSON on a connection that stays open."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{more}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Client:
    """One connection; reads just enough HTTP to know where a reply ends."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._read = b""

    @classmethod
    def connected(cls, port: int) -> "Client":
        """Connect to this machine."""
        connection = socket.create_connection(("127.0.0.1", port), timeout=READY_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(connection)

    def __enter__(self) -> Self:
        """Use the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self.socket.close()

    def send(self, text: bytes) -> None:
        """Send one request."""
        self.socket.sendall(text)

    def receive(self) -> bytes | None:
        """Read what is there; return the body of the reply when it is whole, chunks as they are sent.

        Raises:
            RuntimeError: The reply is not a success, or the server hung up.
        """
        received = self.socket.recv(65_536)
        if not received:
            raise RuntimeError("the server hung up")
        self._read += received
        head, found, body = self._read.partition(_HEAD_END)
        if not found or not _is_whole(head, body):
            return None
        self._read = b""
        if not head.startswith(b"HTTP/1.1 200") or b'"error":{' in body or b'"isError":true' in body:
            raise RuntimeError(body.decode())
        return body

    def exchange(self, text: bytes) -> bytes:
        """Send one request and wait for its reply."""
        self.send(text)
        while (body := self.receive()) is None:
            pass
        return body


def crowd(port: int, requests: list[list[bytes]]) -> int:
    """Make the requests of each client one after another, all clients at once; return the nanoseconds it took.

    Connections are new every time: a server closes those that idle.
    """
    clients = [Client.connected(port) for _ in requests]
    waiting = [iter(each) for each in requests]
    with selectors.DefaultSelector() as selector:
        started = time.perf_counter_ns()
        for client, own in zip(clients, waiting, strict=True):
            selector.register(client.socket, selectors.EVENT_READ, (client, own))
            client.send(next(own))
        while selector.get_map():
            for key, _ in selector.select():
                client, own = key.data
                if client.receive() is None:
                    continue
                following = next(own, None)
                if following is None:
                    selector.unregister(client.socket)
                else:
                    client.send(following)
        taken = time.perf_counter_ns() - started
    for client in clients:
        client.socket.close()
    return taken


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_whole(head: bytes, body: bytes) -> bool:
    length = _header(head, b"content-length")
    return len(body) >= int(length) if length else body.endswith(_CHUNKS_END)


def _header(head: bytes, name: bytes) -> bytes:
    return head.lower().partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not answer")
