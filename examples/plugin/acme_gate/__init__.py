"""Acme's seams of a Decision Gate server."""
