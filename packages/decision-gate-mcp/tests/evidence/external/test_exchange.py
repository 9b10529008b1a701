"""A question to an external provider and how its answer is read (contract §7.7)."""

import json

import pytest

from decision_gate.core.json import parse
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.external.exchange import answer, question, request_ids

QUERY = EvidenceQuery(provider_id="ext", check_id="v")


def context(correlation_id=None):
    return EvidenceContext(
        tenant_id=2**64 - 1,
        namespace_id=1,
        run_id="run",
        scenario_id="scenario",
        stage_id="stage",
        trigger_id="trigger",
        trigger_time=UnixMillis(-7),
        correlation_id=correlation_id,
    )


def test_a_question_names_the_query_and_its_context_and_leaves_absent_params_out():
    assert parse(question(QUERY, context("c-1"), request_ids())) == {
        "jsonrpc": "2.0",
        "id": "c-1",
        "method": "tools/call",
        "params": {
            "name": "evidence_query",
            "arguments": {
                "query": {"provider_id": "ext", "check_id": "v"},
                "context": {
                    "tenant_id": 2**64 - 1,
                    "namespace_id": 1,
                    "run_id": "run",
                    "scenario_id": "scenario",
                    "stage_id": "stage",
                    "trigger_id": "trigger",
                    "trigger_time": {"kind": "unix_millis", "value": -7},
                    "correlation_id": "c-1",
                },
            },
        },
    }


def test_questions_without_correlation_id_are_numbered_from_one():
    next_id = request_ids()

    assert [parse(question(QUERY, context(), next_id))["id"] for _ in range(2)] == [1, 2]


def test_the_first_item_is_the_result_whatever_the_id_and_absent_members_have_their_defaults():
    item = {"type": "json", "json": {"value": {"kind": "json", "value": 3}}}
    body = json.dumps({"id": "another", "result": {"content": [item, {"type": "text", "text": "more"}]}}).encode()

    assert answer(body) == EvidenceResult(value=JsonEvidence(value=3))


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ("{", "invalid json-rpc response"),
        ("[]", "invalid json-rpc response"),
        ('{"result": {}, "result": {}}', "invalid json-rpc response"),
        ('{"error": {"code": -1, "message": "out of order"}}', "out of order"),
        ('{"error": {"code": -1}}', "invalid json-rpc response"),
        ('{"id": 1}', "missing tool result"),
        ('{"id": 1, "error": null, "result": null}', "missing tool result"),
        ('{"result": 7}', "invalid tool result"),
        ('{"result": {"content": 7}}', "invalid tool result"),
        ('{"result": {"content": []}}', "empty tool result"),
        ('{"result": {"content": [{"type": "text", "text": "hello"}]}}', "unexpected text response: hello"),
        ('{"result": {"content": [{"type": "image"}]}}', "invalid tool result"),
        ('{"result": {"content": [{"type": "json", "json": {}}, {"type": "image"}]}}', "invalid tool result"),
        ('{"result": {"content": [{"type": "json", "json": {"lane": "certain"}}]}}', "invalid tool result"),
    ],
)
def test_anything_but_a_result_is_a_failure_in_the_words_of_the_contract(response, message):
    with pytest.raises(EvidenceProviderFailureError) as failure:
        answer(response.encode())

    assert failure.value.message == message
