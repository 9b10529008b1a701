"""``[policy]``: who may receive which packet (contract §3.3)."""

from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.mcp.config.kinds import Array, Choice, Text
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.schema_rules import SchemaRule, has, lacks, never, some, unless, when
from decision_gate.mcp.config.table import Table, key


class PolicyEngine(StrEnum):
    """The three dispatch policies."""

    PERMIT_ALL = "permit_all"
    DENY_ALL = "deny_all"
    STATIC = "static"


class Effect(StrEnum):
    """What a rule does to a disclosure."""

    PERMIT = "permit"
    DENY = "deny"
    ERROR = "error"


class TargetKind(StrEnum):
    """Kinds of dispatch target."""

    AGENT = "agent"
    SESSION = "session"
    EXTERNAL = "external"
    CHANNEL = "channel"


@attrs.frozen(kw_only=True)
class TargetSelector:
    """A target a rule is about; without id it means every target of its kind."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("an external target has no target_id", has(target_kind="external"), lacks("target_id")),
        when(
            "an external target names system or target",
            has(target_kind="external"),
            {"anyOf": [some("system"), some("target")]},
        ),
        unless("other targets have no system or target", has(target_kind="external"), lacks("system", "target")),
    )

    target_kind: TargetKind = key(Choice(TargetKind), "Kind of target.")
    target_id: str | None = key(Text(), "Id of an agent, session or channel.", default=None)
    system: str | None = key(Text(), "System of an external target.", default=None)
    target: str | None = key(Text(), "Name within the system.", default=None)

    def check(self, label: str) -> None:
        """Refuse identifiers that do not belong to the kind. Raise ``InvalidConfigError``."""
        if self.target_kind is TargetKind.EXTERNAL:
            demand(self.target_id is None, f"{label}: external target must not set target_id")
            demand(
                self.system is not None or self.target is not None,
                f"{label}: external target requires system or target",
            )
            return
        demand(
            self.system is None and self.target is None,
            f"{label}: non-external targets must not set system/target",
        )


@attrs.frozen(kw_only=True)
class PolicyRule:
    """A rule of the static policy; every criterion it names must match, and it names at least one."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("effect error requires error_message", has(effect="error"), some("error_message")),
    )

    effect: Effect = key(Choice(Effect), "What happens when it matches.")
    error_message: str | None = key(Text(), "Text of the error effect.", default=None)
    target_kinds: tuple[TargetKind, ...] = key(Array(Choice(TargetKind)), "Any of these kinds.", default=())
    targets: tuple[TargetSelector, ...] = key(Array(Table(TargetSelector)), "Any of these targets.", default=())
    require_labels: tuple[str, ...] = key(Array(Text()), "All of these labels.", default=())
    forbid_labels: tuple[str, ...] = key(Array(Text()), "None of these labels.", default=())
    require_policy_tags: tuple[str, ...] = key(Array(Text()), "All of these tags.", default=())
    forbid_policy_tags: tuple[str, ...] = key(Array(Text()), "None of these tags.", default=())
    content_types: tuple[str, ...] = key(Array(Text()), "Any of these content types.", default=())
    schema_ids: tuple[str, ...] = key(Array(Text()), "Any of these schemas.", default=())
    packet_ids: tuple[str, ...] = key(Array(Text()), "Any of these packets.", default=())
    stage_ids: tuple[str, ...] = key(Array(Text()), "Any of these stages.", default=())
    scenario_ids: tuple[str, ...] = key(Array(Text()), "Any of these scenarios.", default=())

    def check(self, index: int) -> None:
        """Refuse a rule that matches everything, or an error without text. Raise ``InvalidConfigError``."""
        label = f"policy.rules[{index}]"
        demand(self._has_criterion(), f"{label}: rule must include at least one match criterion")
        demand(
            self.effect is not Effect.ERROR or bool(self.error_message),
            f"{label}: error effect requires error_message",
        )
        for position, target in enumerate(self.targets):
            target.check(f"{label}: targets[{position}]")

    def _has_criterion(self) -> bool:
        return any(
            getattr(self, field.name)
            for field in attrs.fields(type(self))
            if field.name not in ("effect", "error_message")
        )


@attrs.frozen(kw_only=True)
class StaticPolicyTable:
    """``[policy.static]``: the first rule that matches decides, else the default."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (never("default is deny or permit", has(default="error")),)

    default: Effect = key(Choice(Effect), "What happens when no rule matches.", default=Effect.DENY)
    rules: tuple[PolicyRule, ...] = key(Array(Table(PolicyRule)), "Rules in order.", default=())

    def check(self) -> None:
        """Check the default, then every rule. Raise ``InvalidConfigError``."""
        demand(self.default is not Effect.ERROR, "static policy default must be permit or deny")
        for index, rule in enumerate(self.rules):
            rule.check(index)


@attrs.frozen(kw_only=True)
class PolicyTable:
    """``[policy]``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when("engine static requires static", has(engine="static"), some("static")),
        unless("static is only allowed with engine static", has(engine="static"), lacks("static")),
    )

    engine: PolicyEngine = key(Choice(PolicyEngine), "Policy that judges disclosures.", default=PolicyEngine.PERMIT_ALL)
    static: StaticPolicyTable | None = key(Table(StaticPolicyTable), "Rules of the static engine.", default=None)

    def check(self) -> None:
        """Refuse the static engine without rules and the other way round. Raise ``InvalidConfigError``."""
        if self.engine is not PolicyEngine.STATIC:
            demand(self.static is None, "policy.static only allowed when engine=static")
            return
        demand(self.static is not None, "policy.engine=static requires policy.static")
        if self.static is not None:
            self.static.check()
