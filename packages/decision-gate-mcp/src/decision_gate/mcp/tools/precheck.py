"""``precheck``: what would the gates say to this payload; nothing is asked of providers, nothing is kept (§8.3)."""

import hashlib

import attrs

from decision_gate.core.codec import canonical_record, decode, encode, hash_record
from decision_gate.core.control_plane import ScenarioLookup, define, precheck
from decision_gate.core.engine import EngineSettings, ScenarioPlan
from decision_gate.core.json import JsonValue, canonical, canonical_kinds, parse, plain
from decision_gate.core.model import (
    EvidenceResult,
    HashDigest,
    JsonEvidence,
    PrecheckRequest,
    ScenarioSpec,
    TrustLane,
)
from decision_gate.core.ports import DataShapeRegistry
from decision_gate.mcp.errors import InvalidParamsError, NotFoundError
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.json_schema import JsonSchema
from decision_gate.mcp.tools.arguments import PrecheckArguments
from decision_gate.mcp.tools.call import Call, Place, Tool
from decision_gate.mcp.tools.registry_failures import registry_failures
from decision_gate.mcp.validation import ScenarioRules


@attrs.frozen(kw_only=True)
class PrecheckTools:
    """The precheck family.

    Attributes:
        lookup: Finds scenarios that are defined.
        shapes: Finds data shapes; the registry's access rules are not asked (contract §8.3 point 1).
        rules: What a scenario and a shape are held against.
        settings: How the engine judges; a scenario that comes with the call is judged without the lanes of
            single providers (contract §12).
        keeps_payloads: Whether the audit holds both sides, not only their hashes.
    """

    lookup: ScenarioLookup
    shapes: DataShapeRegistry
    rules: ScenarioRules
    settings: EngineSettings
    keeps_payloads: bool

    def tools(self) -> tuple[Tool, ...]:
        """Return the one tool."""
        return (
            Tool(
                name="precheck",
                arguments=PrecheckArguments,
                place=lambda arguments: Place(tenant_id=arguments.tenant_id, namespace_id=arguments.namespace_id),
                work=self.precheck,
            ),
        )

    def precheck(self, call: Call) -> bytes:
        """Judge asserted evidence, in the order of contract §8.3."""
        arguments: PrecheckArguments = call.arguments
        shape = self._shape(arguments)
        if mistakes := JsonSchema(shape).mistakes(arguments.payload):
            raise InvalidParamsError(f"payload does not match schema: {'; '.join(mistakes)}")
        plan = self._plan(arguments)
        spec = plan.spec
        if spec.default_tenant_id not in (None, arguments.tenant_id):
            reason = "scenario belongs to another tenant"
            call.events.append(audit_events.guard_denial(call.scope, "precheck", reason, call.now_ms))
            raise UnauthorizedError(reason)
        self.rules.check_shape(spec, shape)
        request = PrecheckRequest(stage_id=arguments.stage_id, evidence=_asserted(spec, arguments.payload))
        answer = encode(precheck(plan, request))
        call.events.append(self._event(call, spec, answer))
        return plain(answer)

    def _shape(self, arguments: PrecheckArguments) -> JsonValue:
        name = arguments.data_shape
        with registry_failures():
            record = self.shapes.get(arguments.tenant_id, arguments.namespace_id, name.schema_id, name.version)
        if record is None:
            raise NotFoundError("schema not found")
        return record.schema

    def _plan(self, arguments: PrecheckArguments) -> ScenarioPlan:
        """Return the scenario to judge by: the given one, even where its id is defined, else the defined one."""
        spec = arguments.spec
        if spec is None:
            if arguments.scenario_id is None:
                raise InvalidParamsError("scenario_id or spec is required")
            named = self.lookup.named(arguments.tenant_id, arguments.namespace_id, arguments.scenario_id)
            return self.lookup.plan(named)
        if arguments.scenario_id not in (None, spec.scenario_id):
            raise InvalidParamsError("scenario_id does not match spec")
        if spec.namespace_id != arguments.namespace_id:
            raise InvalidParamsError("namespace_id does not match spec")
        self.rules.check_capabilities(spec)
        definition = define(spec, None)
        return ScenarioPlan(
            spec=decode(ScenarioSpec, parse(definition.body)),
            spec_hash=definition.spec_hash,
            settings=attrs.evolve(self.settings, provider_lanes={}),
        )

    def _event(self, call: Call, spec: ScenarioSpec, answer: JsonValue) -> audit_events.AuditEvent:
        arguments: PrecheckArguments = call.arguments
        checked = audit_events.Prechecked(
            scenario_id=arguments.scenario_id or spec.scenario_id,
            stage_id=arguments.stage_id,
            schema_id=arguments.data_shape.schema_id,
            schema_version=arguments.data_shape.version,
            request_hash=encode(hash_record(arguments)),
            response_hash=encode(HashDigest(value=hashlib.sha256(canonical(answer)).hexdigest())),
            request=parse(canonical_record(arguments)) if self.keeps_payloads else None,
            response=answer if self.keeps_payloads else None,
        )
        return audit_events.precheck(call.scope, checked, call.now_ms, keeps_payloads=self.keeps_payloads)


def _asserted(spec: ScenarioSpec, payload: JsonValue) -> dict[str, EvidenceResult]:
    """Return the payload as evidence: its members by condition id, or the whole for the only condition."""
    conditions = [condition.condition_id for condition in spec.conditions]
    if isinstance(payload, dict):
        return {name: _evidence(payload[name]) for name in conditions if name in payload}
    if len(conditions) != 1:
        raise InvalidParamsError("payload must be an object keyed by condition ids")
    return {conditions[0]: _evidence(payload)}


def _evidence(value: JsonValue) -> EvidenceResult:
    return EvidenceResult(value=JsonEvidence(value=canonical_kinds(value)), lane=TrustLane.ASSERTED)
