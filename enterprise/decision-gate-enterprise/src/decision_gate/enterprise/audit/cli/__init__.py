"""``decision-gate cloud audit``: examine, prove and export the audit log, and verify what was exported, anywhere."""

from decision_gate.enterprise.audit.cli.group import audit

__all__ = ["audit"]
