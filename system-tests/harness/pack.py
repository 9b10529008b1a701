"""What a run pack on the disk says, and what is wrong with it beside what callers were told."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.race import Acknowledged


def log(folder: Path, name: str) -> list[Any]:
    """Return one log of a pack."""
    found: list[Any] = json.loads((folder / "artifacts" / f"{name}.json").read_bytes())
    return found


def faults(folder: Path, acknowledged: Iterable[Acknowledged]) -> list[str]:
    """Name every lost, doubled or forged step of a run that ``documents.for_ever`` drives; nothing is right.

    Every acknowledged step has exactly the decision that was told, decisions are numbered without a gap, each belongs
    to one trigger, and each goes on from the stage to which the one before went.
    """
    decisions = log(folder, "decisions")
    by_trigger = {decision["trigger_id"]: decision for decision in decisions}
    found = [
        f"{step.trigger_id} was acknowledged and is not there as it was told"
        for step in acknowledged
        if by_trigger.get(step.trigger_id) != step.decision
    ]
    for member in ("trigger_id", "decision_id", "seq"):
        counts = Counter(str(decision[member]) for decision in decisions)
        found += [f"{member} {value} was decided {count} times" for value, count in counts.items() if count > 1]
    if [decision["seq"] for decision in decisions] != list(range(1, len(decisions) + 1)):
        found.append("decisions are not numbered one by one")
    triggers = Counter(trigger["event"]["trigger_id"] for trigger in log(folder, "triggers"))
    found += [f"trigger {name} is there {count} times" for name, count in triggers.items() if count > 1]
    found += [f"{name} was decided without its trigger" for name in by_trigger.keys() - triggers.keys()]
    evaluated = Counter(record["trigger_id"] for record in log(folder, "gate_evals"))
    found += [f"{name} has {evaluated[name]} evaluations" for name in by_trigger if evaluated[name] != 1]
    stage = "a"
    for decision in decisions:
        outcome = decision["outcome"]
        if (outcome["kind"], outcome.get("from_stage")) != ("advance", stage):
            found.append(f"{decision['decision_id']} does not follow from the one before")
        stage = outcome.get("to_stage", stage)
    return found
