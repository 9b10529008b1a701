"""The conformance suite of ``RunStore``, by theme."""

from decision_gate.core.testing.run_store.suite import RunStoreConformance

__all__ = ["RunStoreConformance"]
