"""What the system tests drive servers with; nothing here imports what it tests: a server is a process to talk to."""
