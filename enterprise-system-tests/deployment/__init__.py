"""Databases of a deployment, and what an operator does to them that has no command yet."""
