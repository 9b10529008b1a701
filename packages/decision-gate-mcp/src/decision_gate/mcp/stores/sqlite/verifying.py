"""Verify a whole database file: every run's chain, every scenario, every data shape, and what joins them."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import attrs

from decision_gate.core.codec import DecodeError, canonical_record, decode
from decision_gate.core.errors import StoreError
from decision_gate.core.json import JsonParseError, canonical, parse
from decision_gate.core.model import DataShapeRecord, ScenarioSpec
from decision_gate.core.ports import RunKey, RunMissingError
from decision_gate.mcp.stores.sqlite import schema
from decision_gate.mcp.stores.sqlite.archive import ListedRun, SqliteArchive
from decision_gate.mcp.stores.sqlite.cells import BYTES_OR_NULL, demand
from decision_gate.mcp.stores.sqlite.ids import u64_bytes

_MAX_STRUCTURAL: Final = 20
_SCENARIOS: Final = """
    SELECT s.scenario_id, s.namespace, v.spec_hash, v.spec_version, v.body
    FROM scenario_versions v LEFT JOIN scenarios s ON s.id = v.scenario ORDER BY v.rowid
"""
_POINTERS: Final = """
    SELECT s.scenario_id FROM scenarios s
    LEFT JOIN scenario_versions v ON v.scenario = s.id AND v.spec_hash = s.spec_hash WHERE v.spec_hash IS NULL
"""
_SHAPES: Final = "SELECT tenant, namespace, schema_id, version, schema_bytes, body FROM data_shapes ORDER BY rowid"
_ORPHANS: Final = "SELECT count(*) FROM records WHERE run NOT IN (SELECT id FROM runs)"
_ERASED: Final = "SELECT count(*) FROM records WHERE tombstone IS NOT NULL"


@attrs.frozen
class Problem:
    """One thing that does not hold, and where."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@attrs.frozen(kw_only=True)
class StoreReport:
    """What was checked, and everything that does not hold; ``erased`` counts records erased under retention."""

    runs: int
    commits: int
    scenarios: int
    data_shapes: int
    erased: int
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify_store(archive: SqliteArchive) -> StoreReport:
    """Check everything in a file. Each run is read once, in constant memory; writers beside it go on.

    Raises:
        DatabasePathError, ForeignDatabaseError, SchemaTooNewError: The file is not a store that can be checked.
        StoreUnavailableError: Another process holds it for too long.
    """
    walk = _Walk(archive)
    walk.structure()
    for check in (walk.runs, walk.scenarios, walk.data_shapes, walk.erased):
        # What damage keeps from being read is a finding; what can be read is checked all the same.
        walk.guarded("the file", check)
    return StoreReport(
        runs=walk.counts["runs"],
        commits=walk.counts["commits"],
        scenarios=walk.counts["scenarios"],
        data_shapes=walk.counts["data_shapes"],
        erased=walk.counts["erased"],
        problems=tuple(walk.problems),
    )


