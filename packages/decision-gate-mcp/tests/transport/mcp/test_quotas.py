"""What callers are told of quotas, over MCP and over ``/rpc`` (deviation W5)."""

import httpx
import pytest

from decision_gate.mcp.hooks.usage_meter import Metric
from decision_gate.mcp.hooks.verdict import QuotaStanding, Verdict
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import RecordingMeter
from decision_gate.mcp.testing.calls import define, listing
from decision_gate.mcp.testing.mcp_http import ORIGIN

NOW_MS = 1_760_000_000_000


def rpc(tool, arguments):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    return httpx.Request("POST", f"{ORIGIN}/rpc", json=body)


class StandingMeter(RecordingMeter):
    """Denies calls and says how the quota stands."""

    def admit(self, call, charge):
        super().admit(call, charge)
        if charge.metric is not Metric.TOOL_CALLS:
            return Verdict(allowed=True, reason="within quota")
        return Verdict(allowed=False, reason="secret", quota=QuotaStanding(limit=10, used=10, resets_at_ms=NOW_MS + 5))


def test_an_exhausted_quota_says_which_and_how_it_stands(serving):
    served = serving(seams=Seams(usage_meter=StandingMeter()))

    refused = served.refusal("scenarios_list", listing())

    assert (refused["kind"], refused["retryable"]) == ("quota_exceeded", False)
    assert refused["quota"] == {"metric": "tool_calls", "limit": 10, "used": 10, "resets_at_ms": NOW_MS + 5}
    assert "secret" not in str(refused)


class PayerlessMeter(RecordingMeter):
    """Denies calls that nobody pays for."""

    def admit(self, call, charge):
        del call, charge
        return Verdict(allowed=False, reason="missing_tenant_id")


def test_a_call_that_nobody_pays_for_is_no_exhausted_quota(serving):
    served = serving(seams=Seams(usage_meter=PayerlessMeter()))

    refused = served.refusal("scenario_define", define())

    assert refused["kind"] == "unauthorized"
    assert "quota" not in refused


def test_on_rpc_an_exhausted_quota_is_a_refusal_without_reason(serving):
    served = serving(seams=Seams(usage_meter=StandingMeter()))

    (response,) = served.send(rpc("scenarios_list", listing()))

    assert response.status_code == 403
    assert response.json()["error"] == {
        "code": -32003,
        "message": "unauthorized",
        "data": {"kind": "unauthorized", "retryable": False, "request_id": "1"},
    }


class LosingMeter(StandingMeter):
    """Looks as if there were room until another caller was faster at the commit."""

    def __init__(self):
        super().__init__()
        self.table.is_refusing = True
        self.looks = 0

    def admit(self, call, charge):
        if charge.metric is Metric.TOOL_CALLS:
            self.looks += 1
        return Verdict(allowed=True, reason="within quota") if self.looks == 1 else super().admit(call, charge)


@pytest.mark.parametrize(("tool", "arguments"), [("scenario_define", define()), ("scenarios_list", listing())])
def test_a_quota_lost_at_the_commit_is_told_like_one_that_was_used_up_before(serving, tool, arguments):
    told = []
    for meter in (StandingMeter(), LosingMeter()):
        served = serving(seams=Seams(usage_meter=meter))
        refused = served.refusal(tool, arguments)
        del refused["correlation_id"]
        audited = [event.members for event in served.server.sink.named("usage_audit")]
        told.append((refused, audited[-1]["metric"], audited[-1]["allowed"], audited[-1]["reason"]))

    before, late = told
    assert late == before
    assert late[0]["quota"] == {"metric": "tool_calls", "limit": 10, "used": 10, "resets_at_ms": NOW_MS + 5}


@pytest.mark.parametrize(("tool", "arguments"), [("scenario_define", define()), ("scenarios_list", listing())])
def test_a_quota_lost_at_the_commit_is_on_rpc_the_same_refusal_too(serving, tool, arguments):
    answers = []
    for meter in (StandingMeter(), LosingMeter()):
        served = serving(seams=Seams(usage_meter=meter))
        (response,) = served.send(rpc(tool, arguments))
        answers.append((response.status_code, response.json()))

    assert answers[0] == answers[1]
    assert answers[0][0] == 403


def test_room_that_came_back_after_the_loss_still_leaves_a_refusal_that_names_the_metric(served):
    served.server.meter.table.is_refusing = True

    refused = served.refusal("scenario_define", define())

    assert (refused["kind"], refused["quota"]) == ("quota_exceeded", {"metric": "tool_calls"})
