"""The run-pack tools: ``runpack_export`` and ``runpack_verify`` (contract §2.8, §2.9, §9, deviations X4, X7)."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.control_plane import ControlPlane
from decision_gate.core.engine import RunNotFoundError, ScenarioNotFoundError
from decision_gate.core.json import plain
from decision_gate.core.model import EvidenceAnchorPolicy, RunpackSecurityContext
from decision_gate.core.ports import ArtifactTooLargeError, RunHead, RunKey, ScenarioKey
from decision_gate.core.runpack import MANIFEST_NAME, Export, ExportRequest, export, verify
from decision_gate.mcp.errors import NotFoundError, RunpackFailedError
from decision_gate.mcp.hooks.audit_events import runpack_exported
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.runpacks.directory import DirectoryPack, check_manifest_name
from decision_gate.mcp.runpacks.folder import Folder, open_folder
from decision_gate.mcp.runpacks.roots import Roots
from decision_gate.mcp.runpacks.sizes import CountingSink
from decision_gate.mcp.runpacks.store import PackName, PackTarget, RunpackStore
from decision_gate.mcp.tools.arguments import ExportArguments, VerifyArguments
from decision_gate.mcp.tools.call import Call, Place, Tool, operation_key
from decision_gate.mcp.tools.reservations import reserved

MAX_MANIFEST_BYTES = 16_777_216
REPORT_BYTES = 4_096
"""Most that the report takes which is put into a pack that was just written, with its place in the manifest."""


@attrs.frozen(kw_only=True)
class RunpackTools:
    """The run-pack family.

    Attributes:
        plane: The engine whose runs are exported.
        roots: Folders that callers may name.
        store: Where packs go when the server keeps them itself; callers name no folder then.
        anchor_policy: Recorded in every manifest.
        security: Recorded in every manifest.
    """

    plane: ControlPlane
    roots: Roots
    store: RunpackStore | None
    anchor_policy: EvidenceAnchorPolicy
    security: RunpackSecurityContext

    def tools(self) -> tuple[Tool, ...]:
        """Return the two tools."""
        return (
            Tool(
                name="runpack_export",
                arguments=ExportArguments,
                place=lambda arguments: Place(tenant_id=arguments.tenant_id, namespace_id=arguments.namespace_id),
                work=self.export,
                costs=lambda _arguments: ((Metric.RUNPACK_EXPORTS, 1),),
            ),
            Tool(
                name="runpack_verify",
                arguments=VerifyArguments,
                place=lambda _arguments: Place(),
                work=self.verify,
            ),
        )

    def export(self, call: Call) -> bytes:
        """Write the run pack of a run as it is now; the same pack exported again is billed once."""
        arguments: ExportArguments = call.arguments
        head, spec = self._run(arguments)
        request = ExportRequest(
            spec=spec,
            head=head,
            generated_at=arguments.generated_at,
            anchor_policy=self.anchor_policy,
            security=self.security,
        )
        with self._room(call, request), self._target(arguments, head, call.tenant_id) as target:
            verify_with = target.reader if arguments.include_verification else None
            sink = CountingSink(target.sink)
            done = export(request, self.plane.runs, sink, verify_with=verify_with)
        call.owe(Charge(metric=Metric.RUNPACK_EXPORTS, units=1, operation=done.root_hash))
        call.owe(attrs.evolve(_stored(head, done, sink.size), is_reserved=True))
        call.done = runpack_exported(call.scope, head, done.root_hash, call.now_ms)
        answer = {
            "manifest": encode(done.manifest),
            "report": None if done.report is None else encode(done.report),
        }
        if target.uri is not None:
            answer["storage_uri"] = target.uri
        return plain(answer)

    @contextmanager
    def _room(self, call: Call, request: ExportRequest) -> Iterator[None]:
        """Hold room for the pack, inside the quota, while the block writes it; the bill settles it.

        Only a server that meters storage reads the run twice; the size is exact, and for a verifier's report the most.
        """
        if Metric.STORAGE_BYTES not in call.meter.metrics:
            yield
            return
        arguments: ExportArguments = call.arguments
        measured = CountingSink()
        done = export(request, self.plane.runs, measured)
        size = measured.size + (REPORT_BYTES if arguments.include_verification else 0)
        with reserved(call, self.plane.runs, _stored(request.head, done, size)):
            yield

    def verify(self, call: Call) -> bytes:
        """Verify a pack that lies below the roots; what is wrong with it is a result, not an error."""
        arguments: VerifyArguments = call.arguments
        root, path = self.roots.confine("runpack_dir", arguments.runpack_dir, call.tenant_id)
        with open_folder(path, root=root) as folder:
            manifest = _read_manifest(folder, arguments.manifest_path)
            report = encode(verify(manifest, DirectoryPack(folder, arguments.manifest_path)))
        return plain({"report": report, "status": report["status"]})

    def spec_of(self, head: RunHead) -> bytes:
        """Return the scenario that a run was started with. Raise ``ScenarioNotFoundError`` when it is gone."""
        definition = self.plane.scenarios.get(
            ScenarioKey(head.owner, head.key.namespace_id, head.scenario_id), head.spec_hash
        )
        if definition is None:
            raise ScenarioNotFoundError(head.scenario_id)
        return definition.body

    def _run(self, arguments: ExportArguments) -> tuple[RunHead, bytes]:
        """Return the run's head and the bytes of its scenario, in the order of refusals of contract §9.1."""
        key = RunKey(arguments.tenant_id, arguments.namespace_id, arguments.run_id)
        try:
            head = self.plane.lookup.run_of(arguments.scenario_id, key)
        except RunNotFoundError:
            raise NotFoundError("run not found") from None
        return head, self.spec_of(head)

    @contextmanager
    def _target(self, arguments: ExportArguments, head: RunHead, tenant_id: int | None) -> Iterator[PackTarget]:
        """Open where the pack goes: the server's store, else the folder that the caller names."""
        manifest_name = arguments.manifest_name if arguments.manifest_name is not None else MANIFEST_NAME
        if self.store is not None:
            name = PackName(
                tenant_id=head.key.tenant_id,
                namespace_id=head.key.namespace_id,
                scenario_id=head.scenario_id,
                run_id=head.key.run_id,
                spec_hash=head.spec_hash,
                manifest_name=manifest_name,
            )
            with self.store.open(name) as target:
                yield target
            return
        if arguments.output_dir is None:
            raise RunpackFailedError("output_dir is required when runpack storage is not configured")
        root, path = self.roots.confine("output_dir", arguments.output_dir, tenant_id)
        check_manifest_name(manifest_name)
        with open_folder(path, root=root, create=True) as folder:
            pack = DirectoryPack(folder, manifest_name)
            yield PackTarget(sink=pack, reader=pack)


def _stored(head: RunHead, pack: Export, size: int) -> Charge:
    """Charge the bytes of a pack."""
    operation = operation_key("runpack", head.key.namespace_id, head.key.run_id, pack.root_hash)
    return Charge(metric=Metric.STORAGE_BYTES, units=size, operation=operation)


def _read_manifest(folder: Folder, path: str) -> bytes:
    """Read the manifest, which must be held in memory, up to 16 MiB."""
    manifest = bytearray()
    for chunk in folder.chunks(path):
        manifest += chunk
        if len(manifest) > MAX_MANIFEST_BYTES:
            raise ArtifactTooLargeError(path, len(manifest), MAX_MANIFEST_BYTES)
    return bytes(manifest)
