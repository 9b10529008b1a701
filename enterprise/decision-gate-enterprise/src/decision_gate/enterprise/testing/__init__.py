"""What tests of a real deployment need: servers that are started, used and stopped."""
