"""The circuits of providers in the Prometheus text format (deviation X9)."""

from collections.abc import Mapping
from typing import Final

from decision_gate.mcp.evidence.circuit import Circuit

_NAME: Final = "decision_gate_provider_circuit"
_ESCAPED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def circuit_exposition(circuits: Mapping[str, Circuit]) -> bytes:
    """Return one series a provider and state, 1 for the state it is in; nothing when no provider has a circuit."""
    if not circuits:
        return b""
    lines = [
        f"# HELP {_NAME} Whether a provider is asked (closed), rests after a failure (open), or is tried (half_open).",
        f"# TYPE {_NAME} gauge",
        *(
            f'{_NAME}{{provider="{name.translate(_ESCAPED)}",state="{state.value}"}} {int(state is found)}'
            for name, found in circuits.items()
            for state in Circuit
        ),
    ]
    return "".join(f"{line}\n" for line in lines).encode()
