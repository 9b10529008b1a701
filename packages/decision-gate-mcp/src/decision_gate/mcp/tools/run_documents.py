"""What can be read about a run without a tool call: its state and the manifest of its run pack.

Both are judged as calls of the tools that tell the same: who may not call ``scenario_status`` cannot read the state.
Unlike a call they add nothing to the run's transcript and write no file.
"""

from collections.abc import Callable, Iterable
from typing import Final

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.engine import RunNotFoundError
from decision_gate.core.json import JsonValue, parse, plain
from decision_gate.core.model import NamespaceId, TenantId
from decision_gate.core.ports import Log, RunHead, RunKey
from decision_gate.core.runpack import ExportRequest, export
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.errors import NotFoundError
from decision_gate.mcp.tools.call import Call, Place, Tool
from decision_gate.mcp.tools.runpacks import RunpackTools

MAX_DECISIONS: Final = 100
"""Of a long run only the last decisions are told; the run pack has them all."""


@attrs.frozen(kw_only=True)
class RunReference:
    """Which run is read."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    scenario_id: str
    run_id: str


@attrs.frozen(kw_only=True)
class RunDocuments:
    """The two documents, over what the run-pack tools know."""

    runpacks: RunpackTools

    def state(self) -> Tool:
        """Return the reading of a run's state."""
        return _reading("scenario_status", self._state)

    def manifest(self) -> Tool:
        """Return the reading of a run-pack manifest, made from the run as it is now."""
        return _reading("runpack_export", self._manifest)

    def _state(self, call: Call) -> bytes:
        plane = self.runpacks.plane
        head = self._head(call)
        count = head.counts.decisions
        after = max(0, count - MAX_DECISIONS)
        decisions: list[JsonValue] = [
            parse(body) for body in (plane.runs.read(head.key, Log.DECISIONS, after=after, upto=count) if count else ())
        ]
        return plain(
            {
                "tenant_id": head.key.tenant_id,
                "namespace_id": head.key.namespace_id,
                "run_id": head.key.run_id,
                "scenario_id": head.scenario_id,
                "spec_hash": {"algorithm": "sha256", "value": head.spec_hash},
                "status": head.status.value,
                "current_stage_id": head.current_stage_id,
                "stage_entered_at": encode(head.stage_entered_at),
                "version": head.version,
                "digest": head.digest,
                "decision_count": count,
                "decisions": decisions,
            }
        )

    def _manifest(self, call: Call) -> bytes:
        runpacks = self.runpacks
        head = self._head(call)
        request = ExportRequest(
            spec=runpacks.spec_of(head),
            head=head,
            generated_at=UnixMillis(call.now_ms),
            anchor_policy=runpacks.anchor_policy,
            security=runpacks.security,
        )
        return export(request, runpacks.plane.runs, _Nowhere()).manifest_bytes

    def _head(self, call: Call) -> RunHead:
        reference: RunReference = call.arguments
        key = RunKey(reference.tenant_id, reference.namespace_id, reference.run_id)
        try:
            return self.runpacks.plane.lookup.run_of(reference.scenario_id, key)
        except RunNotFoundError:
            raise NotFoundError("run not found") from None


class _Nowhere:
    """An artifact sink that keeps nothing: the export hashes on the way."""

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        del path, content_type
        for _chunk in chunks:
            pass

    def finalize(self, manifest: bytes) -> None:
        del manifest


def _reading(name: str, work: Callable[[Call], bytes]) -> Tool:
    return Tool(
        name=name,
        arguments=RunReference,
        place=lambda reference: Place(tenant_id=reference.tenant_id, namespace_id=reference.namespace_id),
        work=work,
    )
