"""The short way reads what decoding reads, and only what is written as its record is."""

import copy

import pytest

from decision_gate.core.codec import DecodeError, canonical_record, decode
from decision_gate.core.json import canonical, parse
from decision_gate.core.model import DecisionRecord, ToolCallRecord, TriggerRecord
from decision_gate.core.runpack.usual_records import usual_call, usual_hold, usual_trigger

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
HOLD = {
    "correlation_id": None,
    "decided_at": TIME,
    "decision_id": "decision-1",
    "outcome": {
        "kind": "hold",
        "summary": {"policy_tags": [], "retry_hint": "later", "status": "hold", "unmet_gates": ["g", "h"]},
    },
    "seq": 1,
    "stage_id": "s",
    "trigger_id": "t",
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
RECORDS = [
    (usual_trigger, TriggerRecord, TRIGGER),
    (usual_hold, DecisionRecord, HOLD),
    (usual_call, ToolCallRecord, CALL),
]
NUMBERS = [0, 1, -1, 10**18, 2**63 - 1, 2**63, -(10**18), -(2**63), 2**64 - 1, 1.0, 1.5]
TEXTS = ["", "tick", "logical", 'say "x"', "a\\b", "a\nb", "\x7f", "Привет", "\U0001f600", '","', "null"]
INSTEAD = [None, True, False, *NUMBERS, *TEXTS, [], [""], ["a", ""], ['","'], ["a\n"], [1], [None], {}, {"zzz": 1}]


def places(value, path=()):
    for key, member in value.items():
        yield (*path, key)
        if isinstance(member, dict):
            yield from places(member, (*path, key))


def respelled(text):
    yield text + b" "
    yield b" " + text
    yield text.replace(b":", b": ", 1)
    yield text.replace(b"null", b'"\\u0061"', 1)
    yield text.replace(b'"t"', b'"\xff"', 1)
    yield text.replace(b'"value":5', b'"value":05', 1)
    yield text.replace(b'"value":5', b'"value":-0', 1)
    yield text[:-1] + b',"zzz":1}'


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
    assert read(canonical(document)) == decode(kind, document)


@pytest.mark.parametrize(("read", "kind", "document"), RECORDS)
def test_nothing_is_read_that_would_be_refused_or_written_otherwise(read, kind, document):
    for altered in alterations(document):
        text = canonical(altered)
        found = read(text)
        if found is None:
            continue
        try:
            decoded = decode(kind, parse(text))
        except DecodeError:
            decoded = None
        assert found == decoded, altered
        assert canonical_record(found) == text


@pytest.mark.parametrize(("read", "kind", "document"), RECORDS)
def test_another_spelling_is_left_to_the_decoder(read, kind, document):
    text = canonical(document)

    for spelling in respelled(text):
        assert spelling == text or read(spelling) is None, (kind, spelling)
