"""The run log: a bounded head plus append-only logs, changed by commits (``docs/adr/0001-run-log.md``).

INVARIANT: a commit is applied whole, with all its riders, or not at all; of two commits that expect the same
version of a run at most one is applied; what ``create`` and ``append`` acknowledged is durable.
"""

import enum
from collections.abc import Iterator, Sequence
from typing import Protocol

import attrs

from decision_gate.core.model import NamespaceId, RunStatus, TenantId
from decision_gate.core.timestamps import Timestamp

MAX_PAGE = 1_000
"""Largest page of ``RunStore.runs``."""


@attrs.frozen(cache_hash=True)
class RunKey:
    """Name of a run; the tenant leads every key and index."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    run_id: str


class Log(enum.Enum):
    """The append-only lists of a run: six of the wire's run state, and two of the engine's own.

    ``dispatch_targets`` are those of its start; ``intents`` announce dispatches with effects and are never
    exported.
    """

    TRIGGERS = "triggers"
    GATE_EVALS = "gate_evals"
    DECISIONS = "decisions"
    PACKETS = "packets"
    SUBMISSIONS = "submissions"
    TOOL_CALLS = "tool_calls"
    DISPATCH_TARGETS = "dispatch_targets"
    INTENTS = "intents"


@attrs.frozen(kw_only=True)
class LogRecord:
    """One record of one log, canonicalised once.

    ``seq`` counts from 1 within its log. ``key`` is the trigger id of a decision and the submission id of a
    submission, unique within run and log; every other record has none. ``sha256`` is the hexadecimal digest
    of ``body``.
    """

    log: Log
    seq: int
    key: str | None = None
    body: bytes
    sha256: str


@attrs.frozen(kw_only=True)
class LogCounts:
    """How many records each log of a run holds."""

    triggers: int = 0
    gate_evals: int = 0
    decisions: int = 0
    packets: int = 0
    submissions: int = 0
    tool_calls: int = 0
    dispatch_targets: int = 0
    intents: int = 0

    def of(self, log: Log) -> int:
        """Return the count of *log*."""
        return getattr(self, log.value)  # type: ignore[no-any-return]  # every value of Log names a field


@attrs.frozen(kw_only=True)
class PendingDispatch:
    """An announced dispatch whose result is not recorded yet; after ``until`` another caller may finish it.

    ``until`` is in milliseconds of the host's clock. The intent itself is the last record of the log
    ``intents``.
    """

    decision_seq: int
    packet_ids: tuple[str, ...]
    until: int


@attrs.frozen(kw_only=True)
class RunHead:
    """All that a step needs to know about the past of a run; of bounded size.

    ``version`` counts commits; ``state_version`` only those that touch triggers, decisions, stage or status.
    ``decided_at_version`` is the version whose commit holds the last decision, 0 before the first. ``digest``
    is the hexadecimal end of the run's hash chain.
    """

    key: RunKey
    scenario_id: str
    owner: TenantId | None
    spec_hash: str
    current_stage_id: str
    stage_entered_at: Timestamp
    status: RunStatus
    version: int
    state_version: int
    counts: LogCounts
    decided_at_version: int = 0
    pending: PendingDispatch | None = None
    digest: str


@attrs.frozen(kw_only=True)
class Commit:
    """What one call adds to a run.

    ``expected_version`` is the version it was computed from, 0 for a new run; ``head.version`` is one more.
    The digest of ``head`` covers the previous digest, the key, the head itself and the hash of every record
    (``run_digest``).
    """

    expected_version: int
    head: RunHead
    records: tuple[LogRecord, ...]

    @property
    def key(self) -> RunKey:
        """Name of the run."""
        return self.head.key


@attrs.frozen(kw_only=True)
class Rider:
    """An opaque record that is written with a commit or not at all.

    ``kind`` names the table that applies it; ``key`` makes it idempotent: a second rider of the same kind and
    key changes nothing and is no error.
    """

    kind: str
    key: str
    body: bytes


@attrs.frozen(kw_only=True)
class StepRecords:
    """The records of one decided step, as stored."""

    decision: bytes
    packets: tuple[bytes, ...]
    gate_evals: tuple[bytes, ...]


@attrs.frozen(kw_only=True)
class RecordRef:
    """Name of one record."""

    log: Log
    seq: int


@attrs.frozen(kw_only=True)
class RunQuery:
    """Which runs to list: one tenant's, optionally narrowed."""

    tenant_id: TenantId
    namespace_id: NamespaceId | None = None
    scenario_id: str | None = None
    status: RunStatus | None = None


