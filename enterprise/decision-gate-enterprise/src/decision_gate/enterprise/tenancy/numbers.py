"""Numbers of organisations, tenants and namespaces: random, so that nobody can count what is not theirs."""

import secrets
from collections.abc import Callable
from typing import Final, TypeAlias

MAX_NUMBER: Final = 2**53 - 1
"""Largest number; every JSON reader keeps it exact."""

Numbers: TypeAlias = Callable[[], int]
"""Gives a number that has not been given before, with a chance of 2**-53 for an error, which tables notice."""


def random_number() -> int:
    """Return a number of 1…``MAX_NUMBER`` from the system's randomness.

    1 stays free: it is the default namespace, which a server may refuse to everybody (contract §4.7).
    """
    return secrets.randbelow(MAX_NUMBER - 1) + 2
