"""The sink ``hash_chain`` keeps the laws of its seam and knows whose chain an event belongs to."""

import attrs
import pytest

from decision_gate.core.json import canonical, parse
from decision_gate.enterprise.audit import DEPLOYMENT, HashChainSettings, open_hash_chain
from decision_gate.enterprise.audit.leaf import ridden_leaf, ridden_log
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.testing import AuditSinkConformance


@pytest.fixture
def sink(tmp_path):
    with open_hash_chain(HashChainSettings(log_path=str(tmp_path / "audit.log"))) as opened:
        yield opened


class TestHashChainSink(AuditSinkConformance):
    """See the suite."""

    @pytest.fixture
    def sink(self, tmp_path):
        with open_hash_chain(HashChainSettings(log_path=str(tmp_path / "audit.log"))) as opened:
            yield opened


def event(name, **members):
    return AuditEvent(event=name, members={"timestamp_ms": 1, **members})


@pytest.mark.parametrize(
    ("told", "log_number"),
    [
        (event("tool_done", tenant_id="18446744073709551615"), 2**64 - 1),
        (event("scenario_defined", owner="5"), 5),
        (event("scenario_defined", owner=None), DEPLOYMENT),
        (event("mcp_tool_authz"), DEPLOYMENT),
        (attrs.evolve(event("tenant_authz", tenant_id="7"), is_denial=True), DEPLOYMENT),
        (attrs.evolve(event("guard_denial", tenant_id="7"), is_denial=True), 7),
    ],
)
def test_event_goes_to_the_log_of_its_tenant_and_a_stranger_to_that_of_the_deployment(sink, told, log_number):
    (rider,) = sink.riders(told)

    log = ridden_log(rider.body)
    leaf = ridden_leaf(log, bytes.fromhex(rider.key), rider.body[len(log) :])
    assert (rider.kind, log) == ("audit", log_number.to_bytes(8, "big"))
    assert leaf.body == canonical({"event": told.event, **told.members})
    assert parse(leaf.entry)["tenant"] == str(log_number)


def test_course_of_a_request_is_told_as_text(sink, tmp_path):
    sink.record([event("mcp_request", tool="scenario_next")])

    assert parse((tmp_path / "audit.log").read_bytes()) == {
        "event": "mcp_request",
        "timestamp_ms": 1,
        "tool": "scenario_next",
        "sequence": 1,
    }
