"""Where audit events go, and how a line looks (contract §5, deviation W4)."""

import io
import os

import pytest

from decision_gate.core.json import parse
from decision_gate.mcp.hooks.audit_sink import NoSink, StreamSink, file_sink
from decision_gate.mcp.hooks.errors import AuditLogError
from decision_gate.mcp.testing import AuditSinkConformance
from decision_gate.mcp.testing.audit_sinks import audit_event


class TestStreamSink(AuditSinkConformance):
    """See the suite."""

    @pytest.fixture
    def sink(self):
        return StreamSink(io.BytesIO())


class TestNoSink(AuditSinkConformance):
    """See the suite."""

    @pytest.fixture
    def sink(self):
        return NoSink()


class BrokenStream(io.RawIOBase):
    """A disk that is full."""

    def writable(self):
        return True

    def write(self, _data):
        raise OSError(28, os.strerror(28))


def test_a_line_is_one_object_with_the_event_first_and_a_sequence_last():
    stream = io.BytesIO()
    sink = StreamSink(stream)

    sink.record([audit_event("one"), audit_event("two", "a\nb")])

    lines = stream.getvalue().split(b"\n")
    assert lines.pop() == b""
    assert [list(parse(line)) for line in lines] == [["event", "timestamp_ms", "text", "none", "sequence"]] * 2
    assert [(parse(line)["event"], parse(line)["sequence"]) for line in lines] == [("one", 1), ("two", 2)]
    assert parse(lines[0])["none"] is None


def test_a_full_disk_does_not_stop_the_server():
    StreamSink(BrokenStream()).record([audit_event()])


def test_a_file_is_appended_to(tmp_path):
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"before\n")

    with file_sink(str(path)) as sink:
        sink.record([audit_event()])

        assert path.read_bytes().startswith(b'before\n{"event":"probe"')


def test_a_file_whose_folder_is_missing_is_refused(tmp_path):
    with pytest.raises(AuditLogError) as refused, file_sink(str(tmp_path / "no" / "audit.jsonl")):
        pass

    assert str(refused.value) == "config error: audit log open failed: No such file or directory"
