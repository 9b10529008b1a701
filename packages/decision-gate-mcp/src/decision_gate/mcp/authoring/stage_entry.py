"""One entry of ``stages``: what must hold, what is disclosed, where it leads, how long it may last."""

from typing import Final

from decision_gate.core.json import JsonValue
from decision_gate.core.logic import (
    Requirement,
    RequirementDecodeError,
    RequirementStructureError,
    RequirementTextError,
    condition_ids,
    decode_requirement,
    encode_requirement,
    is_too_deep,
    parse_requirement,
    validate_requirement,
)
from decision_gate.core.logic.found import found as described
from decision_gate.core.model import TimeoutPolicy
from decision_gate.mcp.authoring import durations
from decision_gate.mcp.authoring.faults import Faults
from decision_gate.mcp.authoring.places import Path
from decision_gate.mcp.authoring.reading import JsonObject, Reader, as_mapping
from decision_gate.mcp.authoring.routes import END, Routes
from decision_gate.mcp.config.kinds import nearest

STAGE_KEYS: Final = (
    "gates",
    "gate",
    "then",
    "advance_to",
    "timeout",
    "on_timeout",
    "packets",
    "entry_packets",
)
_PACKET_DEFAULTS: Final[JsonObject] = {"visibility_labels": [], "policy_tags": [], "expiry": None}
_GATE_ALLOWED: Final = "a requirement such as `a and at_least(2, b, c, d)`, or a wire tree"


class Stages:
    """Reads stages; knows the names of all conditions, and which of them were used."""

    def __init__(self, conditions: tuple[str, ...], routes: Routes, faults: Faults) -> None:
        self._conditions = conditions
        self._routes = routes
        self._faults = faults
        self._gates: set[str] = set()
        self.used: set[str] = set()

    def read(self, name: str, value: JsonValue, path: Path) -> JsonObject:
        """Return the wire form of one stage."""
        if name == END:
            self._faults.add(path, "`end` is the word for the end of a run", "another name", at_key=True)
        stage = as_mapping({} if value is None else value, path, self._faults, ", ".join(STAGE_KEYS)) or {}
        reader = Reader(stage, path, self._faults)
        reader.refuse_unknown(STAGE_KEYS)
        gates = self._read_gates(name, reader)
        return {
            "stage_id": name,
            "entry_packets": self._packets(reader),
            "gates": [*gates],
            "advance_to": self._advance(name, reader, tuple(str(gate["gate_id"]) for gate in gates)),
            "timeout": _timeout(reader),
            "on_timeout": reader.one_of("on_timeout", tuple(each.value for each in TimeoutPolicy), "fail"),
        }

    def _read_gates(self, stage: str, reader: Reader) -> list[JsonObject]:
        gates = [
            self._gate(name, value, (*reader.path, "gates", name)) for name, value in reader.mapping("gates").items()
        ]
        if "gate" in reader.value:
            gates.append(self._gate(stage, reader.value["gate"], (*reader.path, "gate")))
        return gates

    def _gate(self, name: str, value: JsonValue, path: Path) -> JsonObject:
        if name in self._gates:
            self._faults.add(path, f"gate `{name}` exists already", "a name that no other gate has", at_key=True)
        self._gates.add(name)
        gate: JsonObject = {"gate_id": name}
        if isinstance(value, dict) and "requirement" in value:
            reader = Reader(value, path, self._faults)
            reader.refuse_unknown(("requirement", "trust"))
            if value.get("trust") is not None:
                gate["trust"] = value["trust"]
            value, path = value["requirement"], (*path, "requirement")
        requirement = self._requirement(value, path)
        if requirement is not None:
            self._note_conditions(requirement, path)
        gate["requirement"] = None if requirement is None else encode_requirement(requirement)
        return gate

    def _requirement(self, value: JsonValue, path: Path) -> Requirement | None:
        try:
            match value:
                case str():
                    return parse_requirement(value, {name: name for name in self._conditions})
                case dict():
                    requirement = decode_requirement(value)
                    if not is_too_deep(requirement):
                        validate_requirement(requirement)
                        return requirement
                    self._faults.add(path, "a requirement nested deeper than 32 levels", "at most 32 levels")
                case _:
                    self._faults.add(path, described(value), _GATE_ALLOWED)
        except RequirementTextError as error:
            self._refuse_text(error, value, path)
        except (RequirementDecodeError, RequirementStructureError) as error:
            self._faults.add(path, str(error), _GATE_ALLOWED)
        return None

    def _refuse_text(self, error: RequirementTextError, value: JsonValue, path: Path) -> None:
        text, position = str(value), error.position
        offset = None if position is None else len(text.encode()[:position].decode("utf-8", "ignore"))
        word = str(error).split("`")[1] if str(error).startswith("unknown condition `") else None
        if word is None:
            self._faults.add(path, str(error), _GATE_ALLOWED, offset=offset)
        else:
            self._faults.add(
                path,
                f"unknown condition `{word}`{nearest(word, self._conditions)}",
                ", ".join(self._conditions) or "a condition of `evidence`",
                offset=offset,
            )

    def _note_conditions(self, requirement: Requirement, path: Path) -> None:
        ids = condition_ids(requirement)
        if not ids:
            self._faults.add(path, "a requirement that names no condition", "at least one condition")
        for condition_id in ids:
            if condition_id not in self._conditions:
                self._faults.add(
                    path,
                    f"unknown condition `{condition_id}`{nearest(condition_id, self._conditions)}",
                    ", ".join(self._conditions) or "a condition of `evidence`",
                )
        self.used.update(ids)

    def _advance(self, name: str, reader: Reader, gates: tuple[str, ...]) -> JsonValue:
        if "advance_to" in reader.value:
            if "then" in reader.value:
                self._faults.add((*reader.path, "advance_to"), "`then` and `advance_to` together", "one", at_key=True)
            return reader.value["advance_to"]
        if "then" in reader.value:
            return self._routes.read(reader.value["then"], (*reader.path, "then"), gates)
        return self._routes.absent(name)

    def _packets(self, reader: Reader) -> list[JsonValue]:
        if "packets" in reader.value and "entry_packets" in reader.value:
            self._faults.add(
                (*reader.path, "entry_packets"), "`packets` and `entry_packets` together", "one", at_key=True
            )
        name = "entry_packets" if "entry_packets" in reader.value else "packets"
        packets: list[JsonValue] = []
        for index, value in enumerate(reader.sequence(name)):
            packet = as_mapping(value, (*reader.path, name, index), self._faults, "a packet in wire form")
            if packet is not None:
                packets.append({**_PACKET_DEFAULTS, **packet})
        return packets


def _timeout(reader: Reader) -> JsonValue:
    value = reader.value.get("timeout")
    if value is None or isinstance(value, dict):
        return value
    timeout_ms = durations.milliseconds(value)
    if timeout_ms is None:
        reader.refuse("timeout", value, durations.ALLOWED)
        return None
    return {"timeout_ms": timeout_ms, "policy_tags": []}
