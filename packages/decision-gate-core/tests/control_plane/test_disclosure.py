"""Delivering packets: what is asked, in which order, under which keys (contract §6.7)."""

import pytest

from decision_gate.core.control_plane.disclosure import disclose
from decision_gate.core.engine import Packet
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import (
    AgentTarget,
    ChannelTarget,
    HashDigest,
    JsonPayload,
    PacketEnvelope,
    PacketRecord,
    VisibilityPolicy,
)
from decision_gate.core.ports import RunKey
from decision_gate.core.testing.world import TellingDispatcher, TellingPolicy
from decision_gate.core.timestamps import UnixMillis

RUN = RunKey(7, 3, 'run "1"')
TARGETS = (AgentTarget(agent_id="bot"), ChannelTarget(channel="ops"))
KEYS = [f'[7,3,"run \\"1\\"","decision-1","{packet_id}",{number}]' for packet_id in ("p", "q") for number in (0, 1)]


def packet(name):
    envelope = PacketEnvelope(
        scenario_id="s",
        run_id=RUN.run_id,
        stage_id="one",
        packet_id=name,
        schema_id="schema",
        content_type="application/json",
        content_hash=HashDigest(value="00"),
        visibility=VisibilityPolicy(labels=(), policy_tags=()),
        issued_at=UnixMillis(1),
    )
    return Packet(envelope=envelope, payload=JsonPayload(value=name))


class Recorder(TellingDispatcher):
    """Remembers the keys as well."""

    def __init__(self):
        super().__init__()
        self.keys = []

    def dispatch(self, target, envelope, payload, *, idempotency_key):
        self.keys.append(idempotency_key)
        return super().dispatch(target, envelope, payload, idempotency_key=idempotency_key)


@pytest.fixture
def dispatcher():
    return Recorder()


def disclosed(dispatcher, policy, targets=TARGETS):
    packets = [packet("p"), packet("q")]
    return disclose(packets, targets, run=RUN, decision_id="decision-1", policy=policy, dispatcher=dispatcher)


@pytest.mark.parametrize("policy", [None, TellingPolicy()], ids=["nobody", "policy"])
def test_every_packet_goes_to_every_target_in_order_and_each_delivery_has_its_own_key(dispatcher, policy):
    records = disclosed(dispatcher, policy)

    assert dispatcher.keys == KEYS
    assert [(record.envelope, record.payload, record.decision_id) for record in records] == [
        (each.envelope, each.payload, "decision-1") for each in (packet("p"), packet("q"))
    ]
    assert [[receipt.target for receipt in record.receipts] for record in records] == [list(TARGETS)] * 2


def test_what_is_denied_is_not_delivered_and_neither_is_what_follows(dispatcher):
    policy = TellingPolicy()
    policy.denied.add("q")

    with pytest.raises(DecisionGateError) as refused:
        disclosed(dispatcher, policy)

    assert refused.value.code == "policy_denied"
    assert dispatcher.keys == KEYS[:2]


def test_without_targets_packets_are_recorded_without_receipts(dispatcher):
    policy = TellingPolicy()
    policy.denied.add("p")

    assert disclosed(dispatcher, policy, ()) == tuple(
        PacketRecord(envelope=each.envelope, payload=each.payload, receipts=(), decision_id="decision-1")
        for each in (packet("p"), packet("q"))
    )
    assert dispatcher.keys == []
