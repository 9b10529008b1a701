"""Commented files that ``init`` lays out: a configuration, an evidence folder, and a scenario to begin with."""
