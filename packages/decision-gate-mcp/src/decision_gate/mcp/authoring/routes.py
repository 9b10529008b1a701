"""``then`` of a stage: where it leads."""

from typing import Final

from decision_gate.core.json import JsonValue
from decision_gate.core.logic.found import found as described
from decision_gate.core.model import GateOutcome
from decision_gate.mcp.authoring.faults import Faults
from decision_gate.mcp.authoring.places import Path
from decision_gate.mcp.authoring.reading import JsonObject, Reader, as_mapping
from decision_gate.mcp.config.kinds import nearest

END: Final = "end"
"""Word for "the run is complete"; no stage may be called so."""

_ALLOWED: Final = "a stage, `end`, or {branch: […], default: …}"


class Routes:
    """Reads where stages lead; knows the names of all stages."""

    def __init__(self, stages: tuple[str, ...], faults: Faults) -> None:
        self._stages = stages
        self._faults = faults

    def absent(self, stage: str) -> JsonObject:
        """Return where a stage without ``then`` leads: to the next stage, the last one to the end."""
        return {"kind": "terminal" if stage == self._stages[-1] else "linear"}

    def read(self, then: JsonValue, path: Path, gates: tuple[str, ...]) -> JsonObject:
        """Return the wire form of *then*."""
        match then:
            case "end":
                return {"kind": "terminal"}
            case str():
                return {"kind": "fixed", "stage_id": self._stage(then, path)}
            case dict():
                return self._branch(Reader(then, path, self._faults), gates)
            case _:
                self._faults.add(path, described(then), _ALLOWED)
                return {"kind": "terminal"}

    def _branch(self, reader: Reader, gates: tuple[str, ...]) -> JsonObject:
        reader.refuse_unknown(("branch", "default", "unmet"))
        rules = [
            self._rule(rule, (*reader.path, "branch", index), gates)
            for index, rule in enumerate(reader.sequence("branch"))
        ]
        if not rules:
            self._faults.add(reader.path, "no branch", "a list of {when: <gate>, is: <outcome>, go: <stage>}")
        default = reader.value.get("default")
        if default is not None:
            default = self._target(default, (*reader.path, "default"))
        route: JsonObject = {"kind": "branch", "branches": [*rules], "default": default}
        unmet = reader.value.get("unmet", False)
        if not isinstance(unmet, bool):
            reader.refuse("unmet", unmet, "true or false")
        elif unmet:
            route["route_unmet"] = True
        return route

    def _rule(self, value: JsonValue, path: Path, gates: tuple[str, ...]) -> JsonObject:
        rule = as_mapping(value, path, self._faults, "{when: <gate>, is: <outcome>, go: <stage>}")
        if rule is None:
            return {}
        reader = Reader(rule, path, self._faults)
        reader.refuse_unknown(("when", "is", "go"))
        gate = reader.text("when")
        if gate and gate not in gates:
            self._faults.add(
                (*path, "when"),
                f"`{gate}` is no gate of this stage{nearest(gate, gates)}",
                ", ".join(gates) or "a gate of this stage",
            )
        outcome = rule.get("is")
        outcomes = [each.value for each in GateOutcome]
        spelled = str(outcome).lower() if isinstance(outcome, bool) else outcome
        if "is" not in rule or spelled not in outcomes:
            self._faults.add((*path, "is"), described(outcome), ", ".join(outcomes))
        return {"gate_id": gate, "outcome": spelled, "next_stage_id": self._target(rule.get("go"), (*path, "go"))}

    def _target(self, value: JsonValue, path: Path) -> str:
        if isinstance(value, str) and value != END:
            return self._stage(value, path)
        found = "`end`" if value == END else described(value)
        self._faults.add(path, found, "a stage; to end the run there, go to a stage without gates whose then is `end`")
        return ""

    def _stage(self, name: str, path: Path) -> str:
        if name not in self._stages:
            self._faults.add(path, f"unknown stage `{name}`{nearest(name, self._stages)}", ", ".join(self._stages))
        return name
