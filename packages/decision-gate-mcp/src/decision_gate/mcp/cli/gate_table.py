"""Show gates to a person: one line a gate that is open, one line for each thing that is in the way of another."""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from decision_gate.core.analysis import GateExplanation
from decision_gate.core.logic import TriState
from decision_gate.core.model import GateEvalRecord
from decision_gate.mcp.cli.output import printable

_MARKS: Final = {TriState.TRUE: ("✓", "green"), TriState.FALSE: ("✗", "red"), TriState.UNKNOWN: ("?", "yellow")}
_INDENT: Final = "    "


def gate_table(gates: Sequence[GateEvalRecord], explanations: Sequence[GateExplanation]) -> Text:
    """Return the lines of evaluated gates with their explanations, which are in the same order.

    Without columns of a table: those would be filled with spaces to the right, and wrapped where there is no terminal.
    """
    width = max((cell_len(printable(explanation.gate_id)) for explanation in explanations), default=0)
    lines: list[Text] = []
    for record, explanation in zip(gates, explanations, strict=True):
        mark, colour = _MARKS[record.evaluation.status]
        names = ", ".join(dict.fromkeys(entry.condition_id for entry in record.evaluation.trace))
        said = [Text(printable(reason.message)) for reason in explanation.reasons] or [
            Text(printable(names), style="dim")
        ]
        if not explanation.proven_minimal:
            said.append(Text("at most this much; there may be a shorter way", style="dim"))
        gate_id = set_cell_size(printable(explanation.gate_id), width)
        lines.append(Text.assemble(_INDENT, (mark, colour), f"  {gate_id}  ", said[0]))
        lines += [Text.assemble(_INDENT, " " * (width + 5), line) for line in said[1:]]
    return Text("\n").join(lines)
