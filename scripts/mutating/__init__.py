"""Mutation testing of the core; ``scripts/mutate.py`` runs it and says how."""