@attrs.frozen(kw_only=True)
class RunSummary:
    """One run in a listing; ``saved_at`` is the store's clock at its last commit, in milliseconds."""

    head: RunHead
    saved_at: int


@attrs.frozen(kw_only=True)
class RunPage:
    """One page of runs in key order (namespace, run id bytes); ``next_cursor`` is none on the last page."""

    items: tuple[RunSummary, ...]
    next_cursor: str | None


@attrs.frozen(kw_only=True)
class Integrity:
    """Outcome of walking a run's chain: sound, or the first place that is not."""

    commits: int
    problem: str | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return self.problem is None


class RunLogs(Protocol):
    """The part of a ``RunStore`` that folds and exports need."""

    def read(self, key: RunKey, log: Log, *, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """See ``RunStore.read``."""
        ...


class RunStore(Protocol):
    """Durable runs.

    Every method may raise ``StoreUnavailableError``; readers may raise ``StoreCorruptError``.
    """

    @property
    def rider_kinds(self) -> frozenset[str]:
        """Kinds of riders this store was opened with."""
        ...

    def create(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """Make a run and return its head.

        Raises:
            RunExistsError: A run with this key exists; nothing is written.
            RiderKindError: There is no table for a rider; nothing is written.
            RiderRefusedError: A rider table refused; nothing is written.
            OutcomeUnknownError: The reply was lost.
        """
        ...

    def head(self, key: RunKey) -> RunHead | None:
        """Return the head of a run, none when there is no such run."""
        ...

    def step(self, key: RunKey, trigger_id: str | None) -> StepRecords | None:
        """Return one decided step, that of *trigger_id* or, when none is given, the last; none without one.

        Costs the same whatever the length of the run.
        """
        ...

    def submission(self, key: RunKey, submission_id: str) -> bytes | None:
        """Return one submission record by its id."""
        ...

    def append(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """Add a commit to a run and return the new head; durable before it returns.

        Raises:
            RunMissingError: There is no such run.
            ConflictError: The run is not at ``commit.expected_version``; nothing is written.
            RecordKeyTakenError: A record's key stands in its log already; nothing is written.
            RiderKindError: There is no table for a rider; nothing is written.
            RiderRefusedError: A rider table refused; nothing is written.
            OutcomeUnknownError: The reply was lost.
        """
        ...

    def record(self, riders: Sequence[Rider]) -> None:
        """Write riders of a call or a denial that changes no run, all or nothing.

        Raises:
            RiderRefusedError: A rider table refused; nothing is written.
        """
        ...

    def read(self, key: RunKey, log: Log, *, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """Yield the bodies of *log* with ``after < seq <= upto`` in order, in constant memory.

        The reader decides the cut: with ``upto`` from one head the logs of a run are read as of that version
        while others append; without it, as of the call.

        Raises:
            RunMissingError: There is no such run.
            StoreCorruptError: A record is missing or does not match its hash.
        """
        ...

    def runs(self, query: RunQuery, cursor: str | None, limit: int) -> RunPage:
        """List runs of one tenant in key order; *limit* is 1 … ``MAX_PAGE``.

        Raises:
            CursorError: *cursor* was not handed out by this store.
            PageLimitError: *limit* is out of range.
        """
        ...

    def check(self, key: RunKey) -> Integrity:
        """Recompute every record hash and the whole chain; name the first place that does not hold.

        Raises:
            RunMissingError: There is no such run.
        """
        ...

    def erase(self, key: RunKey, records: Sequence[RecordRef], tombstone: bytes) -> None:
        """Replace the bodies of *records* by *tombstone*; their hashes and the chain stay.

        ``check`` accepts a record whose body is a tombstone it was told about here. Erasing again replaces
        the tombstone.

        Raises:
            RunMissingError: There is no such run.
            RecordMissingError: One of *records* is not there; nothing is erased.
        """
        ...

    def ready(self) -> None:
        """Return when the store can commit.

        Raises:
            StoreUnavailableError: It cannot.
        """
        ...
