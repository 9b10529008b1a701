"""The tools about definitions: ``scenario_define`` and ``scenarios_list`` (contract §2.1, §2.16, deviation S8)."""

import heapq
from collections.abc import Callable, Iterable, Sequence

import attrs

from decision_gate.core.codec import hash_record
from decision_gate.core.control_plane import define
from decision_gate.core.json import JsonValue, plain
from decision_gate.core.model import ScenarioSpec
from decision_gate.core.ports import (
    ScenarioDefinition,
    ScenarioExistsError,
    ScenarioKey,
    ScenarioStore,
    encode_cursor,
)
from decision_gate.mcp.errors import CallConflictError
from decision_gate.mcp.hooks.audit_events import scenario_defined
from decision_gate.mcp.hooks.request import Dialect
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.tools.arguments import DefineArguments, ListArguments
from decision_gate.mcp.tools.call import Call, Place, Tool, operation_key
from decision_gate.mcp.tools.guards import admit_charge
from decision_gate.mcp.tools.paging import page_limit

SpecCheck = Callable[[ScenarioSpec], None]
"""Refuses a scenario for a reason outside it: a provider's contract, a comparator that cannot apply."""


@attrs.frozen(kw_only=True)
class ScenarioTools:
    """The definition family over one scenario store; ``checks`` run in order before the structural ones."""

    scenarios: ScenarioStore
    checks: Sequence[SpecCheck] = ()

    def tools(self) -> tuple[Tool, ...]:
        """Return the two tools."""
        return (
            Tool(
                name="scenario_define",
                arguments=DefineArguments,
                place=lambda arguments: Place(
                    tenant_id=arguments.spec.default_tenant_id,
                    namespace_id=arguments.spec.namespace_id,
                ),
                work=self.define,
            ),
            Tool(
                name="scenarios_list",
                arguments=ListArguments,
                place=lambda arguments: Place(tenant_id=arguments.tenant_id, namespace_id=arguments.namespace_id),
                work=self.list,
            ),
        )

    def define(self, call: Call) -> bytes:
        """Store a first definition; any second one of the same id conflicts, equal or not (contract §2.1).

        Through MCP an equal one answers as the first time (deviation S8): an agent that lost the reply may repeat it.
        The order of refusals is the reference's: taken, capability and comparator checks, structure.
        """
        arguments: DefineArguments = call.arguments
        spec = arguments.spec
        owner = spec.default_tenant_id if spec.default_tenant_id is not None else call.principal.sole_tenant
        key = ScenarioKey(owner, spec.namespace_id, spec.scenario_id)
        taken = self.scenarios.get(key)
        if taken is not None:
            return _defined_again(call, spec, taken)
        for check in self.checks:
            check(spec)
        definition = define(spec, owner)
        stored = _stored(definition)
        if stored.metric in call.meter.metrics:
            admit_charge(call, call.metered((stored,)), stored)
        event = scenario_defined(call.scope, definition, call.now_ms)
        try:
            self.scenarios.define(definition, call.riders((stored,), event=event))
        except ScenarioExistsError as error:
            if call.request.dialect is Dialect.MCP and error.spec_hash == definition.spec_hash:
                return _defined(spec, definition.spec_hash)
            raise CallConflictError(_TAKEN) from None
        call.settle(event)
        return _defined(spec, definition.spec_hash)

    def list(self, call: Call) -> bytes:
        """List a namespace's definitions by id: the tenant's own and those of nobody (contract §2.16).

        The token is the last id of the page, on every page that is not empty; an unknown one starts again.
        """
        arguments: ListArguments = call.arguments
        limit = page_limit(arguments.limit)
        owners = (arguments.tenant_id, None)
        after = self._position(arguments)
        pages = [self.scenarios.scenarios(owner, arguments.namespace_id, after, limit).items for owner in owners]
        items = _merged(pages, limit)
        entries: list[JsonValue] = [
            {
                "scenario_id": item.key.scenario_id,
                "namespace_id": item.key.namespace_id,
                "spec_hash": {"algorithm": "sha256", "value": item.spec_hash},
            }
            for item in items
        ]
        token = items[-1].key.scenario_id if items else None
        return plain({"items": entries, "next_token": token})

    def _position(self, arguments: ListArguments) -> str | None:
        """Return the store's token of the wire's: a known id; none, the beginning, for any other text."""
        cursor = arguments.cursor
        if not cursor:
            return None
        for owner in (arguments.tenant_id, None):
            if self.scenarios.get(ScenarioKey(owner, arguments.namespace_id, cursor)) is not None:
                return encode_cursor(cursor.encode())
        return None


def _stored(definition: ScenarioDefinition) -> Charge:
    """Charge the bytes of a definition, as they are kept."""
    key = definition.key
    operation = operation_key("scenario", key.namespace_id, key.scenario_id, definition.spec_hash)
    return Charge(metric=Metric.STORAGE_BYTES, units=len(definition.body), operation=operation)


def _defined(spec: ScenarioSpec, spec_hash: str) -> bytes:
    return plain({"scenario_id": spec.scenario_id, "spec_hash": {"algorithm": "sha256", "value": spec_hash}})


def _defined_again(call: Call, spec: ScenarioSpec, taken: ScenarioDefinition) -> bytes:
    """Answer a definition of a taken id. Raise ``CallConflictError``, but for an equal one through MCP."""
    if call.request.dialect is Dialect.MCP and hash_record(spec).value == taken.spec_hash:
        return _defined(spec, taken.spec_hash)
    raise CallConflictError(_TAKEN)


def _merged(pages: Iterable[Sequence[ScenarioDefinition]], limit: int) -> Sequence[ScenarioDefinition]:
    """Merge sorted pages into one; of two definitions of one id the tenant's own hides the other."""
    merged: dict[str, ScenarioDefinition] = {}
    for definition in heapq.merge(*pages, key=lambda found: found.key.scenario_id.encode()):
        merged.setdefault(definition.key.scenario_id, definition)
        if len(merged) > limit:
            break
    return list(merged.values())[:limit]


_TAKEN = "scenario already defined"
