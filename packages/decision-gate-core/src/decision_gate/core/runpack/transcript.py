"""Recompute the hashes of the tool transcript from the records of the calls (contract §6.9, deviation S9).

The request of a step is spelled by its trigger, that of a submission by its record, that of a status call by
the transcript itself; steps and submissions spell their answers too. A call that repeats another has an answer
that was given before. Left alone are the requests of repeating calls and the answers of status calls, and a pack
without any transcript: whoever builds the state of a run otherwise than by calls has none to keep (contract §8.2
looks at none), and there is no hash that could be wrong.
"""

from collections.abc import Iterator

import attrs

from decision_gate.core.codec import hash_record
from decision_gate.core.hashing import sha256_hex
from decision_gate.core.model import (
    FailOutcome,
    NextRequest,
    RunpackManifest,
    StatusRequest,
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
            yield f"has another response hash than {self.what}"
        if call.called_at != self.called_at:
            yield f"has another called_at than {self.what}"
        if call.correlation_id != self.correlation_id:
            yield f"has another correlation_id than {self.what}"


class Expectations:
    """The calls that are still to come, of one kind of record, fetched as late as possible."""

    def __init__(self, source: Iterator[Expected]) -> None:
        self._source = source
        self._window: list[Expected] = []
        self._answers: set[str] = set()
        self._is_exhausted = False

    def problems(self, call: ToolCallRecord) -> Iterator[str]:
        """Yield what is wrong with a call that made a record of this kind, or that repeats another."""
        self._fill()
        asked = (call.method, call.request_hash.value)
        for place, expected in enumerate(self._window):
            if asked in expected.requests:
                del self._window[: place + 1]
                yield from expected.problems(call)
                return
        if call.response_hash.value not in self._answers:
            yield "answers what was never recorded"

    def unmet(self) -> Iterator[str]:
        """Yield the record whose call should have come and did not."""
        self._fill()
        for expected in self._window:
            if not expected.may_be_absent:
                yield f"no tool call asked for {expected.what}"

    def _fill(self) -> None:
        """Hold expectations up to the first that cannot be absent."""
        while not self._is_exhausted and (not self._window or self._window[-1].may_be_absent):
            expected = next(self._source, None)
            if expected is None:
                self._is_exhausted = True
            else:
                self._window.append(expected)
                self._answers.add(expected.response)


def transcript_problems(
    calls: Iterator[Entry[ToolCallRecord]],
    steps: Iterator[Expected],
    submissions: Iterator[Expected],
    manifest: RunpackManifest,
) -> Iterator[str]:
    """Yield what is wrong with the transcript; reads *calls* to the end, the others as far as calls meet them.

    An empty transcript is none; one that holds any call holds that of every record.
    """
    of_steps, of_submissions = Expectations(steps), Expectations(submissions)
    has_calls = False
    for entry in calls:
        has_calls = True
        call = entry.record
        match call.method:
            case "scenario.status":
                problems = _status_problems(call, manifest)
            case "scenario.next" | "scenario.trigger":
                problems = iter(()) if call.error is not None else of_steps.problems(call)
            case "scenario.submit":
                problems = iter(()) if call.error is not None else of_submissions.problems(call)
            case method:
                problems = iter([f"has the unknown method {method}"])
        for problem in problems:
            yield f"tool call {entry.position} {problem}"
    if has_calls:
        yield from of_steps.unmet()
        yield from of_submissions.unmet()


def step_calls(steps: Iterator[RecordedStep]) -> Iterator[Expected]:
    """Yield the call of each step; the start of a run has none, but its answer can be repeated."""
    for step in steps:
        decision = step.decision.record
        is_start = step.is_start
        event = step.trigger.record.event
        response = b'{"decision":%b,"packets":[%b],"status":"%b"}' % (
            step.decision.raw,
            b",".join(entry.raw for entry in step.packets),
            status_after(decision).value.encode(),
        )
        yield Expected(
            what=f"trigger {event.trigger_id}",
            requests=() if is_start else _trigger_requests(step.trigger),
            response=sha256_hex(response),
            called_at=event.time,
            correlation_id=event.correlation_id,
            may_be_absent=is_start
            or any(entry.record.receipts for entry in step.packets)
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


def _status_problems(call: ToolCallRecord, manifest: RunpackManifest) -> Iterator[str]:
    request = StatusRequest(
        run_id=manifest.run_id,
        tenant_id=manifest.tenant_id,
        namespace_id=manifest.namespace_id,
        requested_at=call.called_at,
        correlation_id=call.correlation_id,
    )
    if call.request_hash != hash_record(request):
        yield "has another request hash than its status request"
    if call.error is not None:
        yield "failed, which a status call is never recorded to do"