class _Walk:
    """Counts and problems while a file is walked."""

    def __init__(self, archive: SqliteArchive) -> None:
        self._archive = archive
        self.problems: list[Problem] = []
        self.counts = dict.fromkeys(("runs", "commits", "scenarios", "data_shapes", "erased"), 0)

    def found(self, place: str, reason: str) -> None:
        problem = Problem(place, reason)
        if problem not in self.problems:
            self.problems.append(problem)

    def guarded(self, place: str, check: Callable[[], None]) -> None:
        try:
            check()
        except (StoreError, RunMissingError) as error:
            # A run whose name is damaged cannot be found by it.
            self.found(place, str(error))

    def structure(self) -> None:
        """Let SQLite check pages and indexes; when that fails the rest is still tried."""
        try:
            with self._archive.reading() as connection:
                rows = connection.execute(f"PRAGMA integrity_check({_MAX_STRUCTURAL})").fetchall()
                (version,) = connection.execute(
                    "SELECT max(version) FROM schema_version WHERE component = ?", (schema.COMPONENT,)
                ).fetchone()
        except StoreError as error:
            self.found("the file", str(error))
            return
        for (line,) in rows:
            if line != "ok":
                self.found("the file", str(line))
        if version != len(schema.MIGRATIONS):
            self.found("the file", f"schema version {version}, expected {len(schema.MIGRATIONS)}")

    def runs(self) -> None:
        for listed in self._archive.runs():
            self.counts["runs"] += 1
            self.guarded(_place(listed.key), partial(self._run, listed))
        with self._archive.reading() as connection:
            (orphans,) = connection.execute(_ORPHANS).fetchone()
        if orphans:
            self.found("records", f"{orphans} belong to no run")

    def _run(self, listed: ListedRun) -> None:
        place = _place(listed.key)
        integrity = self._archive.check(listed.key)
        self.counts["commits"] += integrity.commits
        if integrity.problem is not None:
            self.found(place, integrity.problem)
        if listed.summary is not None and self._archive.spec(listed.summary.head) is None:
            self.found(place, f"its scenario {listed.summary.head.spec_hash} is not here")

    def scenarios(self) -> None:
        for scenario_id, namespace, spec_hash, spec_version, body in self._rows(_SCENARIOS):
            self.counts["scenarios"] += 1
            demand((scenario_id, namespace, spec_hash, spec_version, body), *(BYTES_OR_NULL,) * 2, *(bytes,) * 3)
            place = f"scenario {_shown(scenario_id)} {_shown(spec_hash)}"
            if reason := _scenario_problem(scenario_id, namespace, spec_hash, spec_version, body):
                self.found(place, reason)
        for (scenario_id,) in self._rows(_POINTERS):
            demand((scenario_id,), bytes)
            self.found(f"scenario {_shown(scenario_id)}", "its current version is missing")

    def data_shapes(self) -> None:
        for tenant, namespace, schema_id, version, size, body in self._rows(_SHAPES):
            self.counts["data_shapes"] += 1
            demand((tenant, namespace, schema_id, version, size, body), *(bytes,) * 4, int, bytes)
            place = f"data shape {_shown(schema_id)} {_shown(version)}"
            if reason := _shape_problem((tenant, namespace, schema_id, version), size, body):
                self.found(place, reason)

    def erased(self) -> None:
        [(self.counts["erased"],)] = self._rows(_ERASED)

    def _rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        with self._archive.reading() as connection:
            yield from connection.execute(statement)


def _place(key: RunKey) -> str:
    return f"tenant {key.tenant_id} namespace {key.namespace_id} run {key.run_id}"


def _scenario_problem(
    scenario_id: bytes | None, namespace: bytes | None, spec_hash: bytes, spec_version: bytes, body: bytes
) -> str | None:
    if scenario_id is None:
        return "it belongs to no scenario"
    if hashlib.sha256(body).hexdigest().encode() != spec_hash:
        return "it does not match its hash"
    try:
        spec = decode(ScenarioSpec, parse(body))
    except (JsonParseError, DecodeError) as error:
        return f"it cannot be read: {error}"
    named = (spec.scenario_id.encode(), u64_bytes(spec.namespace_id), spec.spec_version.encode())
    if canonical_record(spec) != body:
        return "it is not canonical"
    return None if named == (scenario_id, namespace, spec_version) else "its row does not say what it says"


def _shape_problem(names: tuple[bytes, bytes, bytes, bytes], size: int, body: bytes) -> str | None:
    try:
        shape = decode(DataShapeRecord, parse(body))
    except (JsonParseError, DecodeError) as error:
        return f"it cannot be read: {error}"
    if canonical_record(shape) != body:
        return "it is not canonical"
    if len(canonical(shape.schema)) != size:
        return "its size is not the one recorded"
    named = (
        u64_bytes(shape.tenant_id),
        u64_bytes(shape.namespace_id),
        shape.schema_id.encode(),
        shape.version.encode(),
    )
    return None if named == names else "its row does not say what it says"


def _shown(text: bytes | None) -> str:
    return "?" if text is None else text.decode(errors="replace")
