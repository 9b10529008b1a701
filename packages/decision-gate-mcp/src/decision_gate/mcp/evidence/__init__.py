"""Built-in evidence providers and what they are made of (contract §1)."""
