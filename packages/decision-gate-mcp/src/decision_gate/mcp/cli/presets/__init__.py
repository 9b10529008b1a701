"""Configurations for the usual places to run a server, as package data (contract §6)."""
