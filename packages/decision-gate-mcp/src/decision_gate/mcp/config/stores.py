"""``[run_state_store]`` and ``[schema_registry]``: where runs and data shapes live (contract §3.3)."""

from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.mcp.config.acl import AclTable
from decision_gate.mcp.config.kinds import Choice, Integer, Text
from decision_gate.mcp.config.rules import demand, demand_store_path
from decision_gate.mcp.config.schema_rules import SchemaRule, has, lacks, some, unless, when
from decision_gate.mcp.config.table import Table, key

MAX_SCHEMA_BYTES = 10_485_760


class StoreType(StrEnum):
    """The two stores of the open server."""

    MEMORY = "memory"
    SQLITE = "sqlite"


class JournalMode(StrEnum):
    """SQLite's journal."""

    WAL = "wal"
    DELETE = "delete"


class SyncMode(StrEnum):
    """How hard SQLite makes sure that a commit is on the disk."""

    FULL = "full"
    NORMAL = "normal"


@attrs.frozen(kw_only=True)
class RunStateStoreTable:
    """``[run_state_store]`` of type ``memory`` or ``sqlite``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("type sqlite requires path", has(type="sqlite"), some("path")),
        unless("type memory does not accept path", has(type="sqlite"), lacks("path")),
    )

    type: StoreType = key(Choice(StoreType), "Kind of store.", default=StoreType.MEMORY)
    path: str | None = key(Text(), "Database file of the sqlite store.", default=None)
    busy_timeout_ms: int = key(Integer(), "How long a writer waits for another process.", default=5000)
    journal_mode: JournalMode = key(Choice(JournalMode), "SQLite journal.", default=JournalMode.WAL)
    sync_mode: SyncMode = key(Choice(SyncMode), "SQLite durability.", default=SyncMode.FULL)
    max_versions: int | None = key(
        Integer(), "Accepted for compatibility; nothing is removed (deviation S12).", default=None
    )

    def check(self) -> None:
        """Refuse a path in memory and sqlite without one. Raise ``InvalidConfigError``."""
        if self.type is StoreType.MEMORY:
            demand(self.path is None, "memory run_state_store must not set path")
            return
        demand(bool(self.path), "sqlite run_state_store requires path")
        demand_store_path(self.path or "")
        demand(
            self.max_versions is None or self.max_versions > 0,
            "run_state_store max_versions must be greater than zero",
        )


@attrs.frozen(kw_only=True)
class SchemaRegistryTable:
    """``[schema_registry]`` of type ``memory`` or ``sqlite``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("type sqlite requires path", has(type="sqlite"), some("path")),
        unless("type memory does not accept path", has(type="sqlite"), lacks("path")),
    )

    type: StoreType = key(Choice(StoreType), "Kind of store.", default=StoreType.MEMORY)
    path: str | None = key(Text(), "Database file of the sqlite store.", default=None)
    busy_timeout_ms: int = key(Integer(), "How long a writer waits for another process.", default=5000)
    journal_mode: JournalMode = key(Choice(JournalMode), "SQLite journal.", default=JournalMode.WAL)
    sync_mode: SyncMode = key(Choice(SyncMode), "SQLite durability.", default=SyncMode.FULL)
    max_schema_bytes: int = key(Integer(low=1, high=MAX_SCHEMA_BYTES), "Largest schema.", default=1_048_576)
    max_entries: int | None = key(Integer(low=1), "Most schemas of one namespace.", default=None)
    acl: AclTable = key(Table(AclTable), "Who may register, list and read.", default=AclTable())

    def check(self) -> None:
        """Check store, sizes, then the access rules. Raise ``InvalidConfigError``."""
        if self.type is StoreType.MEMORY:
            demand(self.path is None, "memory schema_registry must not set path")
        else:
            demand(bool(self.path), "sqlite schema_registry requires path")
            demand_store_path(self.path or "")
        demand(0 < self.max_schema_bytes <= MAX_SCHEMA_BYTES, "schema_registry max_schema_bytes out of range")
        demand(
            self.max_entries is None or self.max_entries > 0,
            "schema_registry max_entries must be greater than zero",
        )
        self.acl.check()
