"""The command line: one command family a file under ``commands``, the work apart from the arguments."""
