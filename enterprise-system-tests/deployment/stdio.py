"""A session over standard input and output with a production server of a deployment."""

import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator

from harness.framed import Session

from deployment.deployment import Deployment

_COUNT = itertools.count()


@contextlib.contextmanager
def stdio_session(deployment: Deployment, key: str) -> Iterator[Session]:
    """Run ``cloud serve`` as the child of one client, who presents *key*."""
    name = f"stdio-{next(_COUNT)}.toml"
    changes = {
        "server": {"transport": "stdio", "bind": None, "metrics": None},
        "authenticator": {"stdio_key": {"env": "DG_TEST_KEY"}},
    }
    (deployment.folder / name).write_text(deployment.served(changes), encoding="utf-8")
    with (
        (deployment.folder / f"{name}.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603 - our own command line
            deployment.commands.line("serve", "--dir", deployment.folder, "--config", name),
            cwd=deployment.folder.parent,
            env=os.environ | deployment.commands.environment | {"DG_TEST_KEY": key},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        try:
            yield Session(process)
        finally:
            process.kill()
