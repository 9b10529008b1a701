"""Coverage-guided fuzzing of everything that reads what strangers wrote; ``scripts/fuzz.py`` runs it."""
