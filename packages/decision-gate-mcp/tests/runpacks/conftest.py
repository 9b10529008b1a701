"""An S3 server of one's own: SeaweedFS in a new folder, on free ports, killed at the end."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from decision_gate.core.json import plain
from decision_gate.mcp.testing.ports import reserved_port

PROGRAM_VARIABLE: Final = "DG_TEST_SEAWEEDFS"
"""Environment variable that names the program ``weed``; ``run test:services`` sets it."""

CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "dgaccess", "AWS_SECRET_ACCESS_KEY": "dgsecretdgsecret"}
REGION: Final = "us-east-1"

_START_S: Final = 120.0
_POLL_S: Final = 0.1
_PORTS: Final = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "metricsPort",
)


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """Start the server once for all tests that ask for it; each has a place of its own in it."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@attrs.frozen(kw_only=True)
class S3Server:
    """A server that answers at ``endpoint`` to ``credentials``, named as the AWS chain looks for them."""

    endpoint: str
    credentials: Mapping[str, str] = CREDENTIALS
    region: str = REGION

    def client(self):
        """Return a client."""
        return boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=5),
        )

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Return every key of a bucket that begins with *prefix*, sorted."""
        with contextlib.closing(self.client()) as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return sorted(entry["Key"] for page in pages for entry in page.get("Contents", ()))


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Start a server that keeps its data in *folder* and yield it when it answers.

    Raises:
        RuntimeError: There is no program, or it does not answer in time.
    """
    program = os.environ.get(PROGRAM_VARIABLE)
    if program is None:
        raise RuntimeError(f"{PROGRAM_VARIABLE} names no server; 'python3 scripts/dev.py run test:services' does")
    (folder / "data").mkdir(parents=True)
    (folder / "s3.json").write_bytes(plain({"identities": [_IDENTITY]}))
    with contextlib.ExitStack() as stack:
        ports = {name: stack.enter_context(reserved_port()) for name in _PORTS}
        stack.callback(_remove_sockets, ports.values())
        log = stack.enter_context((folder / "log").open("wb"))
        process = stack.enter_context(
            subprocess.Popen(_command(program, ports), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        )
        stack.callback(process.kill)  # asked politely it takes 20 seconds, and nothing of it is kept
        server = S3Server(endpoint=f"http://127.0.0.1:{ports['s3.port']}")
        if not _answers(server, process):
            raise RuntimeError((folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:])
        yield server


_IDENTITY = {
    "name": "dg",
    "credentials": [{"accessKey": CREDENTIALS["AWS_ACCESS_KEY_ID"], "secretKey": CREDENTIALS["AWS_SECRET_ACCESS_KEY"]}],
    "actions": ["Admin", "Read", "Write", "List", "Tagging"],
}


def _command(program: str, ports: dict[str, int]) -> list[str]:
    return [
        program,
        "server",
        "-dir=data",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-metricsIp=127.0.0.1",
        "-master.electionTimeout=1s",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=50",
        "-s3",
        "-s3.config=s3.json",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def _remove_sockets(ports):
    """Remove what the server leaves behind when it is killed, wherever its data is."""
    for port in ports:
        for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - the server's own choice
            socket.unlink()


def _answers(server: S3Server, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until a bucket can be made and written to; it listens before it can keep anything."""
    pause = threading.Event()
    with contextlib.closing(server.client()) as client:
        for _ in range(int(_START_S / _POLL_S)):
            if process.poll() is not None:
                return False
            try:
                client.create_bucket(Bucket="ready")
                client.put_object(Bucket="ready", Key="ready", Body=b"ready")
            except (BotoCoreError, ClientError):
                pause.wait(_POLL_S)
            else:
                return True
    return False
