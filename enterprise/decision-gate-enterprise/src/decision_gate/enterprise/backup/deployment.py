"""What of a deployment is backed up: its database file, its folders, its configuration."""

from pathlib import Path

import attrs

from decision_gate.enterprise.audit import HashChainSettings, LogKeys, LogNames
from decision_gate.enterprise.backup.errors import NotBackedUpError
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.secrets import FileSecret
from decision_gate.mcp.config.stores import StoreType


@attrs.frozen(kw_only=True)
class Deployment:
    """Paths of a deployment, relative to its folder.

    Attributes:
        folder: Its folder.
        config: Its configuration file.
        database: The database file.
        runpacks: Folders that hold run packs.
        evidence: Folders of the deployment that its providers read.
        snapshots: Folder that holds snapshots of the audit log, if there is one.
        audit: Settings of the audit log; none when it is not ours.
    """

    folder: Path
    config: Path
    database: Path
    runpacks: tuple[Path, ...]
    evidence: tuple[Path, ...]
    snapshots: Path | None
    audit: HashChainSettings | None

    @property
    def trees(self) -> tuple[Path, ...]:
        """All folders that are copied; snapshots first, because none may be younger than the database beside it."""
        return (*(() if self.snapshots is None else (self.snapshots,)), *self.runpacks, *self.evidence)

    def log_names(self) -> LogNames | None:
        """Return what the audit log is called and verified with; none when this server does not sign it.

        Raises:
            SecretUnavailableError, SigningKeyError: A signing key cannot be had.
        """
        return None if self.audit is None or not self.audit.is_sequencing else self.keys().names

    def keys(self) -> LogKeys:
        """Return the keys that sign the audit log.

        Raises:
            SequencingSettingsError: It is not signed.
            SecretUnavailableError, SigningKeyError: A key cannot be had.
        """
        audit = self.audit or HashChainSettings()
        # Key files are named relative to the folder of the deployment.
        signing, retired = (
            tuple(FileSecret(path=str(self.folder / key.path)) if isinstance(key, FileSecret) else key for key in keys)
            for keys in (audit.signing_keys, audit.retired_keys)
        )
        return attrs.evolve(audit, signing_keys=signing, retired_keys=retired).keys()


def deployment_of(folder: Path, config_path: Path, config: Config) -> Deployment:
    """Return what a configuration says about where everything is.

    Raises:
        NotBackedUpError: Runs live in PostgreSQL or in memory, or something lies outside the folder.
    """
    store = config.run_state_store
    if isinstance(store, Chosen) or store.type is not StoreType.SQLITE or store.path is None:
        raise NotBackedUpError(
            "only a SQLite deployment is backed up by this command; "
            "PostgreSQL has its own: pg_basebackup with archived WAL, or pg_dump of the schema decision_gate"
        )
    sink = config.audit_sink
    audit = sink.settings if sink is not None and isinstance(sink.settings, HashChainSettings) else None
    snapshots = None if audit is None or audit.snapshots is None else _inside(folder, audit.snapshots)
    return Deployment(
        folder=folder,
        config=_inside(folder, str(config_path)),
        database=_inside(folder, store.path),
        runpacks=tuple(_inside(folder, root) for root in config.runpacks.roots or ()),
        evidence=_evidence(folder, config),
        snapshots=snapshots,
        audit=audit,
    )


def _evidence(folder: Path, config: Config) -> tuple[Path, ...]:
    """Return the roots of providers inside the folder; what lies outside is delivered there by somebody else."""
    whole = folder.absolute()
    roots = [provider.config.get("root") for provider in config.providers if isinstance(provider.config, dict)]
    found = {(whole / root).absolute() for root in roots if isinstance(root, str) and ".." not in Path(root).parts}
    return tuple(sorted(path.relative_to(whole) for path in found if path != whole and path.is_relative_to(whole)))


def _inside(folder: Path, path: str) -> Path:
    whole = (folder / path).absolute()
    if not whole.is_relative_to(folder.absolute()) or ".." in Path(path).parts:
        raise NotBackedUpError(f"{path} lies outside the folder of the deployment: back it up by itself")
    return whole.relative_to(folder.absolute())
