"""The conformance suite of ``AuditSink``."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import AuditSink

_THREADS = 8


def audit_event(name: str = "probe", text: str = "plain") -> AuditEvent:
    """Return an event with a time stamp and some text that a client chose."""
    return AuditEvent(event=name, members={"timestamp_ms": 1_760_000_000_000, "text": text, "none": None})


class AuditSinkConformance:
    """What every ``AuditSink`` must do; a plug-in overrides ``sink``."""

    @pytest.fixture
    def sink(self) -> AuditSink:
        """Return a fresh sink; a plug-in overrides this."""
        raise NotImplementedError

    @pytest.mark.parametrize("text", ["", "\n", '"', "\x00", "🚦", "x" * 10_000])
    def test_any_text_of_a_client_is_taken(self, sink: AuditSink, text: str) -> None:
        sink.record([audit_event(text=text)])

        assert list(sink.riders(audit_event(text=text))) == list(sink.riders(audit_event(text=text)))

    def test_nothing_and_several_events_are_taken(self, sink: AuditSink) -> None:
        sink.record([])
        sink.record([audit_event("one"), audit_event("two")])

    def test_riders_of_one_sink_are_of_one_kind(self, sink: AuditSink) -> None:
        kinds = {rider.kind for name in ("one", "two") for rider in sink.riders(audit_event(name))}

        assert len(kinds) <= 1

    def test_many_threads_may_record_at_once(self, sink: AuditSink) -> None:
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda number: sink.record([audit_event(str(number))]), range(_THREADS * 4)))
