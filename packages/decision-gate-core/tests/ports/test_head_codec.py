"""A stored head comes back as it was, and nothing else is taken for one."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.json import canonical, parse
from decision_gate.core.model import RunStatus
from decision_gate.core.ports import (
    LogCounts,
    PendingDispatch,
    RunHead,
    RunKey,
    StoreCorruptError,
    decode_head,
    encode_head,
)
from decision_gate.core.testing.runs import start_commit
from decision_gate.core.timestamps import Logical, UnixMillis

U64 = st.integers(1, 2**64 - 1)
COUNT = st.integers(0, 2**63)
TEXT = st.text(max_size=20)
HEADS = st.builds(
    RunHead,
    key=st.builds(RunKey, U64, U64, TEXT),
    scenario_id=TEXT,
    owner=st.none() | U64,
    spec_hash=TEXT,
    current_stage_id=TEXT,
    stage_entered_at=st.builds(UnixMillis, st.integers(-(2**63), 2**63 - 1))
    | st.builds(Logical, st.integers(0, 2**64 - 1)),
    status=st.sampled_from(RunStatus),
    version=COUNT,
    state_version=COUNT,
    counts=st.builds(LogCounts, **{field.name: COUNT for field in attrs.fields(LogCounts)}),
    decided_at_version=COUNT,
    pending=st.none()
    | st.builds(PendingDispatch, decision_seq=COUNT, packet_ids=st.lists(TEXT, max_size=3).map(tuple), until=COUNT),
    digest=TEXT,
)


@given(HEADS)
def test_a_head_comes_back_as_it_was(head):
    stored = encode_head(head)

    assert decode_head(stored) == head
    assert canonical(parse(stored)) == stored


@pytest.mark.parametrize("stored", [b"", b"\xff", b"null", b"[]", b"{}", b'"head"', b"{" * 1000])
def test_anything_else_is_corrupt(stored):
    with pytest.raises(StoreCorruptError) as refused:
        decode_head(stored)

    assert refused.value.code == "store_corrupt"


@pytest.mark.parametrize("name", sorted(parse(encode_head(start_commit().head))))
def test_a_head_that_lost_a_member_is_corrupt(name):
    fields = parse(encode_head(start_commit().head))
    del fields[name]

    with pytest.raises(StoreCorruptError):
        decode_head(canonical(fields))
