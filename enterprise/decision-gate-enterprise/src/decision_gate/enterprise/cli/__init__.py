"""``decision-gate cloud``: the commands of a deployment for several organisations."""

from decision_gate.enterprise.cli.cloud import cloud

__all__ = ["cloud"]
