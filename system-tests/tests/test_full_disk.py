"""A full disk refuses whole calls, and the server is ready again when there is room (architecture §2)."""

import errno
import os
import resource
import shutil
from pathlib import Path

import pytest
from harness import documents, pack
from harness.command import decision_gate
from harness.config import sqlite
from harness.rpc import Client
from harness.worlds import world

DISK_BYTES = 6 * 1024 * 1024
LARGE = 150_000
"""Bytes of a submission: a few of them fill what little room a file has left inside."""

MOST = 60
NO_SPACE = os.strerror(errno.ENOSPC)
NO_ROOM = (200, -32030, "control_plane", "run state store error: the database cannot answer (SQLITE_FULL)")


class SmallDisk:
    """A disk in memory that only one server sees; it is reached through the server's own root."""

    def __init__(self, folder):
        folder.mkdir()
        self._folder = folder

    @property
    def inside(self):
        mounted = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs {self._folder} && exec "$@"'
        return [*world("--mount"), "sh", "-c", mounted, "sh"]

    def seen_by(self, server):
        return Path(f"/proc/{server.pid}/root{self._folder}")

    def fill(self, server):
        with (self.seen_by(server) / "ballast").open("ab", buffering=0) as file:
            file.write(bytes(DISK_BYTES))  # takes what fits
        with (self.seen_by(server) / "ballast").open("ab", buffering=0) as file, pytest.raises(OSError, match=NO_SPACE):
            file.write(bytes(4096))

    def empty(self, server):
        (self.seen_by(server) / "ballast").unlink()


def submission(number):
    return documents.submission("tea", "run-1", f"s-{number}", {"number": number, "text": "x" * LARGE})


def fill_up(client):
    """Submit until something is refused; return how many were kept, and the refusal."""
    for number in range(MOST):
        answer = client.send("scenario_submit", submission(number))
        if "error" in answer.json:
            return number, answer.error
    raise AssertionError(f"{MOST} submissions fit")


@pytest.fixture
def begun():
    """Return a function that begins a run on a server."""

    def begin(server):
        with Client(server.port) as client:
            client.call("scenario_define", {"spec": documents.two_stages()})
            client.call("scenario_start", documents.start("tea", "run-1"))

    return begin


def kept(client, folder):
    """Return the submissions that a verified pack holds."""
    report = client.call("runpack_export", documents.export("tea", "run-1", str(folder)))["report"]
    assert report["status"] == "pass"
    return [record["submission_id"] for record in pack.log(folder, "submissions")]


def test_a_full_disk_refuses_whole_calls_and_the_server_is_ready_again_with_room(serve, begun, client_of, tmp_path):
    disk = SmallDisk(tmp_path / "small")
    server = serve(sqlite(tmp_path / "small/gate.db"), inside=disk.inside)
    begun(server)
    client = client_of(server)

    ready = [client.get("/readyz").status]
    disk.fill(server)
    count, refusal = fill_up(client)
    step = client.send("scenario_next", documents.step("tea", "run-1", "t-1"))
    ready += [client.get("/readyz").status for _ in range(3)]
    alive, while_full = client.get("/healthz").status, kept(client, tmp_path / "full")
    disk.empty(server)
    ready += [client.get("/readyz").status for _ in range(3)]
    again = [client.send("scenario_submit", submission(number)).status for number in range(count + 1)]
    passed = client.call("scenario_next", documents.step("tea", "run-1", "t-1"))
    copy = shutil.copytree(disk.seen_by(server), tmp_path / "copy")  # nobody writes now
    verified = decision_gate("store", "verify", "--store-path", "gate.db", folder=copy)

    assert (refusal, step.error) == (NO_ROOM, NO_ROOM)
    assert ready == [200, 503, 503, 503, 200, 200, 200]
    assert (alive, while_full) == (200, [f"s-{number}" for number in range(count)])
    assert again == [200] * (count + 1)
    assert passed["decision"]["decision_id"] == "decision-1"
    assert kept(client, tmp_path / "again") == [f"s-{number}" for number in range(count + 1)]
    assert verified.returncode == 0, verified.stdout


def test_a_disk_that_fails_in_the_middle_of_a_commit_stops_the_server_loudly_until_it_is_started_again(
    serve, begun, client_of, tmp_path
):
    """A limit on the size of files: what SQLite is told then is not that there is no room."""
    server = serve(sqlite("gate.db"))
    begun(server)
    client = client_of(server)

    limit = (server.folder / "gate.db-wal").stat().st_size + LARGE
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    count, refusal = fill_up(client)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ready = [client.get("/readyz").status]
    server.restart()
    client = client_of(server)
    ready += [client.get("/readyz").status]
    again = [client.send("scenario_submit", submission(number)).status for number in range(count + 1)]

    assert refusal[:3] == NO_ROOM[:3]
    assert ready == [503, 200]
    assert again == [200] * (count + 1)
    assert kept(client, tmp_path / "again") == [f"s-{number}" for number in range(count + 1)]
