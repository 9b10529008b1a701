"""A directory with keys, and an authenticator that counts what it asks and hashes."""

import secrets
import threading

import attrs
import pytest

from decision_gate.enterprise.identity import (
    ApiKey,
    ApiKeyAuthenticator,
    Clocks,
    Environment,
    Failures,
    SecretHasher,
    mint,
)
from decision_gate.enterprise.identity.keys import add_key, end_key, identity_tables
from decision_gate.enterprise.tenancy import tenancy_tables
from decision_gate.enterprise.testing.tenancy import admit
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.testing import ManualServerClock
from decision_gate.mcp.testing.principals import request_context

TENANT, OTHER, NAMESPACE = 2**53 - 1, 8, 7
ANNA = "svc:anna"


class CountingHasher(SecretHasher):
    """Counts verifications: how many there were, and how many at once."""

    def __init__(self, *, most):
        super().__init__(most=most)
        self.verified = self.running = self.most_running = 0
        self._counting = threading.Lock()

    def _verify(self, known_hash, secret):
        with self._counting:
            self.verified += 1
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            return super()._verify(known_hash, secret)
        finally:
            with self._counting:
                self.running -= 1


class CountingReader:
    """Transactions that count what is read."""

    def __init__(self, database):
        self._database = database
        self.asked = 0

    def rows(self, statement, *parameters):
        self.asked += 1
        return self._database.rows(statement, *parameters)

    def note(self, statement, *parameters):
        self._database.note(statement, *parameters)

    def run(self, sink, work):
        return self._database.run(sink, work)


@attrs.frozen(kw_only=True)
class Keyring:
    """An authenticator, its clock, and whoever issues keys."""

    authenticator: ApiKeyAuthenticator
    clock: ManualServerClock
    hasher: CountingHasher
    reader: CountingReader

    def issue(self, principal=ANNA, **changes):
        """Return a new key and its text."""
        text = mint(Environment.LIVE, secrets.randbelow)
        values = {
            "key_id": text.key_id,
            "tenant_id": TENANT,
            "principal_id": principal,
            "label": "test",
            "environment": Environment.LIVE,
            "secret_hash": self.hasher.hashed(text.secret),
            "created_at": self.clock.now_ms(),
        }
        key = ApiKey(**{**values, **changes})
        assert self.reader.run(NoSink(), lambda transaction: add_key(transaction, key))
        return key, text.spelled()

    def end(self, key, **changes):
        """Change how a key ends."""
        self.reader.run(NoSink(), lambda transaction: end_key(transaction, attrs.evolve(key, **changes)))

    def present(self, text, peer_ip="127.0.0.1"):
        """Authenticate a request with a key."""
        return self.authenticator.authenticate(request_context(auth_header=f"Bearer {text}", peer_ip=peer_ip))


@pytest.fixture
def keyring(place):
    admit(place.settings, ANNA, [TENANT], namespaces=[NAMESPACE])
    with open_transactions(place.settings, [tenancy_tables(), identity_tables()]) as database:
        clock, hasher, reader = ManualServerClock(), CountingHasher(most=4), CountingReader(database)
        authenticator = ApiKeyAuthenticator(
            reader,
            hasher=hasher,
            failures=Failures(per_minute=60),
            max_age_ms=2_000,
            clocks=Clocks(now_ms=clock.now_ms, monotonic_ms=clock.monotonic_ms),
        )
        yield Keyring(authenticator=authenticator, clock=clock, hasher=hasher, reader=reader)
