"""One reader a format: the bytes of a report become facts, or an error that says where they cannot."""
