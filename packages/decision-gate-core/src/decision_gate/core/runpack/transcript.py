"""Recompute the hashes of the tool transcript from the records of the calls (contract §6.9, deviation S9).

The request of a step is spelled by its trigger, that of a submission by its record, and so are their answers.
What cannot be recomputed is left alone: status calls, and calls that changed nothing because they repeated
another.
"""

from collections.abc import Iterator

import attrs

from decision_gate.core.codec import hash_record
from decision_gate.core.hashing import sha256_hex
from decision_gate.core.model import (
    FailOutcome,
    NextRequest,
    RunpackManifest,
    StartOutcome,
    SubmissionRecord,
    SubmitRequest,
    ToolCallRecord,
    TriggerKind,
    TriggerRecord,
)
from decision_gate.core.runpack.pack_file import Entry
from decision_gate.core.runpack.step_checks import status_after
from decision_gate.core.runpack.steps import RecordedStep
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class Expected:
    """The call that must have made a record.

    ``requests`` are the hashes its request may have, by method. ``may_be_absent`` says that the record could have been
    finished by somebody else's call, after a crash between announcing and recording a dispatch.
    """

    what: str
    requests: tuple[tuple[str, str], ...]
    response: str
    called_at: Timestamp
    correlation_id: str | None
    may_be_absent: bool

    def problems(self, call: ToolCallRecord) -> Iterator[str]:
        """Yield in what *call* differs."""
        if call.response_hash.value != self.response:
            yield "response hash"
        if call.called_at != self.called_at:
            yield "called_at"
        if call.correlation_id != self.correlation_id:
            yield "correlation_id"


class Expectations:
    """The calls that are still to come, of one kind of record, fetched as late as possible."""

    def __init__(self, source: Iterator[Expected]) -> None:
        self._source = source
        self._window: list[Expected] = []
        self._is_exhausted = False

    def match(self, call: ToolCallRecord) -> Expected | None:
        """Return the expectation that *call* meets and forget it with all optional ones before it."""
        self._fill()
        asked = (call.method, call.request_hash.value)
        for place, expected in enumerate(self._window):
            if asked in expected.requests:
                del self._window[: place + 1]
                return expected
        return None

    def unmet(self) -> Expected | None:
        """Return the first call that should have come and did not."""
        self._fill()
        return next((expected for expected in self._window if not expected.may_be_absent), None)

    def _fill(self) -> None:
        """Hold expectations up to the first that cannot be absent."""
        while not self._is_exhausted and (not self._window or self._window[-1].may_be_absent):
            expected = next(self._source, None)
            if expected is None:
                self._is_exhausted = True
            else:
                self._window.append(expected)


def transcript_problems(
    calls: Iterator[Entry[ToolCallRecord]], steps: Iterator[Expected], submissions: Iterator[Expected]
) -> Iterator[str]:
    """Yield what is wrong with the transcript; reads *calls* to the end, the others as far as calls meet them."""
    sources = (Expectations(steps), Expectations(submissions))
    for entry in calls:
        call = entry.record
        if call.error is not None:
            continue
        for source in sources:
            expected = source.match(call)
            if expected is not None:
                for field in expected.problems(call):
                    yield f"tool call {entry.position} has another {field} than {expected.what}"
                break
    for source in sources:
        if (missing := source.unmet()) is not None:
            yield f"no tool call asked for {missing.what}"


def step_calls(steps: Iterator[RecordedStep]) -> Iterator[Expected]:
    """Yield the call of each step; the start of a run has none."""
    for step in steps:
        decision = step.decision.record
        if isinstance(decision.outcome, StartOutcome):
            continue
        event = step.trigger.record.event
        response = b'{"decision":%b,"packets":[%b],"status":"%b"}' % (
            step.decision.raw,
            b",".join(entry.raw for entry in step.packets),
            status_after(decision).value.encode(),
        )
        yield Expected(
            what=f"trigger {event.trigger_id}",
            requests=_trigger_requests(step.trigger),
            response=sha256_hex(response),
            called_at=event.time,
            correlation_id=event.correlation_id,
            may_be_absent=any(entry.record.receipts for entry in step.packets)
            or isinstance(decision.outcome, FailOutcome),
        )


def submission_calls(submissions: Iterator[Entry[SubmissionRecord]], manifest: RunpackManifest) -> Iterator[Expected]:
    """Yield the call of each submission."""
    for entry in submissions:
        record = entry.record
        request = SubmitRequest(
            run_id=record.run_id,
            tenant_id=manifest.tenant_id,
            namespace_id=manifest.namespace_id,
            submission_id=record.submission_id,
            payload=record.payload,
            content_type=record.content_type,
            submitted_at=record.submitted_at,
            correlation_id=record.correlation_id,
        )
        yield Expected(
            what=f"submission {record.submission_id}",
            requests=(("scenario.submit", hash_record(request).value),),
            response=sha256_hex(b'{"record":%b}' % entry.raw),
            called_at=record.submitted_at,
            correlation_id=record.correlation_id,
            may_be_absent=False,
        )


def _trigger_requests(trigger: Entry[TriggerRecord]) -> tuple[tuple[str, str], ...]:
    event = trigger.record.event
    # The canonical record is {"event":…,"seq":…}, so the canonical event need not be written again.
    written = trigger.raw[len(b'{"event":') : -len(b',"seq":%d}' % trigger.record.seq)]
    as_trigger = ("scenario.trigger", sha256_hex(written))
    if event.kind is not TriggerKind.AGENT_REQUEST_NEXT or event.payload is not None:
        return (as_trigger,)
    request = NextRequest(
        run_id=event.run_id,
        tenant_id=event.tenant_id,
        namespace_id=event.namespace_id,
        trigger_id=event.trigger_id,
        agent_id=event.source_id,
        time=event.time,
        correlation_id=event.correlation_id,
    )
    return (("scenario.next", hash_record(request).value), as_trigger)
