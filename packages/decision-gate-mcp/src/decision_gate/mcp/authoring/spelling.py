"""Write a scenario in the short form, when it fits, as YAML that people go on editing.

INVARIANT: what is written reads back to the very same scenario; a scenario with something that the short form cannot
say is refused, and what that is gets named.
"""

from typing import Any, ClassVar, Final

import yaml

from decision_gate.core.codec import canonical_record, encode
from decision_gate.core.comparators import Comparator
from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonValue
from decision_gate.core.logic import RequirementTextError, encode_requirement, print_requirement
from decision_gate.core.model import (
    AdvanceTo,
    BranchAdvance,
    ConditionSpec,
    FixedAdvance,
    GateSpec,
    LinearAdvance,
    ScenarioSpec,
    StageSpec,
    TerminalAdvance,
    TimeoutPolicy,
    TimeoutSpec,
)
from decision_gate.mcp.authoring import durations
from decision_gate.mcp.authoring.comparators import short_name
from decision_gate.mcp.authoring.document import read_scenario
from decision_gate.mcp.authoring.evidence_entry import PROVIDER_KEYS, RESERVED_KEYS
from decision_gate.mcp.authoring.faults import ScenarioDocumentError
from decision_gate.mcp.authoring.reading import JsonObject
from decision_gate.mcp.authoring.routes import END
from decision_gate.mcp.evidence.yaml_errors import YamlDocumentError
from decision_gate.mcp.evidence.yaml_scalars import resolve

_NO_WRAPPING: Final = 1_000_000


class NoShortFormError(CallerError):
    """A scenario says something that the short form cannot; ``reasons`` name it."""

    code: ClassVar[str] = "no_short_form"

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("the short form cannot say this:\n" + "\n".join(f"  {reason}" for reason in reasons))
        self.reasons = reasons


def short_yaml(spec: ScenarioSpec) -> str:
    """Return *spec* in the short form.

    Raises:
        NoShortFormError: It does not fit.
    """
    text = _written(_document(spec))
    try:
        again = read_scenario(text.encode(), "scenario")
    except ScenarioDocumentError as error:
        raise NoShortFormError(tuple(f"{fault.path}: {fault.found}" for fault in error.faults)) from error
    if canonical_record(again.spec) != canonical_record(spec):
        raise NoShortFormError(_differences(spec, again.spec))
    return text


def _differences(spec: ScenarioSpec, again: ScenarioSpec) -> tuple[str, ...]:
    """Name the conditions and stages that do not come back as they were."""
    conditions = [
        f"condition {before.condition_id}"
        for before, after in zip(spec.conditions, again.conditions, strict=True)
        if canonical_record(before) != canonical_record(after)
    ]
    stages = [
        f"stage {before.stage_id}"
        for before, after in zip(spec.stages, again.stages, strict=True)
        if canonical_record(before) != canonical_record(after)
    ]
    return (*conditions, *stages)


def _document(spec: ScenarioSpec) -> JsonObject:
    document: JsonObject = {"scenario": spec.scenario_id, "version": spec.spec_version, "namespace": spec.namespace_id}
    if spec.default_tenant_id is not None:
        document["tenant"] = spec.default_tenant_id
    document["evidence"] = {condition.condition_id: _entry(condition) for condition in spec.conditions}
    document["stages"] = {stage.stage_id: _stage(stage, is_last=stage is spec.stages[-1]) for stage in spec.stages}
    for name in ("policies", "schemas"):
        if listed := encode(getattr(spec, name)):
            document[name] = listed
    return document


def _entry(condition: ConditionSpec) -> JsonObject:
    query = condition.query
    entry: JsonObject = {}
    if query.provider_id in PROVIDER_KEYS:
        entry[query.provider_id] = query.check_id
    else:
        entry |= {"provider": query.provider_id, "check": query.check_id}
    if isinstance(query.params, dict) and query.params and RESERVED_KEYS.isdisjoint(query.params):
        entry |= query.params
    elif query.params is not None:
        entry["params"] = query.params
    match condition.comparator:
        case Comparator.EXISTS | Comparator.NOT_EXISTS:
            entry["exists"] = condition.comparator is Comparator.EXISTS
        case comparator:
            entry[short_name(comparator)] = condition.expected
    if condition.trust is not None:
        entry["lane"] = condition.trust.min_lane.value
    if condition.policy_tags:
        entry["tags"] = list(condition.policy_tags)
    return entry


def _stage(stage: StageSpec, *, is_last: bool) -> JsonObject:
    body: JsonObject = {}
    if stage.entry_packets:
        body["packets"] = encode(stage.entry_packets)
    if stage.gates:
        body["gates"] = {gate.gate_id: _gate(gate) for gate in stage.gates}
    body |= _route(stage.advance_to, is_last=is_last)
    if stage.timeout is not None:
        body["timeout"] = _timeout(stage.timeout)
    if stage.on_timeout is not TimeoutPolicy.FAIL:
        body["on_timeout"] = stage.on_timeout.value
    return body


def _gate(gate: GateSpec) -> JsonValue:
    requirement: JsonValue
    try:
        requirement = print_requirement(gate.requirement)
    except RequirementTextError:
        requirement = encode_requirement(gate.requirement)
    return requirement if gate.trust is None else {"requirement": requirement, "trust": encode(gate.trust)}


def _route(advance_to: AdvanceTo, *, is_last: bool) -> JsonObject:
    match advance_to:
        case LinearAdvance() if not is_last:
            return {}
        case TerminalAdvance():
            return {} if is_last else {"then": END}
        case FixedAdvance(stage_id=target):
            return {"then": target}
        case BranchAdvance(branches=branches, default=default, route_unmet=is_unmet_routed):
            then: JsonObject = {
                "branch": [
                    {"when": rule.gate_id, "is": _outcome(rule.outcome.value), "go": rule.next_stage_id}
                    for rule in branches
                ]
            }
            if default is not None:
                then["default"] = default
            if is_unmet_routed:
                then["unmet"] = True
            return {"then": then}
        case _:
            return {"advance_to": encode(advance_to)}


def _outcome(word: str) -> JsonValue:
    return {"true": True, "false": False}.get(word, word)


def _timeout(timeout: TimeoutSpec) -> JsonValue:
    wire: JsonValue = encode(timeout)
    return wire if timeout.policy_tags else durations.spelled(timeout.timeout_ms)


class _Dumper(yaml.SafeDumper):
    """Writes texts so that our own reader, whose rules are those of YAML 1.2, reads texts again."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    try:
        # Line breaks of YAML 1.1 other than \n come back as \n from everything but escapes.
        is_plain = text.isprintable() and resolve(text, tag=None, plain=True) == text
    except YamlDocumentError:
        is_plain = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Dumper.add_representer(str, _represent_text)


def _written(document: JsonObject) -> str:
    """Write the document, one line for each piece of evidence."""
    lines: list[str] = []
    for name, value in document.items():
        if name == "evidence" and isinstance(value, dict) and value:
            lines.append("evidence:\n")
            lines += [f"  {_key(key)}: {_dumped(entry, is_flow=True)}" for key, entry in value.items()]
        else:
            lines.append(_dumped({name: value}, is_flow=False))
    return "".join(lines)


def _key(name: str) -> str:
    return _dumped({name: 0}, is_flow=True).removeprefix("{").removesuffix(": 0}\n")


def _dumped(value: Any, *, is_flow: bool) -> str:  # noqa: ANN401 - any JSON value
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=is_flow,
        sort_keys=False,
        allow_unicode=True,
        width=_NO_WRAPPING,
    )
    return text
