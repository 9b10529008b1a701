"""What a database file holds, in the forms in which commands print it (contract §3.2)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import attrs

from decision_gate.core.codec import canonical_record, decode, encode
from decision_gate.core.control_plane import fold_store
from decision_gate.core.hashing import sha256_hex
from decision_gate.core.json import JsonValue, parse
from decision_gate.core.model import DecisionRecord, HashDigest
from decision_gate.core.ports import Log, RecordErasedError, RunHead, RunKey
from decision_gate.mcp.cli.pack_story import outcome_words
from decision_gate.mcp.stores.sqlite import ListedRun, SqliteArchive, StoreReport


@attrs.frozen(kw_only=True)
class RunCheck:
    """One run walked through; ``state`` is none when records of it were erased, ``saved_at`` of an older version."""

    key: RunKey
    head: RunHead
    saved_at: int | None
    problem: str | None
    state: bytes | None

    def wire(self) -> dict[str, JsonValue]:
        """Return the check as the reference prints it.

        There is no stored hash of a whole state here: ``chain_digest`` is what binds the run.
        """
        computed = None if self.state is None else encode(HashDigest(value=sha256_hex(self.state)))
        return {
            **run_names(self.key),
            "version": self.head.version,
            "status": "pass" if self.problem is None else "fail",
            "stored_hash": None,
            "computed_hash": computed,
            "state_bytes": None if self.state is None else len(self.state),
            "saved_at": self.saved_at,
            "chain_digest": self.head.digest,
            "problem": self.problem,
        }


def check_run(archive: SqliteArchive, key: RunKey, version: int | None = None) -> RunCheck:
    """Walk the chain of a run, and fold its state as of *version*.

    Raises:
        RunMissingError, VersionMissingError: There is no such run or version.
    """
    last = archive.summary(key)
    head = last.head if version is None else archive.head(key, version)
    problem = archive.check(key).problem
    state: bytes | None = None
    if problem is None:
        try:
            state = run_state(archive, head)
        except RecordErasedError:
            state = None
    saved_at = last.saved_at if head.version == last.head.version else None
    return RunCheck(key=key, head=head, saved_at=saved_at, problem=problem, state=state)


def run_state(archive: SqliteArchive, head: RunHead) -> bytes:
    """Return the canonical state of a run as of *head*.

    Raises:
        RecordErasedError: A record of it was erased under retention.
    """
    return canonical_record(fold_store(archive, head))


def run_names(key: RunKey) -> dict[str, JsonValue]:
    """Return the three names of a run."""
    return {"tenant_id": key.tenant_id, "namespace_id": key.namespace_id, "run_id": key.run_id}


def listed_wire(listed: ListedRun) -> dict[str, JsonValue]:
    """Return one row of a listing; a run whose head cannot be read has no version."""
    summary = listed.summary
    return {
        **run_names(listed.key),
        "latest_version": None if summary is None else summary.head.version,
        "saved_at": None if summary is None else summary.saved_at,
    }


def listed_line(listed: ListedRun) -> str:
    """Return one line of a listing."""
    key, summary = listed.key, listed.summary
    if summary is None:
        return f"{key.tenant_id}/{key.namespace_id}/{key.run_id}  cannot be read"
    saved = datetime.fromtimestamp(summary.saved_at / 1_000, UTC).isoformat(timespec="seconds")
    head = summary.head
    return (
        f"{key.tenant_id}/{key.namespace_id}/{key.run_id}  {head.status.value} in {head.current_stage_id}"
        f"  version {head.version}  {saved}"
    )


def decisions(archive: SqliteArchive, head: RunHead) -> Iterator[str]:
    """Yield one line for each decision of a run."""
    for body in archive.read(head.key, Log.DECISIONS, upto=head.counts.decisions):
        decision = decode(DecisionRecord, parse(body))
        yield f"{decision.seq:>4}  {decision.stage_id}: {outcome_words(decision)}"


def report_wire(report: StoreReport) -> dict[str, JsonValue]:
    """Return the verification of a whole file."""
    return {
        "status": "pass" if report.is_sound else "fail",
        "runs": report.runs,
        "commits": report.commits,
        "scenarios": report.scenarios,
        "data_shapes": report.data_shapes,
        "erased_records": report.erased,
        "problems": [{"place": problem.place, "reason": problem.reason} for problem in report.problems],
    }


def report_lines(report: StoreReport) -> Iterator[str]:
    """Yield the verification of a whole file for people."""
    yield "sound" if report.is_sound else "NOT SOUND"
    yield (
        f"  {report.runs} runs, {report.commits} commits, {report.scenarios} scenarios,"
        f" {report.data_shapes} data shapes, {report.erased} erased records"
    )
    for problem in report.problems:
        yield f"  {problem}"
