"""The tables of the stores.

``records`` is written in order of arrival and found through narrow indexes. A table clustered by run was measured and
is slower: rows of a kilobyte spill to overflow pages, or split pages in the middle, and every page more is four
kilobytes more to synchronise. A commit now touches the last page of ``records``, one page of each index and the page
of its run, whatever the length of the run.

The head of a commit is the record that closes it (``log`` 0), so that the chain can be walked; ``runs.head`` repeats
the newest one, so that a run that lost its last commits shows.
"""

from typing import Final

from decision_gate.core.ports import Log
from decision_gate.mcp.stores.sqlite.migrations import Migration

APPLICATION_ID: Final = 0x44474154
"""``DGAT`` in the header of every file of ours (``PRAGMA application_id``)."""

COMPONENT: Final = "stores"
"""Name of these tables in ``schema_version``."""

HEAD: Final = 0
"""Number of a commit's head in ``records.log``."""

LOG_NUMBERS: Final = {
    Log.TRIGGERS: 1,
    Log.GATE_EVALS: 2,
    Log.DECISIONS: 3,
    Log.PACKETS: 4,
    Log.SUBMISSIONS: 5,
    Log.TOOL_CALLS: 6,
    Log.DISPATCH_TARGETS: 7,
    Log.INTENTS: 8,
}
"""Numbers of the logs in ``records.log``; part of the file format."""

LOGS: Final = {number: log for log, number in LOG_NUMBERS.items()}

_FIRST: Final[Migration] = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        tenant BLOB NOT NULL,       -- 8 bytes, big-endian
        namespace BLOB NOT NULL,    -- 8 bytes, big-endian
        run_id BLOB NOT NULL,       -- UTF-8
        scenario_id BLOB NOT NULL,  -- UTF-8
        status TEXT NOT NULL,
        version INTEGER NOT NULL,
        decided_at INTEGER NOT NULL,
        saved_at INTEGER NOT NULL,  -- Unix milliseconds
        head BLOB NOT NULL          -- canonical JSON
    ) STRICT
    """,
    "CREATE UNIQUE INDEX runs_key ON runs (tenant, namespace, run_id)",
    """
    CREATE TABLE records (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        version INTEGER NOT NULL,
        position INTEGER NOT NULL,
        log INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        key BLOB,                   -- UTF-8
        sha256 BLOB,                -- of the body as committed
        body BLOB NOT NULL,
        tombstone BLOB              -- SHA-256 of what an erasure put into body
    ) STRICT
    """,
    # log and seq only make the index enough to skip the records of other logs.
    "CREATE UNIQUE INDEX records_place ON records (run, version, position, log, seq)",
    "CREATE UNIQUE INDEX records_key ON records (run, log, key) WHERE key IS NOT NULL",
    """
    CREATE TABLE scenarios (
        id INTEGER PRIMARY KEY,
        owner BLOB NOT NULL,        -- 8 bytes, big-endian; empty for nobody
        namespace BLOB NOT NULL,
        scenario_id BLOB NOT NULL,
        spec_hash BLOB NOT NULL     -- of the current version
    ) STRICT
    """,
    "CREATE UNIQUE INDEX scenarios_key ON scenarios (owner, namespace, scenario_id)",
    """
    CREATE TABLE scenario_versions (
        scenario INTEGER NOT NULL,
        spec_hash BLOB NOT NULL,
        spec_version BLOB NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX scenario_versions_key ON scenario_versions (scenario, spec_hash)",
    """
    CREATE TABLE data_shapes (
        tenant BLOB NOT NULL,
        namespace BLOB NOT NULL,
        schema_id BLOB NOT NULL,
        version BLOB NOT NULL,
        schema_bytes INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX data_shapes_key ON data_shapes (tenant, namespace, schema_id, version)",
    "CREATE INDEX data_shapes_size ON data_shapes (tenant, namespace, schema_bytes)",
)

MIGRATIONS: Final[tuple[Migration, ...]] = (_FIRST,)
"""All migrations of these tables, oldest first."""
