"""Making a backup while servers go on, and putting one in place elsewhere.

A backup is a folder. Its manifest is written last: a folder without one is no backup. Keys are left out unless asked
for, because whoever has a backup with keys can sign in the name of the deployment.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from decision_gate.enterprise.backup.deployment import Deployment
from decision_gate.enterprise.backup.errors import UnsoundBackupError
from decision_gate.enterprise.backup.manifest import FORMAT, MANIFEST_NAME, FileEntry, Manifest, read_manifest
from decision_gate.enterprise.backup.tables import hash_tables
from decision_gate.enterprise.backup.verifying import verify_backup
from decision_gate.mcp.runpacks.folder import open_folder
from decision_gate.mcp.stores.sqlite import TargetTakenError, back_up

_KEYS: Final = Path("keys")


def make_backup(deployment: Deployment, target: Path, *, at_ms: int, with_keys: bool) -> Manifest:
    """Copy *deployment*, as of one moment of its database, to the new folder *target*.

    Run packs and snapshots are copied before the database, so that nothing in them is younger than it.

    Raises:
        TargetTakenError: *target* is there and not empty.
        UnsoundCopyError: The database is damaged; the message names the place.
        StoreError: Something cannot be read or written.
    """
    _demand_free(target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for tree in deployment.trees:
        _copy_tree(deployment.folder / tree, target / tree)
    _copy_file(deployment.folder / deployment.config, target / deployment.config)
    if with_keys and (deployment.folder / _KEYS).is_dir():
        _copy_tree(deployment.folder / _KEYS, target / _KEYS)
    back_up(deployment.folder / deployment.database, target / deployment.database)
    names = deployment.log_names()
    manifest = Manifest(
        format=FORMAT,
        created_at=at_ms,
        config=deployment.config.as_posix(),
        database=deployment.database.as_posix(),
        trees=tuple(tree.as_posix() for tree in deployment.trees),
        runpacks=tuple(root.as_posix() for root in deployment.runpacks),
        snapshots=None if deployment.snapshots is None else deployment.snapshots.as_posix(),
        origin=None if names is None else names.deployment,
        log_keys=() if names is None else tuple(key.hex() for key in names.public_keys),
        files=tuple(_entry(target, path) for path in files_below(target)),
        tables=hash_tables(target / deployment.database),
    ).sealed()
    with open_folder(target) as folder:
        folder.write(MANIFEST_NAME, [manifest.encoded()], what="manifest")
    return manifest


def restore_backup(backup: Path, folder: Path) -> Manifest:
    """Put the verified content of *backup* into the new folder *folder*.

    Raises:
        TargetTakenError: *folder* is there and not empty.
        BackupFormatError: *backup* is none.
        UnsoundBackupError: Something in it is not what was backed up; nothing is put in place.
        StoreError: Something cannot be read or written.
    """
    _demand_free(folder)
    manifest = read_manifest(backup)
    examination = verify_backup(backup, manifest)
    if examination.problems:
        raise UnsoundBackupError(f"{backup} is not restored: {examination.problems[0]}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in manifest.files:
        if entry.path not in (manifest.database, manifest.config):
            _copy_file(backup / entry.path, folder / entry.path)
    for tree in manifest.trees:
        (folder / tree).mkdir(mode=0o700, parents=True, exist_ok=True)
    back_up(backup / manifest.database, folder / manifest.database)
    # Last: what has a configuration can be served.
    _copy_file(backup / manifest.config, folder / manifest.config)
    return manifest


def files_below(folder: Path) -> Iterator[str]:
    """Yield the paths of all files below a folder but its manifest, in order."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    yield from sorted(path for path in found if path != MANIFEST_NAME)


def _entry(target: Path, path: str) -> FileEntry:
    digest = hashlib.sha256()
    with (target / path).open("rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return FileEntry(path=path, size=(target / path).stat().st_size, sha256=digest.hexdigest())


def _demand_free(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetTakenError(str(target))


def _copy_tree(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not source.is_dir():
        return
    for path in sorted(source.rglob("*")):
        # Links are not followed: what they point to is not the deployment's.
        if path.is_symlink():
            continue
        # Names of files that are still being written begin with a dot.
        if path.is_file() and not path.name.startswith("."):
            _copy_file(path, target / path.relative_to(source))


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())
