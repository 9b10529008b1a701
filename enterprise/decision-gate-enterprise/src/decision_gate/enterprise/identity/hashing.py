"""argon2id over secrets of keys, with a bound on how many are computed at once.

A hash is made to be expensive, so whoever can make the server compute hashes can keep it busy. Keys that exist and keys
that do not have a lane each: a flood of invented ids fills its own lane and is turned away, while a caller with a real
key finds the other one free.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

from decision_gate.mcp.hooks.rate_limiter import RateLimiterOverloadedError
from decision_gate.mcp.one_cpu import anywhere

_WAIT_S: Final = 1.0
"""How long a caller whose key exists waits for its turn."""


class SecretHasher:
    """Hashes and verifies with the OWASP setting t=2, m=19 MiB, p=1; verifies at most *most* (2 or more) at once."""

    def __init__(self, *, most: int) -> None:
        self._argon2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
        self._nobodys_hash = self._argon2.hash(secrets.token_urlsafe(32))
        unknown = max(1, most // 4)
        self._known = threading.BoundedSemaphore(most - unknown)
        self._unknown = threading.BoundedSemaphore(unknown)

    def hashed(self, secret: str) -> str:
        """Return the hash of a new secret, as PHC text with its own salt."""
        return self._argon2.hash(secret)

    def is_secret_of(self, known_hash: str, secret: str) -> bool:
        """Tell whether *secret* is the one that was hashed.

        Raises:
            RateLimiterOverloadedError: Too many are verified already; the caller may come again.
        """
        with _turn(self._known, wait_s=_WAIT_S):
            return self._verify(known_hash, secret)

    def waste(self, secret: str) -> None:
        """Take as long as a verification, so that the time of an answer does not tell which ids exist.

        Raises:
            RateLimiterOverloadedError: Too many are wasted already.
        """
        with _turn(self._unknown, wait_s=0):
            self._verify(self._nobodys_hash, secret)

    def _verify(self, known_hash: str, secret: str) -> bool:
        try:
            with anywhere():  # without the interpreter's lock: other calls need not share their CPU with it
                return self._argon2.verify(known_hash, secret)
        except VerificationError:
            return False


@contextmanager
def _turn(lane: threading.BoundedSemaphore, *, wait_s: float) -> Iterator[None]:
    if not lane.acquire(blocking=wait_s > 0, timeout=wait_s or None):
        raise RateLimiterOverloadedError
    try:
        yield
    finally:
        lane.release()
