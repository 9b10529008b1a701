"""Reading an announced dispatch back (ADR 1)."""

import pytest

from decision_gate.core.engine import announced
from decision_gate.core.ports import StoreCorruptError, tombstone


@pytest.mark.parametrize("body", [b"{}", b"[]", tombstone(at_ms=1, reason="r")])
def test_what_is_no_announcement_is_damage(body):
    with pytest.raises(StoreCorruptError, match="a stored dispatch intent cannot be read"):
        announced(body)
