"""The transcript entry of a call while it is being answered (contract §6.9)."""

from typing import Any

import attrs

from decision_gate.core.codec import hash_record
from decision_gate.core.engine.drafts import CallDraft
from decision_gate.core.model import HashDigest, ToolCallError
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class Call:
    """A call that is being answered: what was asked, and when."""

    method: str
    request_hash: HashDigest
    called_at: Timestamp
    correlation_id: str | None

    @classmethod
    def of(cls, method: str, request: Any, called_at: Timestamp, correlation_id: str | None) -> "Call":  # noqa: ANN401 - any request record
        """Hash *request* and remember the rest."""
        return cls(
            method=method,
            request_hash=hash_record(request),
            called_at=called_at,
            correlation_id=correlation_id,
        )

    def answered(self, response_hash: HashDigest) -> CallDraft:
        """Return the entry of a call that succeeded."""
        return CallDraft(
            method=self.method,
            request_hash=self.request_hash,
            response_hash=response_hash,
            called_at=self.called_at,
            correlation_id=self.correlation_id,
        )

    def refused(self, error: ToolCallError) -> CallDraft:
        """Return the entry of a call that was refused and is recorded all the same."""
        return CallDraft(
            method=self.method,
            request_hash=self.request_hash,
            response_hash=hash_record(error),
            called_at=self.called_at,
            correlation_id=self.correlation_id,
            error=error,
        )
