"""A digest of all that a deployment keeps, but its audit: what a refused call must not change."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from deployment.deployment import Deployment

_CHANGES_ANYWAY = ("last_used_at",)


def digest(deployment: Deployment) -> dict[str, str]:
    """Return a digest of every table that is not the audit's, and of the run packs."""
    found = {name: _of(sorted(repr(row) for row in rows)) for name, rows in _tables(deployment)}
    packs = sorted(path for path in (deployment.folder / "runpacks").rglob("*") if path.is_file())
    return found | {"runpacks": _of([f"{path}{path.read_bytes()!r}" for path in packs])}


def _tables(deployment: Deployment) -> Iterator[tuple[str, list[Any]]]:
    if deployment.database.path is not None:
        place = Path(deployment.database.path).as_uri()
        with contextlib.closing(sqlite3.connect(f"{place}?mode=ro", uri=True)) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in _kept(names):
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
                yield name, connection.execute(_select(name, columns)).fetchall()
        return
    with psycopg.connect(deployment.database.dsn or "") as connection:
        listed = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'decision_gate'"
        ).fetchall()
        for name in _kept([table for table, _ in listed]):
            columns = [column for table, column in listed if table == name]
            yield name, connection.execute(_select(f"decision_gate.{name}", columns)).fetchall()  # type: ignore[call-overload] # made here


def _kept(names: list[str]) -> list[str]:
    return sorted({name for name in names if not name.startswith(("audit_", "sqlite_"))})


def _select(table: str, columns: list[str]) -> str:
    return f"SELECT {', '.join(name for name in columns if name not in _CHANGES_ANYWAY)} FROM {table}"  # noqa: S608 - names of the schema


def _of(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
