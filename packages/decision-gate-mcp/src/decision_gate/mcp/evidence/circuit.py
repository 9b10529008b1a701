"""Whether a provider is asked at all: the state of its circuit (deviation X9)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol, runtime_checkable

from decision_gate.core.ports import EvidenceCollector


class Circuit(StrEnum):
    """The state of a provider that rests after it failed.

    ``closed``: it is asked. ``open``: it failed and rests; questions fail at once. ``half_open``: its rest is over, the
    next question starts it again and decides.
    """

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


Circuits = Callable[[], Mapping[str, Circuit]]
"""Tells the states of the providers that have a circuit, by id. Never blocks; called from many threads."""


@runtime_checkable
class HasCircuits(Protocol):
    """A collector that knows the circuits of its providers; an embedder's own need not."""

    def circuits(self) -> Mapping[str, Circuit]:
        """Return them by provider id."""
        ...


def circuits_of(evidence: EvidenceCollector) -> Circuits:
    """Return how the circuits of a collector's providers are read; one that knows of none has none."""
    return evidence.circuits if isinstance(evidence, HasCircuits) else no_circuits


def no_circuits() -> Mapping[str, Circuit]:
    """Return none."""
    return {}
