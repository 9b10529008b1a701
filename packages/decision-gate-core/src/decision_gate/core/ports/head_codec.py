"""The stored form of a run head: canonical JSON of its fields and its digest."""

from typing import Any

from decision_gate.core.json import JsonParseError, canonical_finite, parse
from decision_gate.core.model import RunStatus
from decision_gate.core.ports.run_digest import head_fields
from decision_gate.core.ports.run_errors import StoreCorruptError
from decision_gate.core.ports.runs import LogCounts, PendingDispatch, RunHead, RunKey
from decision_gate.core.timestamps import timestamp


def encode_head(head: RunHead) -> bytes:
    """Return the bytes a store keeps for *head*."""
    return canonical_finite(head_fields(head) | {"digest": head.digest})


def decode_head(stored: bytes) -> RunHead:
    """Return the head that ``encode_head`` wrote.

    Raises:
        StoreCorruptError: The bytes are not a stored head.
    """
    try:
        fields: Any = parse(stored)
        pending = fields["pending"]
        entered = fields["stage_entered_at"]
        return RunHead(
            key=RunKey(**fields["key"]),
            scenario_id=fields["scenario_id"],
            owner=fields["owner"],
            spec_hash=fields["spec_hash"],
            current_stage_id=fields["current_stage_id"],
            stage_entered_at=timestamp(entered["kind"], entered["value"]),
            status=RunStatus(fields["status"]),
            version=fields["version"],
            state_version=fields["state_version"],
            counts=LogCounts(**fields["counts"]),
            decided_at_version=fields["decided_at_version"],
            pending=None
            if pending is None
            else PendingDispatch(
                decision_seq=pending["decision_seq"],
                packet_ids=tuple(pending["packet_ids"]),
                until=pending["until"],
            ),
            digest=fields["digest"],
        )
    except (JsonParseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreCorruptError("a stored run head cannot be read") from error
