"""Administration of an empty database of each engine, with a real audit and a clock that stands."""

import secrets
from contextlib import contextmanager

import attrs
import pytest

from decision_gate.enterprise.admin.actor import Actor, console_actor
from decision_gate.enterprise.admin.fields import read_request
from decision_gate.enterprise.admin.idempotency import admin_tables
from decision_gate.enterprise.admin.sealing import Sealer
from decision_gate.enterprise.admin.service import AdminService, Means
from decision_gate.enterprise.admin.use_cases import BY_NAME
from decision_gate.enterprise.audit import HashChainSink
from decision_gate.enterprise.audit import Sealer as LeafSealer
from decision_gate.enterprise.identity import SecretHasher, identity_tables
from decision_gate.enterprise.tenancy import tenancy_tables
from decision_gate.enterprise.tenancy.numbers import random_number
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.enterprise.usage.accounts import usage_tables
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.hooks.principal import Role
from decision_gate.mcp.testing import ManualServerClock

DAY_MS = 24 * 60 * 60 * 1000
TABLES = (
    "orgs",
    "tenants",
    "namespaces",
    "principals",
    "grants",
    "api_keys",
    "admin_requests",
    "audit_outbox",
    "usage_limits",
)


class KeepingSink(HashChainSink):
    """The audit sink of a deployment, which also keeps what it is told."""

    def __init__(self):
        super().__init__(NoSink(), LeafSealer(secrets.token_bytes(32)))
        self.events = []

    def record(self, events):
        self.events += events


@attrs.frozen(kw_only=True)
class Desk:
    """Somebody administers."""

    service: AdminService
    sink: KeepingSink
    clock: ManualServerClock
    actor: Actor

    def do(self, use_case, idempotency_key=None, **request):
        """Perform a use case by name."""
        found = BY_NAME[use_case]
        return self.service.perform(found, read_request(found, request), self.actor, idempotency_key)

    def acting(self, *roles, principal_id="somebody"):
        """Return the same desk with another actor."""
        held = tuple(Role(name=name, tenant_id=tenant_id) for name, tenant_id in roles)
        return attrs.evolve(self, actor=Actor(principal_id=principal_id, method="api_key", roles=held))

    def content(self):
        """Return all rows of everything that administration writes."""
        database = self.service.database
        return {
            table: sorted(database.rows(f"SELECT * FROM decision_gate.{table}"), key=repr)  # noqa: S608 - a constant
            for table in TABLES
        }


@pytest.fixture
def opened_desk(place):
    """Open a desk at the console, as often as wanted."""

    @contextmanager
    def opened():
        sink, clock = KeepingSink(), ManualServerClock()
        tables = [tenancy_tables(), identity_tables(), admin_tables(), usage_tables()]
        with open_transactions(place.settings, tables, sink) as database:
            means = Means(
                now_ms=clock.now_ms,
                numbers=random_number,
                below=secrets.randbelow,
                hasher=SecretHasher(most=2),
                sealer=Sealer("of the test"),
                retention_ms=30 * DAY_MS,
            )
            service = AdminService(database=database, sink=sink, means=means)
            yield Desk(service=service, sink=sink, clock=clock, actor=console_actor("me"))

    return opened


@pytest.fixture
def desk(opened_desk):
    """The console."""
    with opened_desk() as desk:
        yield desk


@pytest.fixture
def made(desk):
    """The answer to a provisioning: organisation, tenant, namespace, administrator, key."""
    return desk.do("tenant.provision", org="acme", tenant="pay")


@pytest.fixture
def tenant(made):
    """Number of a provisioned tenant."""
    return made["tenant"]["tenant_id"]
