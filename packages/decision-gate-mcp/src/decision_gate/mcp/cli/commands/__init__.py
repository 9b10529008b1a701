"""Command families: arguments in, an exit code out. Each is imported only when it is named."""
