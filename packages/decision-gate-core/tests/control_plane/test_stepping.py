"""What a run keeps of its targets is read back, and nothing else is taken for one."""

import pytest

from decision_gate.core.codec import canonical_record
from decision_gate.core.control_plane.stepping import decode_target
from decision_gate.core.model import AgentTarget, ChannelTarget, ExternalTarget, SessionTarget
from decision_gate.core.ports import StoreCorruptError


@pytest.mark.parametrize(
    "target",
    [
        AgentTarget(agent_id="a"),
        SessionTarget(session_id="s"),
        ExternalTarget(system="s", target="t"),
        ChannelTarget(channel="c"),
    ],
)
def test_a_target_comes_back_as_it_was(target):
    assert decode_target(canonical_record(target)) == target


@pytest.mark.parametrize("body", [b"null", b"{}", b'{"kind":"nobody"}', b'{"kind":1}'])
def test_what_is_no_target_is_a_damaged_store(body):
    with pytest.raises(StoreCorruptError, match=r"^a stored dispatch target cannot be read$"):
        decode_target(body)
