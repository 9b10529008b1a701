"""Erase what runs hold and keep what they prove: bodies become tombstones, hashes and chain stay.

Exports and backups that were made before are files of their own; nobody can erase them from here.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from decision_gate.core.engine import RunBusyError
from decision_gate.core.errors import CallerError
from decision_gate.core.model import RunStatus
from decision_gate.core.ports import (
    TOMBSTONE_KEY,
    Log,
    RecordRef,
    RunHead,
    RunKey,
    RunMissingError,
    RunQuery,
    RunStore,
    RunSummary,
    tombstone,
)
from decision_gate.core.ports.runs import MAX_PAGE

ERASABLE: Final = (Log.TRIGGERS, Log.GATE_EVALS, Log.PACKETS, Log.SUBMISSIONS)
"""Logs that hold what people and systems said. Decisions, hashes of calls and dispatch targets are the proof."""

DEFAULT_LOGS: Final = (Log.GATE_EVALS, Log.PACKETS, Log.SUBMISSIONS)
"""What is erased unless told otherwise: evidence, disclosed payloads, submissions."""


_TOMBSTONE: Final = b'{"%b":' % TOMBSTONE_KEY.encode()


class NotErasableError(CallerError):
    """A log cannot be erased without taking away what proves a run."""

    code = "not_erasable"

    def __init__(self, log: Log) -> None:
        super().__init__(f"records of {log.value} cannot be erased")


@attrs.frozen(kw_only=True)
class Erasure:
    """How many records of one run were erased; those that were before do not count."""

    key: RunKey
    records: int


def erase_run(runs: RunStore, key: RunKey, *, reason: str, at_ms: int, logs: Sequence[Log] = DEFAULT_LOGS) -> Erasure:
    """Replace every record of *logs* in a run by a tombstone with *reason* and *at_ms*.

    An announced dispatch repeats trigger and evidence, so its announcements go with them. The run goes on; what needs
    an erased record answers ``record_erased``, and a run pack of it cannot be replayed.

    Raises:
        NotErasableError: One of *logs* is proof.
        RunMissingError: There is no such run.
        RunBusyError: A dispatch is under way that needs its announcement.
    """
    for log in logs:
        if log not in ERASABLE:
            raise NotErasableError(log)
    head = runs.head(key)
    if head is None:
        raise RunMissingError(key.run_id)
    if head.pending is not None:
        raise RunBusyError(key.run_id, head.pending.until)
    refs = tuple(_refs(runs, head, logs))
    if refs:
        runs.erase(key, refs, tombstone(at_ms=at_ms, reason=reason))
    return Erasure(key=key, records=len(refs))


def finished_before(runs: RunStore, query: RunQuery, before_ms: int) -> Iterator[RunSummary]:
    """Yield the finished runs of *query* whose last commit is older than *before_ms*, in key order.

    Polls of a finished run are commits too, so a run that somebody still looks at is not old.
    """
    cursor: str | None = None
    while True:
        page = runs.runs(query, cursor, MAX_PAGE)
        for summary in page.items:
            if summary.head.status is not RunStatus.ACTIVE and summary.saved_at < before_ms:
                yield summary
        cursor = page.next_cursor
        if cursor is None:
            return


def _refs(runs: RunStore, head: RunHead, logs: Sequence[Log]) -> Iterator[RecordRef]:
    """Yield the records that are not erased yet."""
    repeated = {Log.INTENTS} if {Log.TRIGGERS, Log.GATE_EVALS} & set(logs) else set()
    for log in (*dict.fromkeys(logs), *repeated):
        if not head.counts.of(log):
            continue
        for number, body in enumerate(runs.read(head.key, log, upto=head.counts.of(log))):
            if not body.startswith(_TOMBSTONE):
                yield RecordRef(log=log, seq=number + 1)
