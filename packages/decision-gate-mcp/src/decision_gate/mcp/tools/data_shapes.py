"""The registry of data shapes: ``schemas_register``, ``schemas_list``, ``schemas_get`` (contract §2.13 – §2.15)."""

import hashlib
from collections.abc import Sequence

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.ids import check_identifier
from decision_gate.core.json import CanonicalJsonError, CanonicalSizeError, canonical, plain
from decision_gate.core.model import DataShapeRecord
from decision_gate.core.ports import DataShapeInvalidError, DataShapeRegistry, DataShapesFullError
from decision_gate.mcp.config.acl import AclAction
from decision_gate.mcp.errors import CallConflictError, NotFoundError
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.json_schema import InvalidSchemaError, JsonSchema
from decision_gate.mcp.registry_acl import RegistryAcl, SigningRule
from decision_gate.mcp.tools.arguments import ListArguments, RegisterArguments, ShapeArguments
from decision_gate.mcp.tools.call import Call, Place, Tool, operation_key
from decision_gate.mcp.tools.paging import page_limit
from decision_gate.mcp.tools.registry_failures import registry_failures

_FULL = "schema registry max entries exceeded"


@attrs.frozen(kw_only=True)
class DataShapeTools:
    """The registry family.

    Attributes:
        shapes: The registry.
        acl: Who may do what.
        signing: What must be signed.
        max_schema_bytes: Largest schema as compact JSON; none where only the registry knows.
        max_entries: Most versions of one namespace; none where there is no limit or only the registry knows.
    """

    shapes: DataShapeRegistry
    acl: RegistryAcl
    signing: SigningRule
    max_schema_bytes: int | None
    max_entries: int | None

    def tools(self) -> tuple[Tool, ...]:
        """Return the three tools."""
        return (
            Tool(
                name="schemas_register",
                arguments=RegisterArguments,
                place=lambda arguments: _place(arguments.record),
                work=self.register,
                costs=_costs,
            ),
            Tool(name="schemas_list", arguments=ListArguments, place=_place, work=self.list),
            Tool(name="schemas_get", arguments=ShapeArguments, place=_place, work=self.get),
        )

    def register(self, call: Call) -> bytes:
        """Store one version for ever, in the order of refusals of contract §2.13."""
        arguments: RegisterArguments = call.arguments
        record = arguments.record
        name = (record.schema_id, record.version)
        self._judge(call, AclAction.REGISTER, name)
        self._check_signing(call, record)
        check_identifier("schema_id", record.schema_id)
        check_identifier("version", record.version)
        self._check_size(len(plain(record.schema)))
        try:
            JsonSchema(record.schema)
        except InvalidSchemaError:
            self._check_room(record)
            raise
        event = audit_events.schema_registered(
            call.scope, name, hashlib.sha256(canonical(record.schema)).hexdigest(), call.now_ms
        )
        try:
            with registry_failures():
                self.shapes.register(record, call.riders(_charges(record), event=event))
        except DataShapesFullError:
            raise CallConflictError(_FULL) from None
        call.settle(event)
        return plain({"record": encode(record)})

    def list(self, call: Call) -> bytes:
        """List a namespace by schema id and version; access is judged before the limit (contract §2.14)."""
        arguments: ListArguments = call.arguments
        self._judge(call, AclAction.LIST)
        limit = page_limit(arguments.limit)
        with registry_failures():
            page = self.shapes.shapes(arguments.tenant_id, arguments.namespace_id, arguments.cursor, limit)
        return plain(encode(page))

    def get(self, call: Call) -> bytes:
        """Return one version. Raise ``NotFoundError``."""
        arguments: ShapeArguments = call.arguments
        self._judge(call, AclAction.GET, (arguments.schema_id, arguments.version))
        where = (arguments.tenant_id, arguments.namespace_id)
        with registry_failures():
            record = self.shapes.get(*where, arguments.schema_id, arguments.version)
        if record is None:
            raise NotFoundError("schema not found")
        return plain({"record": encode(record)})

    def _judge(self, call: Call, action: AclAction, shape: tuple[str, str] | None = None) -> None:
        verdict = self.acl.judge(call.principal, action, call.place.tenant_id, call.place.namespace_id)
        call.events.append(audit_events.registry(call.scope, action.value, verdict, call.now_ms, shape))
        if not verdict.allowed:
            raise UnauthorizedError(verdict.reason)

    def _check_signing(self, call: Call, record: DataShapeRecord) -> None:
        try:
            self.signing.check(record)
        except UnauthorizedError as refusal:
            call.events.append(audit_events.guard_denial(call.scope, "signing", refusal.reason, call.now_ms))
            raise

    def _check_size(self, size: int) -> None:
        if self.max_schema_bytes is not None and size > self.max_schema_bytes:
            raise DataShapeInvalidError(f"schema exceeds size limit: {size} bytes (max {self.max_schema_bytes})")

    def _check_room(self, record: DataShapeRecord) -> None:
        """Tell a full namespace before a schema that is none; only asked when the schema is none."""
        if self.max_entries is None:
            return
        with registry_failures():
            page = self.shapes.shapes(record.tenant_id, record.namespace_id, None, self.max_entries)
        if len(page.items) >= self.max_entries:
            raise CallConflictError(_FULL)


def _place(arguments: ListArguments | ShapeArguments | DataShapeRecord) -> Place:
    return Place(tenant_id=arguments.tenant_id, namespace_id=arguments.namespace_id)


def _costs(arguments: RegisterArguments) -> Sequence[tuple[Metric, int]]:
    return [(charge.metric, charge.units) for charge in _charges(arguments.record)]


def _charges(record: DataShapeRecord) -> Sequence[Charge]:
    operation = operation_key("shape", record.namespace_id, record.schema_id, record.version)
    units = {
        Metric.SCHEMAS_WRITTEN: 1,
        Metric.REGISTRY_ENTRIES: 1,
        Metric.STORAGE_BYTES: _stored_bytes(record),
    }
    return [Charge(metric=metric, units=count, operation=operation) for metric, count in units.items()]


def _stored_bytes(record: DataShapeRecord) -> int:
    """Return how long the schema is as it is kept; one that cannot be kept is refused later, where that is told."""
    try:
        return len(canonical(record.schema))
    except (CanonicalJsonError, CanonicalSizeError):
        return len(plain(record.schema))
