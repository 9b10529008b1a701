"""A leaf binds its body by a salted digest, names nobody, and passes through an outbox unchanged."""

import hashlib

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.json import canonical, parse
from decision_gate.enterprise.audit import EventClass, Sealer, Told, leaf_rider
from decision_gate.enterprise.audit.leaf import binds_body, ridden_leaf, ridden_log

TOLD = Told(event="run_commit", event_class=EventClass.DECISION, tenant_id=7, at_ms=1_760_000_000_000)
RUN = {"digest": "00" * 32, "namespace_id": "12", "run_id": "run-1", "version": 3}
BODY = canonical({"principal_id": "somebody"})
SEALER = Sealer(b"secret of this process")


def test_entry_says_what_when_where_and_with_which_outcome_and_nobodys_name():
    leaf = SEALER.seal(attrs.evolve(TOLD, run=RUN), BODY)

    assert parse(leaf.entry) == {
        "body": hashlib.sha256(leaf.salt + BODY).hexdigest(),
        "class": "decision",
        "event": "run_commit",
        "outcome": "done",
        "run": RUN,
        "tenant": "7",
        "time": 1_760_000_000_000,
        "v": 1,
    }
    assert leaf.entry == canonical(parse(leaf.entry))
    assert binds_body(leaf.entry, leaf.salt, BODY)
    assert not binds_body(leaf.entry, leaf.salt, BODY + b" ")


def test_denial_is_told_in_the_open():
    assert parse(SEALER.seal(attrs.evolve(TOLD, is_denial=True), BODY).entry)["outcome"] == "denied"


def test_digest_does_not_let_a_body_be_guessed():
    """Two processes make different digests of one body: without the salt no guess can be confirmed."""
    one, other = SEALER.seal(TOLD, BODY), Sealer(b"another").seal(TOLD, BODY)

    assert one.entry != other.entry
    assert one.key == other.key
    assert hashlib.sha256(BODY).hexdigest().encode() not in one.entry


@given(st.binary(max_size=400), st.integers(0, 2**64 - 1))
def test_leaf_rides_and_arrives_unchanged(body, tenant_id):
    leaf = SEALER.seal(attrs.evolve(TOLD, tenant_id=tenant_id), body)

    rider = leaf_rider(leaf)
    log = ridden_log(rider.body)

    assert ridden_leaf(log, bytes.fromhex(rider.key), rider.body[len(log) :]) == leaf


@given(st.binary(max_size=80))
def test_nothing_in_an_outbox_can_stop_the_sequencer(packed):
    assert ridden_leaf(bytes(8), b"key", packed).log == bytes(8)


def test_entry_of_65535_bytes_fits_and_one_more_does_not():
    room = 65_535 - len(SEALER.seal(attrs.evolve(TOLD, event=""), BODY).entry)

    assert len(SEALER.seal(attrs.evolve(TOLD, event="x" * room), BODY).entry) == 65_535
    with pytest.raises(Exception, match="65536") as refused:
        SEALER.seal(attrs.evolve(TOLD, event="x" * (room + 1)), BODY)
    assert refused.value.code == "log_entry_size"
