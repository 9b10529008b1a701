"""Start servers that differ a little from each other, each in a folder of its own."""

import contextlib
import itertools
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import documents
from harness.config import configuration, scripted
from harness.server import Server, running

Start = Callable[..., Server]


@contextlib.contextmanager
def serving(folder: Path, plugins: Mapping[str, str]) -> Iterator[Start]:
    """Yield a function that starts a server from changes to the base configuration; all end with the block."""
    script = folder / "script.json"
    script.write_text(documents.text(documents.SCRIPT), encoding="utf-8")
    count = itertools.count()
    with contextlib.ExitStack() as stack:

        def start(*changes: Mapping[str, Any], tls: ssl.SSLContext | None = None, inside: Sequence[str] = ()) -> Server:
            config = configuration(scripted(script, "facts"), {"runpacks": {"roots": [str(folder)]}}, *changes)
            place = folder / f"server-{next(count)}"
            server = Server(folder=place, config=config, environment=plugins, tls=tls, inside=inside)
            return stack.enter_context(running(server))

        yield start
