"""The server with its commits counted, each of which is one synchronisation of the disk.

Not counted by a tracer from outside: it would hold every synchronisation up, and so make the groups larger than they
are. Run as ``python -P counted_server.py COUNT serve --config …``; COUNT is a file that always holds the number.
"""

import mmap
import sqlite3
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from decision_gate.mcp.cli.main import run

SIZE = 8
_ORDER = sys.byteorder


def commits(path: Path) -> int:
    """Return how many commits a server that counts into *path* has made so far."""
    return int.from_bytes(path.read_bytes(), _ORDER)


def main(count: Path, arguments: list[str]) -> int:
    """Run the command line of *arguments*, counting into *count*."""
    count.write_bytes(bytes(SIZE))
    connect = sqlite3.connect
    with count.open("r+b") as file, mmap.mmap(file.fileno(), SIZE) as shared, memoryview(shared).cast("Q") as counter:

        def note(statement: str) -> None:
            # The database's one writer commits, so no two threads add at once.
            if statement == "COMMIT":
                counter[0] += 1

        def connect_and_count(*given: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - whatever it takes
            connection: sqlite3.Connection = connect(*given, **options)
            connection.set_trace_callback(note)
            return connection

        sys.argv[1:] = arguments
        with mock.patch("sqlite3.connect", connect_and_count):
            return run()


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:]))
