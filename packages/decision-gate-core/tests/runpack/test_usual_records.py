"""The short way reads what decoding reads, and only what is written as its record is."""

import copy

import pytest

from decision_gate.core.codec import DecodeError, canonical_record, decode
from decision_gate.core.json import canonical
from decision_gate.core.model import ToolCallRecord, TriggerRecord
from decision_gate.core.runpack.usual_records import usual_call, usual_trigger

TIME = {"kind": "unix_millis", "value": 5}
TRIGGER = {
    "event": {
        "correlation_id": None,
        "kind": "tick",
        "namespace_id": 1,
        "payload": None,
        "run_id": "r",
        "source_id": "s",
        "tenant_id": 2,
        "time": TIME,
        "trigger_id": "t",
    },
    "seq": 1,
}
CALL = {
    "call_id": "call-1",
    "called_at": TIME,
    "correlation_id": "c",
    "error": None,
    "method": "scenario.next",
    "request_hash": {"algorithm": "sha256", "value": "a"},
    "response_hash": {"algorithm": "sha256", "value": "b"},
}
RECORDS = [(usual_trigger, TriggerRecord, TRIGGER), (usual_call, ToolCallRecord, CALL)]
INSTEAD = [None, True, False, 0, 1, -1, 2**63, -(2**63), 2**64 - 1, 1.0, 1.5, "", "tick", "logical", [], {}, {"zzz": 1}]


def places(value, path=()):
    for key, member in value.items():
        yield (*path, key)
        if isinstance(member, dict):
            yield from places(member, (*path, key))


def alterations(document):
    for path in places(document):
        for instead in [*INSTEAD, "drop", "add"]:
            altered = copy.deepcopy(document)
            place = altered
            for key in path[:-1]:
                place = place[key]
            if instead == "drop":
                del place[path[-1]]
            elif instead == "add":
                place["zzz"] = None
            else:
                place[path[-1]] = instead
            yield altered


@pytest.mark.parametrize(("read", "kind", "document"), RECORDS)
def test_the_usual_is_read_as_it_is_decoded(read, kind, document):
    assert read(canonical(document), document) == decode(kind, document)


@pytest.mark.parametrize(("read", "kind", "document"), RECORDS)
def test_nothing_is_read_that_would_be_refused_or_written_otherwise(read, kind, document):
    for altered in alterations(document):
        found = read(canonical(altered), altered)
        if found is None:
            continue
        try:
            decoded = decode(kind, altered)
        except DecodeError:
            decoded = None
        assert found == decoded, altered
        assert canonical_record(found) == canonical(altered)


@pytest.mark.parametrize(("read", "document"), [(usual_trigger, TRIGGER), (usual_call, CALL)])
def test_another_spelling_is_left_to_the_decoder(read, document):
    assert read(canonical(document) + b" ", document) is None
