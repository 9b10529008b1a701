"""Check a scenario: the rules of contract §3.2.1 in their order, then ours (deviations S4, S11)."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from decision_gate.core.engine.errors import InvalidScenarioError
from decision_gate.core.ids import check_identifier
from decision_gate.core.logic import condition_ids, is_too_deep
from decision_gate.core.model import BranchAdvance, FixedAdvance, ScenarioSpec

_BLANK: Final = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*")
"""Unicode White_Space; unlike ``str.strip`` without U+001C … U+001F."""


def check_identifiers(spec: ScenarioSpec) -> None:
    """Refuse names that no store, path or log could hold.

    Raises:
        InvalidIdentifierError: A scenario, stage, gate, condition, packet or schema id is not an identifier.
    """
    for field, value in _identifiers(spec):
        check_identifier(field, value)


def check_scenario(spec: ScenarioSpec) -> None:
    """Refuse a scenario that contradicts itself; the first violated rule is named.

    Raises:
        InvalidScenarioError: With the text of contract §3.2.1, or ours for a requirement tree deeper than 32, which
            could only ever be unknown.
    """
    if not spec.stages:
        raise InvalidScenarioError("scenario spec must define at least one stage")
    stage_ids = [stage.stage_id for stage in spec.stages]
    _unique("stage identifier", stage_ids)
    _unique("gate identifier", (gate.gate_id for stage in spec.stages for gate in stage.gates))
    _unique("packet identifier", (packet.packet_id for stage in spec.stages for packet in stage.entry_packets))
    _unique("condition id", (condition.condition_id for condition in spec.conditions))
    for condition in spec.conditions:
        for name in ("provider_id", "check_id"):
            if _BLANK.fullmatch(getattr(condition.query, name)):
                raise InvalidScenarioError(
                    f"invalid evidence query for condition {condition.condition_id}: {name} is empty"
                )
    defined = {condition.condition_id for condition in spec.conditions}
    for stage in spec.stages:
        for gate in stage.gates:
            for condition_id in condition_ids(gate.requirement):
                if condition_id not in defined:
                    raise InvalidScenarioError(f"gate references undefined condition: {condition_id}")
    for target in _targets(spec):
        if target not in stage_ids:
            raise InvalidScenarioError(f"branch target refers to unknown stage: {target}")
    for stage in spec.stages:
        for gate in stage.gates:
            if is_too_deep(gate.requirement):
                raise InvalidScenarioError(f"requirement of gate {gate.gate_id} is nested deeper than 32 levels")


def _unique(what: str, values: Iterable[str]) -> None:
    """Refuse the first value, in order, that occurs again later."""
    listed = list(values)
    counts: dict[str, int] = {}
    for value in listed:
        counts[value] = counts.get(value, 0) + 1
    for value in listed:
        if counts[value] > 1:
            raise InvalidScenarioError(f"duplicate {what}: {value}")


def _targets(spec: ScenarioSpec) -> Iterator[str]:
    for stage in spec.stages:
        match stage.advance_to:
            case FixedAdvance(stage_id=target):
                yield target
            case BranchAdvance(branches=branches, default=default):
                yield from (rule.next_stage_id for rule in branches)
                if default is not None:
                    yield default
            case _:
                pass


def _identifiers(spec: ScenarioSpec) -> Iterator[tuple[str, str]]:
    yield "scenario_id", spec.scenario_id
    for index, stage in enumerate(spec.stages):
        here = f"stages[{index}]"
        yield f"{here}.stage_id", stage.stage_id
        for number, packet in enumerate(stage.entry_packets):
            yield f"{here}.entry_packets[{number}].packet_id", packet.packet_id
            yield f"{here}.entry_packets[{number}].schema_id", packet.schema_id
        for number, gate in enumerate(stage.gates):
            yield f"{here}.gates[{number}].gate_id", gate.gate_id
    for index, condition in enumerate(spec.conditions):
        yield f"conditions[{index}].condition_id", condition.condition_id
    for index, schema in enumerate(spec.schemas):
        yield f"schemas[{index}].schema_id", schema.schema_id
        if schema.version is not None:
            yield f"schemas[{index}].version", schema.version
