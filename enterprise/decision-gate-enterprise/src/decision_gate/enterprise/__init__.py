"""Decision Gate for several organisations on shared infrastructure."""
