"""What can be said about a configuration beside reading it: its JSON Schema, its reference page, what is in effect."""
