"""Gate evaluations are read the short way only when decoding and writing them again gives the same bytes."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.codec import DecodeError, canonical_record, decode
from decision_gate.core.hashing import hash_json
from decision_gate.core.json import canonical
from decision_gate.core.model import GateEvalRecord
from decision_gate.core.runpack import evaluations
from decision_gate.core.runpack.evaluations import EvaluationReader
from decision_gate.core.runpack.log_checks import evidence_problem

RECORD = {
    "evaluation": {
        "gate_id": "g",
        "status": "True",
        "trace": [{"condition_id": "a", "status": "True"}, {"condition_id": "b", "status": "Unknown"}],
    },
    "evidence": [
        {
            "condition_id": "a",
            "result": {
                "content_type": None,
                "error": None,
                "evidence_anchor": None,
                "evidence_hash": {
                    "algorithm": "sha256",
                    "value": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
                },
                "evidence_ref": None,
                "lane": "verified",
                "signature": None,
                "value": {"kind": "json", "value": 1},
            },
            "status": "True",
        },
        {
            "condition_id": "b",
            "result": {
                "content_type": None,
                "error": {"code": "c", "details": None, "message": "m"},
                "evidence_anchor": {"anchor_type": "t", "anchor_value": "{}"},
                "evidence_hash": None,
                "evidence_ref": {"uri": "u"},
                "lane": "asserted",
                "signature": {"key_id": "k", "scheme": "s", "signature": [1]},
                "value": None,
            },
            "status": "Unknown",
        },
    ],
    "stage_id": "s",
    "trigger_id": "t-1",
}


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


PLACES = [path for path in places(RECORD) if path]
INSTEAD = [None, True, 1, 1.5, -1, "", "json", "verified", "True", [], [1], {}, {"kind": "json", "value": True}]


def altered(changes):
    document = copy.deepcopy(RECORD)
    for path, how, instead in changes:
        try:
            place = document
            for key in path[:-1]:
                place = place[key]
            match how:
                case "replace":
                    place[path[-1]] = copy.deepcopy(instead)
                case "drop":
                    del place[path[-1]]
                case "add":
                    place[path[-1]]["zzz"] = instead
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    return document


changes = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "drop", "add"]), st.sampled_from(INSTEAD)),
    max_size=2,
)


@given(st.lists(changes, max_size=4), st.booleans())
def test_what_is_read_is_what_decoding_gives_and_what_is_left_is_written_otherwise(of_records, is_spaced):
    reader = EvaluationReader()
    for document in [RECORD, *map(altered, of_records), RECORD]:
        raw = json.dumps(document).encode() if is_spaced else canonical(document)
        try:
            decoded = decode(GateEvalRecord, document)
        except DecodeError:
            decoded = None

        found = reader.read(raw)

        is_exact = decoded is not None and canonical_record(decoded) == raw
        assert found == (decoded if is_exact else None)
        if found is not None:
            assert canonical_record(found) == raw
            assert reader.is_sound(found) is not any(map(evidence_problem, found.evidence))


@pytest.mark.parametrize("other", [True, 1.5, "1", [1], None])
def test_evidence_that_python_holds_equal_or_that_has_another_hash_is_not_taken_for_what_is_known(other):
    reader = EvaluationReader()
    reader.read(canonical(RECORD))
    changed = altered([(("evidence", 0, "result", "value", "value"), "replace", other)])

    record = reader.read(canonical(changed))

    assert record is not None
    assert type(record.evidence[0].result.value.value) is type(other)
    assert not reader.is_sound(record)


def test_an_equal_record_that_was_not_read_is_not_sound():
    reader = EvaluationReader()
    record = reader.read(canonical(RECORD))

    assert reader.is_sound(record)
    assert not reader.is_sound(decode(GateEvalRecord, RECORD))


def test_what_is_forgotten_is_read_again(monkeypatch):
    monkeypatch.setattr(evaluations, "MAX_KNOWN", 1)
    reader = EvaluationReader()

    found = [reader.read(canonical(RECORD)) for _ in range(3)]

    assert found == [decode(GateEvalRecord, RECORD)] * 3
    assert reader.is_sound(found[-1])


def with_value(value):
    document = copy.deepcopy(RECORD)
    result = document["evidence"][0]["result"]
    result["value"]["value"] = value
    result["evidence_hash"]["value"] = hash_json(value)
    return document


VALUES = [0, -1, 1.5, 2**64 - 1, True, None, "", 'say "x"', "Привет", [], {}, [1, "a", {"b": None}], "x" * 5_000]


def test_new_values_of_a_condition_are_read_as_they_are_decoded_and_are_sound():
    reader = EvaluationReader()
    for value in [1, *VALUES, *reversed(VALUES)]:
        document = with_value(value)

        record = reader.read(canonical(document))

        assert record == decode(GateEvalRecord, document)
        assert canonical_record(record) == canonical(document)
        assert reader.is_sound(record)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        (b'"lane":"verified"', b'"lane":"verifieb"'),
        (b'"value":1}', b'"value":01}'),
        (b'"value":1}', b'"value":1 }'),
        (b'"value":1}', b'"value":1,"value":1}'),
        (b'"value":1}', b'"value":1},"kind":{"a":1}'),
        (b'}},"status":"True"},', b'}},"status":"Trve"},'),
        (b'{"condition_id":"b"', b'{"condition_id": "b"'),
        (b'"evidence":[{', b'"evidence":[ {'),
        (b'"evidence":[{', b'"evidence":[1,{'),
        (b'"trigger_id":"t-1"}', b'"trigger_id":"t-1","zzz":1}'),
    ],
)
def test_a_text_that_is_not_that_of_a_record_is_not_read_however_much_of_it_is_known(found, instead):
    reader = EvaluationReader()
    text = canonical(RECORD)
    reader.read(text)
    assert found in text

    assert reader.read(text.replace(found, instead, 1)) is None


def test_values_that_are_themselves_like_evidence_are_left_to_the_decoder_or_read_right():
    reader = EvaluationReader()
    reader.read(canonical(RECORD))
    [evidence, _] = RECORD["evidence"]
    for value in ([evidence, evidence], [{"condition_id": "a"}], [1, {"condition_id": "a"}], {"condition_id": "a"}):
        document = with_value(value)

        record = reader.read(canonical(document))

        assert record in (None, decode(GateEvalRecord, document))


def test_values_are_as_deep_as_a_record_that_holds_them_may_be():
    for depth, is_read in ((138, True), (139, False)):
        value = None
        for _ in range(depth):
            value = [value]
        reader = EvaluationReader()
        reader.read(canonical(RECORD))

        assert (reader.read(canonical(with_value(value))) is not None) is is_read
