"""Decide whether a piece of work may go on: a pure engine over ports (``docs/explanation/architecture.md``)."""

from decision_gate.core.evaluate import Decision, evaluate

__all__ = ["Decision", "evaluate"]
