"""Hashing everything again: files and rows against the manifest of a backup, and all of it against itself.

Against itself: every run's chain, every scenario and schema, every run pack, the ledger against its counters, every log
of the audit against its signed checkpoints. What is found is named; nothing is changed.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.errors import DecisionGateError, StoreError
from decision_gate.enterprise.audit import (
    ROOT,
    Finding,
    LogNames,
    SnapshotFolder,
    compare_chains,
    examine,
    kept_checkpoints,
    open_audit_store,
    with_findings,
)
from decision_gate.enterprise.audit.tlog import Checkpoint
from decision_gate.enterprise.backup.deployment import Deployment
from decision_gate.enterprise.backup.manifest import MANIFEST_NAME, Manifest, read_manifest
from decision_gate.enterprise.backup.tables import changed_blocks, hash_tables
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.enterprise.usage.reconciliation import wrong_counters
from decision_gate.mcp.cli.packs import PackPlace, check_pack
from decision_gate.mcp.stores.sqlite import SqliteArchive, verify_store

PACK_MANIFEST: Final = "manifest.json"


@attrs.frozen
class Problem:
    """One thing that does not hold, and where."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@attrs.frozen(kw_only=True)
class Examination:
    """What was looked at, and everything that does not hold."""

    runs: int = 0
    scenarios: int = 0
    data_shapes: int = 0
    runpacks: int = 0
    ledger_rows: int = 0
    logs: int = 0
    files: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify_backup(backup: Path, manifest: Manifest | None = None, *, kept: Path | None = None) -> Examination:
    """Verify a backup; it is left as it is.

    *kept* is a folder of snapshots beside those of the backup: they show that it is older than they are, or forked.

    Raises:
        BackupFormatError: It is none.
    """
    manifest = manifest or read_manifest(backup)
    problems = [*changed_files(backup, manifest), *_tables(backup, manifest)]
    names = None
    if manifest.origin is not None:
        names = LogNames(deployment=manifest.origin, public_keys=tuple(bytes.fromhex(key) for key in manifest.log_keys))
    # Opening a store writes to its file, so a copy is opened.
    with tempfile.TemporaryDirectory(prefix="dg-verify-") as folder:
        copy = Path(folder) / "copy.db"
        try:
            shutil.copyfile(backup / manifest.database, copy)
        except OSError as error:
            problems.append(Problem(manifest.database, error.strerror or "cannot be read"))
            return Examination(files=len(manifest.files), problems=tuple(problems))
        snapshots = [backup / manifest.snapshots] if manifest.snapshots is not None else []
        packs = [backup / root for root in manifest.runpacks]
        examined = _examined(copy, packs, [*snapshots, *([] if kept is None else [kept])], names)
    return attrs.evolve(examined, files=len(manifest.files), problems=(*problems, *examined.problems))


def verify_deployment(deployment: Deployment, *, kept: Path | None = None) -> Examination:
    """Verify a deployment; servers go on beside it. What it hashes to is only compared with itself, and with *kept*."""
    folder = deployment.folder
    return _examined(
        folder / deployment.database,
        [folder / root for root in deployment.runpacks],
        [each for each in (deployment.snapshots and folder / deployment.snapshots, kept) if each is not None],
        deployment.log_names(),
    )


def changed_files(backup: Path, manifest: Manifest) -> Iterator[Problem]:
    """Yield each file of a backup that is not what it was, is missing, or was not there."""
    for entry in manifest.files:
        digest = hashlib.sha256()
        try:
            with (backup / entry.path).open("rb") as file:
                while chunk := file.read(2**20):
                    digest.update(chunk)
        except OSError as error:
            yield Problem(entry.path, error.strerror or "cannot be read")
            continue
        if digest.hexdigest() != entry.sha256:
            yield Problem(entry.path, "is not what was backed up")
    known = {MANIFEST_NAME, *manifest.entries()}
    for path in sorted(backup.rglob("*")):
        name = path.relative_to(backup).as_posix()
        if path.is_file() and name not in known:
            yield Problem(name, "was not backed up")


