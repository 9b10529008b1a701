"""``evidence_query``: one provider, no run, raw values withheld (contract §2.7, §8.1)."""

import itertools

import pytest

from decision_gate.core.hashing import sha256_hex
from decision_gate.core.memory import SequentialCollector
from decision_gate.core.model import (
    EvidenceProviderError,
    EvidenceResult,
    HashDigest,
    JsonEvidence,
    TrustLane,
)
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import TIME_PROVIDER, evidence

HASH_OF_TRUE = {
    "algorithm": "sha256",
    "value": "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b",
}
WITHHELD = {
    "value": None,
    "lane": "verified",
    "error": None,
    "evidence_hash": HASH_OF_TRUE,
    "evidence_ref": None,
    "evidence_anchor": {"anchor_type": "trigger_time_unix_millis", "anchor_value": "5000"},
    "signature": None,
    "content_type": None,
}


class Scripted:
    """Answers with what it was given."""

    def __init__(self, answer):
        self._answer = answer

    def query(self, query, context):  # noqa: ARG002 - of the port
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def answered(answer):
    """Return the result that a caller sees of a provider's answer, raw values disclosed."""
    config = "[evidence]\nallow_raw_values = true\nrequire_provider_opt_in = false\n"
    with open_test_server(config, Seams(evidence=SequentialCollector({"scripted": Scripted(answer)}))) as server:
        return server.call("evidence_query", evidence("scripted", "any", {"x": 1}))["result"]


def test_by_default_value_and_content_type_are_withheld_and_the_hash_stays(server):
    assert server.call("evidence_query", evidence()) == {"result": WITHHELD}


@pytest.mark.parametrize(("allow", "opt_in", "agrees"), list(itertools.product([False, True], repeat=3)))
def test_raw_values_are_disclosed_by_both_switches_and_the_providers_agreement(allow, opt_in, agrees):
    config = TIME_PROVIDER + f"allow_raw = {str(agrees).lower()}\n"
    config += f"[evidence]\nallow_raw_values = {str(allow).lower()}\nrequire_provider_opt_in = {str(opt_in).lower()}\n"
    with open_test_server(config) as server:
        result = server.call("evidence_query", evidence())["result"]

    if allow and (agrees or not opt_in):
        assert result == WITHHELD | {"value": {"kind": "json", "value": True}, "content_type": "application/json"}
    else:
        assert result == WITHHELD


def test_a_failing_provider_is_a_result_with_an_error():
    assert answered(EvidenceProviderFailureError("connection refused")) == {
        "value": None,
        "lane": "verified",
        "error": {"code": "provider_error", "message": "evidence provider error: connection refused", "details": None},
        "evidence_hash": None,
        "evidence_ref": None,
        "evidence_anchor": None,
        "signature": None,
        "content_type": None,
    }


def test_an_error_hides_value_hash_and_content_type_and_keeps_the_rest():
    result = answered(
        EvidenceResult(
            value=JsonEvidence(value="secret"),
            lane=TrustLane.ASSERTED,
            error=EvidenceProviderError(code="odd", message="m", details={"at": 1}),
            evidence_hash=HashDigest(value="0" * 64),
            content_type="text/plain",
        )
    )

    assert (result["value"], result["evidence_hash"], result["content_type"]) == (None, None, None)
    assert (result["lane"], result["error"]) == ("asserted", {"code": "odd", "message": "m", "details": {"at": 1}})


def test_a_hash_that_the_provider_sent_is_passed_through_unchecked():
    result = answered(EvidenceResult(value=JsonEvidence(value=1), evidence_hash=HashDigest(value="0" * 64)))

    assert result["evidence_hash"] == {"algorithm": "sha256", "value": "0" * 64}


def test_an_absent_hash_is_computed():
    result = answered(EvidenceResult(value=JsonEvidence(value=[1, "a"])))

    assert result["evidence_hash"]["value"] == sha256_hex(b'[1,"a"]')


def test_the_answer_is_billed_as_a_query_and_a_refused_one_is_not(server):
    server.call("evidence_query", evidence())
    with pytest.raises(RpcError):
        server.call("evidence_query", evidence("ghost"))

    charged = [key for key in server.meter.table.applied if "evidence_queries" in key]
    assert len(charged) == 1


@pytest.mark.parametrize("member", ["tenant_id", "namespace_id", "scenario_id", "stage_id", "trigger_time"])
def test_the_context_is_complete(server, member):
    arguments = evidence()
    del arguments["context"][member]

    with pytest.raises(RpcError) as refused:
        server.call("evidence_query", arguments)

    assert refused.value.code == -32602
    assert f"missing field `{member}`" in refused.value.message
