"""The tool server and command line of Decision Gate."""
