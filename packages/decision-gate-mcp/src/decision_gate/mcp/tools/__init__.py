"""The tools: what each takes and does, the guards before them, and the way to each."""
