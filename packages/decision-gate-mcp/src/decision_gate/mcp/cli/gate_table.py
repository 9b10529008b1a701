"""Show gates to a person: one line a gate that is open, one line for each thing that is in the way of another."""

from collections.abc import Sequence
from typing import Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from decision_gate.core.analysis import GateExplanation
from decision_gate.core.logic import TriState
from decision_gate.core.model import GateEvalRecord

_MARKS: Final = {TriState.TRUE: ("✓", "green"), TriState.FALSE: ("✗", "red"), TriState.UNKNOWN: ("?", "yellow")}


def gate_table(gates: Sequence[GateEvalRecord], explanations: Sequence[GateExplanation]) -> Padding:
    """Return the table of evaluated gates with their explanations, which are in the same order."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for record, explanation in zip(gates, explanations, strict=True):
        mark, colour = _MARKS[record.evaluation.status]
        names = ", ".join(dict.fromkeys(entry.condition_id for entry in record.evaluation.trace))
        said = [Text(reason.message) for reason in explanation.reasons] or [Text(names, style="dim")]
        if not explanation.proven_minimal:
            said.append(Text("at most this much; there may be a shorter way", style="dim"))
        for number, line in enumerate(said):
            first = (Text(mark, style=colour), Text(explanation.gate_id)) if number == 0 else ("", "")
            table.add_row(*first, line)
    return Padding(table, (0, 0, 0, 4), expand=False)
