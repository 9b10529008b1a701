"""Documentation that callers can search and read (contract §10)."""
