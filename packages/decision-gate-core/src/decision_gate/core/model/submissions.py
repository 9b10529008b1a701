"""Submissions and the transcript of tool calls (contract §3.7)."""

from typing import ClassVar

import attrs

from decision_gate.core.model.hash_digest import HashDigest
from decision_gate.core.model.packets import PacketPayload
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class SubmissionRecord:
    """Something handed in during a run; it never influences a gate."""

    submission_id: str
    run_id: str
    payload: PacketPayload
    content_type: str
    content_hash: HashDigest
    submitted_at: Timestamp
    correlation_id: str | None = None


@attrs.frozen(kw_only=True)
class ProviderMissingDetails:
    """Which providers a scenario needs and the engine lacks."""

    kind: ClassVar[str] = "provider_missing"
    missing_providers: tuple[str, ...]
    required_capabilities: tuple[str, ...]
    blocked_by_policy: bool


@attrs.frozen(kw_only=True)
class MessageDetails:
    """A free text."""

    kind: ClassVar[str] = "message"
    info: str


ToolCallErrorDetails = ProviderMissingDetails | MessageDetails


@attrs.frozen(kw_only=True)
class ToolCallError:
    """Why a recorded call failed."""

    code: str
    message: str
    details: ToolCallErrorDetails | None = None


@attrs.frozen(kw_only=True)
class ToolCallRecord:
    """One call that touched the run: hashes only; ``call_id`` is ``call-<n>``."""

    call_id: str
    method: str
    request_hash: HashDigest
    response_hash: HashDigest
    called_at: Timestamp
    correlation_id: str | None = None
    error: ToolCallError | None = None
