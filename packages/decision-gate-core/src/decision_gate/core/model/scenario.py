"""The scenario specification: stages, gates, conditions, routes (contract §3.2)."""

import enum
from typing import ClassVar

import attrs

from decision_gate.core.comparators import Comparator
from decision_gate.core.integers import U64
from decision_gate.core.logic import Requirement
from decision_gate.core.model.evidence import EvidenceQuery
from decision_gate.core.model.packets import PacketPayload
from decision_gate.core.model.primitives import OMIT_WHEN_NONE, Json, NamespaceId, TenantId
from decision_gate.core.model.trust import TrustRequirement
from decision_gate.core.timestamps import Timestamp


class GateOutcome(enum.Enum):
    """Outcome of a gate as a branch rule spells it: lower case, unlike ``TriState``."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class TimeoutPolicy(enum.Enum):
    """What a tick after a stage's deadline does."""

    FAIL = "fail"
    ADVANCE_WITH_FLAG = "advance_with_flag"
    ALTERNATE_BRANCH = "alternate_branch"


@attrs.frozen(kw_only=True)
class PacketSpec:
    """A packet that is issued when its stage is entered."""

    packet_id: str
    schema_id: str
    content_type: str
    visibility_labels: tuple[str, ...]
    policy_tags: tuple[str, ...]
    expiry: Timestamp | None = None
    payload: PacketPayload


@attrs.frozen(kw_only=True)
class GateSpec:
    """A requirement tree with a name."""

    gate_id: str
    requirement: Requirement
    trust: TrustRequirement | None = attrs.field(default=None, metadata=OMIT_WHEN_NONE)


@attrs.frozen(kw_only=True)
class BranchRule:
    """Go to a stage when a gate has an outcome."""

    gate_id: str
    outcome: GateOutcome
    next_stage_id: str


@attrs.frozen(kw_only=True)
class LinearAdvance:
    """The next stage in list order; after the last one the run is complete."""

    kind: ClassVar[str] = "linear"


@attrs.frozen(kw_only=True)
class FixedAdvance:
    """A named stage."""

    kind: ClassVar[str] = "fixed"
    stage_id: str


@attrs.frozen(kw_only=True)
class BranchAdvance:
    """The first rule that matches, else the default.

    ``route_unmet`` (deviation S3) lets ``false`` and ``unknown`` rules route a stage whose gates are not all true.
    """

    kind: ClassVar[str] = "branch"
    branches: tuple[BranchRule, ...]
    default: str | None = None
    route_unmet: bool = attrs.field(default=False, metadata=OMIT_WHEN_NONE)


@attrs.frozen(kw_only=True)
class TerminalAdvance:
    """The run is complete."""

    kind: ClassVar[str] = "terminal"


AdvanceTo = LinearAdvance | FixedAdvance | BranchAdvance | TerminalAdvance


@attrs.frozen(kw_only=True)
class TimeoutSpec:
    """How long a stage may last, in milliseconds or logical units."""

    timeout_ms: U64
    policy_tags: tuple[str, ...]


@attrs.frozen(kw_only=True)
class StageSpec:
    """One stage: what it discloses, what must hold, where it leads."""

    stage_id: str
    entry_packets: tuple[PacketSpec, ...]
    gates: tuple[GateSpec, ...]
    advance_to: AdvanceTo
    timeout: TimeoutSpec | None = None
    on_timeout: TimeoutPolicy


@attrs.frozen(kw_only=True)
class ConditionSpec:
    """A question, and the comparison that turns its answer into true, false or unknown.

    ``expected`` null and absent are the same: JSON null cannot be expected.
    """

    condition_id: str
    query: EvidenceQuery
    comparator: Comparator
    expected: Json | None = None
    policy_tags: tuple[str, ...]
    trust: TrustRequirement | None = attrs.field(default=None, metadata=OMIT_WHEN_NONE)


@attrs.frozen(kw_only=True)
class PolicyRef:
    """A policy the scenario mentions; informational."""

    policy_id: str
    description: str | None = None


@attrs.frozen(kw_only=True)
class SchemaRef:
    """A schema the scenario mentions; informational."""

    schema_id: str
    version: str | None = None
    uri: str | None = None


@attrs.frozen(kw_only=True)
class ScenarioSpec:
    """A whole scenario; the first stage is the initial one."""

    scenario_id: str
    namespace_id: NamespaceId
    spec_version: str
    stages: tuple[StageSpec, ...]
    conditions: tuple[ConditionSpec, ...]
    policies: tuple[PolicyRef, ...]
    schemas: tuple[SchemaRef, ...]
    default_tenant_id: TenantId | None = None
