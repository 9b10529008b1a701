"""The arguments of the tools, as the wire spells them (contract §2). Unknown members are ignored (contract §2.0.1)."""

import enum
from typing import Annotated

import attrs

from decision_gate.core.integers import IntRange
from decision_gate.core.model import (
    DataShapeRecord,
    DataShapeRef,
    EvidenceContext,
    EvidenceQuery,
    NamespaceId,
    NextRequest,
    RunConfig,
    ScenarioSpec,
    StatusRequest,
    SubmitRequest,
    TenantId,
    TriggerEvent,
)
from decision_gate.core.model.primitives import Json
from decision_gate.core.timestamps import Timestamp

Sections = Annotated[int, IntRange("u32", 0, 2**32 - 1)]
PageLimit = Annotated[int, IntRange("u64", 0, 2**64 - 1)]


class FeedbackWish(enum.Enum):
    """How much explanation a caller asks for (contract §8.2)."""

    SUMMARY = "summary"
    TRACE = "trace"
    EVIDENCE = "evidence"


@attrs.frozen(kw_only=True)
class DefineArguments:
    """Arguments of ``scenario_define``."""

    spec: ScenarioSpec


@attrs.frozen(kw_only=True)
class StartArguments:
    """Arguments of ``scenario_start``."""

    scenario_id: str
    run_config: RunConfig
    started_at: Timestamp
    issue_entry_packets: bool


@attrs.frozen(kw_only=True)
class StatusArguments:
    """Arguments of ``scenario_status``."""

    scenario_id: str
    request: StatusRequest


@attrs.frozen(kw_only=True)
class NextArguments:
    """Arguments of ``scenario_next``; ``reasons`` is ours: asked for on ``/rpc``, through MCP they come anyway."""

    scenario_id: str
    request: NextRequest
    feedback: FeedbackWish | None = None
    reasons: bool | None = None


@attrs.frozen(kw_only=True)
class SubmitArguments:
    """Arguments of ``scenario_submit``."""

    scenario_id: str
    request: SubmitRequest


@attrs.frozen(kw_only=True)
class TriggerArguments:
    """Arguments of ``scenario_trigger``."""

    scenario_id: str
    trigger: TriggerEvent


@attrs.frozen(kw_only=True)
class ListArguments:
    """Arguments of the listing tools."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    cursor: str | None = None
    limit: PageLimit | None = None


@attrs.frozen(kw_only=True)
class ExportArguments:
    """Arguments of ``runpack_export``."""

    scenario_id: str
    tenant_id: TenantId
    namespace_id: NamespaceId
    run_id: str
    output_dir: str | None = None
    manifest_name: str | None = None
    generated_at: Timestamp
    include_verification: bool


@attrs.frozen(kw_only=True)
class VerifyArguments:
    """Arguments of ``runpack_verify``."""

    runpack_dir: str
    manifest_path: str


@attrs.frozen(kw_only=True)
class EvidenceArguments:
    """Arguments of ``evidence_query``."""

    query: EvidenceQuery
    context: EvidenceContext


@attrs.frozen(kw_only=True)
class NoArguments:
    """Arguments of ``providers_list``: none."""


@attrs.frozen(kw_only=True)
class ContractArguments:
    """Arguments of ``provider_contract_get``."""

    provider_id: str


@attrs.frozen(kw_only=True)
class CheckArguments:
    """Arguments of ``provider_check_schema_get``."""

    provider_id: str
    check_id: str


@attrs.frozen(kw_only=True)
class RegisterArguments:
    """Arguments of ``schemas_register``."""

    record: DataShapeRecord


@attrs.frozen(kw_only=True)
class ShapeArguments:
    """Arguments of ``schemas_get``."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    schema_id: str
    version: str


@attrs.frozen(kw_only=True)
class PrecheckArguments:
    """Arguments of ``precheck``; their canonical bytes are what its audit event hashes (contract §8.3)."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    scenario_id: str | None = None
    spec: ScenarioSpec | None = None
    stage_id: str | None = None
    data_shape: DataShapeRef
    payload: Json


@attrs.frozen(kw_only=True)
class SearchArguments:
    """Arguments of ``decision_gate_docs_search``."""

    query: str
    max_sections: Sections | None = None
