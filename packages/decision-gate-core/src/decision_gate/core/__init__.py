"""Deterministic gate evaluation, without I/O."""
