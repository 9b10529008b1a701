"""Deployments as an operator has them: made, served and administered by commands and over ``/admin/v1``."""
