"""Talking to addresses that a caller or a scenario chose (deviation X8)."""
