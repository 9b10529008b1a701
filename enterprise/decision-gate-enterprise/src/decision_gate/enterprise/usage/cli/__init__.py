"""``decision-gate cloud usage`` and ``cloud quota``: look at the ledger, correct it, limit it."""

from decision_gate.enterprise.usage.cli.quota import quota
from decision_gate.enterprise.usage.cli.usage import usage

__all__ = ["quota", "usage"]
