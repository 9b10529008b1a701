"""The table ``[audit_sink]`` of type ``hash_chain``."""

import os
from collections.abc import Mapping

import attrs

from decision_gate.enterprise.audit.errors import SequencingSettingsError
from decision_gate.enterprise.audit.leaf import EventClass
from decision_gate.enterprise.audit.logs import LogKeys
from decision_gate.enterprise.audit.retention import DEFAULT_DAYS
from decision_gate.enterprise.audit.tlog import read_public_key, read_signing_key
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.mcp.config.kinds import Array, Integer, Secret, Text
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.secrets import SecretSource
from decision_gate.mcp.config.table import Table, key


@attrs.frozen(kw_only=True)
class RetentionTable:
    """``retention_days``: how long the bodies of each class of events are kept."""

    decision: int = key(Integer(1), "Commits of runs.", default=DEFAULT_DAYS)
    denial: int = key(Integer(1), "Refused authorizations.", default=DEFAULT_DAYS)
    definition: int = key(Integer(1), "New versions of scenarios.", default=DEFAULT_DAYS)
    call: int = key(Integer(1), "Successful calls that changed nothing.", default=DEFAULT_DAYS)
    administration: int = key(
        Integer(1), "Changes by administrators, legal holds, what was forgotten.", default=DEFAULT_DAYS
    )
    other: int = key(Integer(1), "Everything else.", default=DEFAULT_DAYS)

    def by_class(self) -> Mapping[EventClass, int]:
        """Return the days of each class."""
        return {event_class: getattr(self, event_class.value) for event_class in EventClass}


@attrs.frozen(kw_only=True)
class HashChainSettings:
    """Where the log is and whose keys sign it.

    Without a database the server only fills the outbox, and ``cloud audit sequence`` empties it.
    """

    log_path: str | None = key(Text(), "File for the text of every request; standard error when absent.", default=None)
    dsn: SecretSource | None = key(Secret(), "Connection string of the PostgreSQL database of the runs.", default=None)
    path: str | None = key(Text(), "File of the SQLite database of the runs.", default=None)
    max_connections: int = key(Integer(1), "Most connections of the sequencer to the database.", default=2)
    origin: str | None = key(Text(), "Name of the deployment in its checkpoints: audit.example.org.", default=None)
    signing_keys: tuple[SecretSource, ...] = key(
        Array(Secret()), "Ed25519 private keys in PEM that sign checkpoints; all of them sign.", default=()
    )
    retired_keys: tuple[SecretSource, ...] = key(
        Array(Secret()), "Ed25519 public keys in PEM that signed before; what they signed still counts.", default=()
    )
    interval_ms: int = key(Integer(10), "How often leaves get their places and a checkpoint.", default=1_000)
    snapshots: str | None = key(Text(), "Folder for checkpoints, on another system than the database.", default=None)
    snapshot_ms: int = key(
        Integer(1_000), "How often a checkpoint is kept there, while there are events.", default=60_000
    )
    retention_days: RetentionTable = key(
        Table(RetentionTable), "For how many days bodies are kept, by class.", default=RetentionTable()
    )

    @property
    def is_sequencing(self) -> bool:
        """Whether the server gives leaves their places itself."""
        return self.dsn is not None or self.path is not None

    def check(self) -> None:
        """Demand what belongs together. Raise ``InvalidConfigError``."""
        demand(self.dsn is None or self.path is None, "set either dsn or path, to the database of the runs")
        if self.is_sequencing:
            demand(self.origin is not None, "audit_sink: origin must name the deployment when it has a database")
            demand(bool(self.signing_keys), "audit_sink: signing_keys must name a key when it has a database")

    def database(self) -> DatabaseSettings:
        """Return where the log is."""
        return DatabaseSettings(dsn=self.dsn, path=self.path, max_connections=self.max_connections)

    def keys(self, environment: Mapping[str, str] = os.environ) -> LogKeys:
        """Return the keys that sign.

        Raises:
            SequencingSettingsError: There is no origin.
            SecretUnavailableError: A key cannot be had.
            SigningKeyError: A key is no Ed25519 key.
        """
        if self.origin is None or not self.signing_keys:
            raise SequencingSettingsError("the audit log is not signed: set origin and signing_keys of [audit_sink]")
        keys = LogKeys(
            deployment=self.origin,
            keys=tuple(read_signing_key(source.reveal(environment)) for source in self.signing_keys),
            retired=tuple(read_public_key(source.reveal(environment)) for source in self.retired_keys),
        )
        keys.names  # noqa: B018 - the name is checked where it is written, not at the first event
        return keys