def _tables(backup: Path, manifest: Manifest) -> Iterator[Problem]:
    try:
        now = hash_tables(backup / manifest.database)
    except StoreError as error:
        yield Problem(manifest.database, str(error))
        return
    for name in sorted({*now, *manifest.tables}):
        place = f"{manifest.database} table {name}"
        if name not in now or name not in manifest.tables:
            yield Problem(place, "is missing" if name not in now else "was not backed up")
        else:
            yield from (Problem(place, reason) for reason in changed_blocks(manifest.tables[name], now[name]))


def _examined(database: Path, runpacks: list[Path], snapshots: list[Path], names: LogNames | None) -> Examination:
    """Hold everything against itself."""
    problems: list[Problem] = []
    examined = Examination()
    try:
        report = verify_store(SqliteArchive(database))
        examined = Examination(runs=report.runs, scenarios=report.scenarios, data_shapes=report.data_shapes)
        problems += [Problem(problem.place, problem.reason) for problem in report.problems]
    except DecisionGateError as error:
        problems.append(Problem(database.name, str(error)))
    ledger_rows, wrong = _ledger(database)
    packs = [pack for root in runpacks for pack in _packs(root)]
    problems += [*wrong, *(problem for pack in packs for problem in _pack(pack))]
    logs = 0
    if names is not None:
        try:
            for problem in _logs(database, names, snapshots):
                logs += problem is None
                problems += [] if problem is None else [problem]
        except Exception as error:  # noqa: BLE001 - whatever damaged rows do to who reads them, it is a finding
            problems.append(Problem("audit log", f"cannot be read: {error}"))
    return attrs.evolve(examined, ledger_rows=ledger_rows, runpacks=len(packs), logs=logs, problems=tuple(problems))


def _ledger(database: Path) -> tuple[int, list[Problem]]:
    """Compare the ledger with its counters; return how many rows it has, and what differs."""
    try:
        with open_transactions(DatabaseSettings(path=str(database)), []) as reader:
            if not reader.rows("SELECT 1 FROM sqlite_schema WHERE name = 'usage_ledger'"):
                return 0, []
            ((rows,),) = reader.rows("SELECT count(*) FROM decision_gate.usage_ledger")
            found = wrong_counters(reader)
    except Exception as error:  # noqa: BLE001 - whatever damaged rows do to who reads them, it is a finding
        return 0, [Problem("ledger", f"cannot be read: {error}")]
    return rows, [
        Problem(
            f"ledger of tenant {each.tenant_id}",
            f"{each.metric.value} {each.period}: {each.billed} billed, {each.counted} counted",
        )
        for each in found
    ]


def _packs(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.rglob(PACK_MANIFEST) if path.is_file())


def _pack(folder: Path) -> list[Problem]:
    place = f"run pack {folder.name}"
    try:
        return [Problem(place, problem) for problem in check_pack(PackPlace.of(folder, None)).problems]
    except DecisionGateError as error:
        return [Problem(place, str(error))]


def _logs(database: Path, names: LogNames, snapshots: list[Path]) -> Iterator[Problem | None]:
    """Yield each finding, and none for each log that is sound."""
    settings = DatabaseSettings(path=str(database))
    with open_audit_store(settings) as store, open_transactions(settings, []) as runs:
        kept = {names.origin(log): _kept(snapshots, names, log) for log in {ROOT, *store.logs()}}
        chains = list(compare_chains(store, names, runs))
        for report in with_findings(examine(store, names, kept), chains):
            if report.is_sound:
                yield None
            yield from (Problem(f"audit log {report.origin}", _placed(finding)) for finding in report.findings)


def _kept(folders: list[Path], names: LogNames, log: bytes) -> list[Checkpoint]:
    origin = names.origin(log)
    found = (kept_checkpoints(SnapshotFolder(folder), origin, names.verifiers(log)) for folder in folders)
    return sorted(chain.from_iterable(found), key=lambda checkpoint: checkpoint.size)


def _placed(finding: Finding) -> str:
    """Return what was done, and to which entry."""
    place = "" if finding.index is None else f" entry {finding.index}:"
    return f"{finding.damage.value}:{place} {finding.text}"
