"""Rates: how often a caller may come, smoothly and shared by all servers. Protection, not billing (contract §4.9)."""

from decision_gate.enterprise.rates.gcra import Admitted, Rate, Refused, judge
from decision_gate.enterprise.rates.limiter import GcraSettings, open_gcra
from decision_gate.enterprise.rates.memory import MemoryGcra
from decision_gate.enterprise.rates.shared import SharedGcra

__all__ = ["Admitted", "GcraSettings", "MemoryGcra", "Rate", "Refused", "SharedGcra", "judge", "open_gcra"]
