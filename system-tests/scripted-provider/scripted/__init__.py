"""Plug-ins of the system tests."""
