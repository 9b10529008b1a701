"""Databases of each engine, a PostgreSQL server in the tier ``services``, and a production server with keys in one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import attrs
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from decision_gate.core.ports import RunStore
from decision_gate.enterprise.admin.actor import console_actor
from decision_gate.enterprise.admin.fields import read_request
from decision_gate.enterprise.admin.opening import AdminSettings, open_administration
from decision_gate.enterprise.admin.service import AdminService
from decision_gate.enterprise.admin.use_cases import BY_NAME
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.host import open_server
from decision_gate.enterprise.stores.postgres import PostgresSettings, open_run_store
from decision_gate.enterprise.testing.offers import offers_of_project
from decision_gate.enterprise.testing.postgres import running_postgres
from decision_gate.enterprise.testing.tenancy import admit
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database
from decision_gate.mcp.testing import RecordingMeter, RecordingSink, RpcError, TestServer

OWN, OTHER, NAMESPACE, ELSEWHERE = 7, 8, 12, 13
"""Tenants and namespaces of ``world``."""


@pytest.fixture(scope="session")
def postgres():
    with running_postgres({"max_connections": 150}) as server:
        yield server


@pytest.fixture(scope="session")
def reused_database(postgres):
    return postgres.create_database()


@pytest.fixture
def database(reused_database):
    """Connection string of a database without our schema; a test that changes the database itself makes its own."""
    with psycopg.connect(reused_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS decision_gate CASCADE")
    return reused_database


@pytest.fixture
def settings(database):
    """Settings of stores on an empty database."""
    return PostgresSettings(dsn=LiteralSecret(text=database))


@attrs.frozen(kw_only=True)
class Place:
    """A database of one engine: how seams name it, and how runs are opened in it with rider tables."""

    engine: str
    settings: DatabaseSettings
    runs: Callable[[Sequence[object]], AbstractContextManager[RunStore]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def place(request, tmp_path):
    """An empty database of each engine."""
    if request.param == "postgres":
        settings = request.getfixturevalue("settings")
        return Place(
            engine="postgres",
            settings=DatabaseSettings(dsn=settings.dsn, max_connections=32),
            runs=lambda tables: open_run_store(attrs.evolve(settings, max_connections=32), tables),
        )

    @contextmanager
    def open_runs(tables):
        sqlite = SqliteSettings(path=tmp_path / "runs.db")
        with open_database(sqlite, rider_tables=tables, now_ms=lambda: 0) as database:
            yield SqliteRunStore(database)

    return Place(engine="sqlite", settings=DatabaseSettings(path=str(tmp_path / "runs.db")), runs=open_runs)


def offers():
    return offers_of_project(Path(__file__).parent.parent / "pyproject.toml")


@attrs.frozen(kw_only=True)
class World:
    """A production server, and keys of everybody in it."""

    server: TestServer
    keys: dict[str, str]

    def outcome(self, who, tool, arguments):
        """Return ``allowed``, or the refusal of a guard; what a tool says about its arguments is ``allowed``."""
        try:
            self.server.call(tool, arguments, auth_header=f"Bearer {self.keys[who]}")
        except RpcError as refused:
            if refused.status in (401, 403):
                return f"{refused.status} {refused.message}"
        return "allowed"


@pytest.fixture
def world(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runpacks").mkdir()
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "audit.pem").write_bytes(key)
    if place.engine == "postgres":
        monkeypatch.setenv("DG_TEST_DSN", place.settings.dsn.text)
        where, store = 'dsn = { env = "DG_TEST_DSN" }', "postgres"
    else:
        where, store = f'path = "{place.settings.path}"', "sqlite"
    for principal, tenants in (("anna", [OWN]), ("otto", [OTHER]), ("both", [OWN, OTHER])):
        admit(place.settings, principal, tenants, namespaces=[NAMESPACE, ELSEWHERE])
    config = parse_config(
        f"""
        [server]
        transport = "http"
        bind = "127.0.0.1:0"
        [authenticator]
        type = "api_key"
        max_age_ms = 0
        {where}
        [tenant_authorizer]
        type = "grants"
        max_age_ms = 0
        {where}
        [namespace_authority]
        type = "internal"
        max_age_ms = 0
        {where}
        [run_state_store]
        type = "{store}"
        {where}
        [schema_registry]
        type = "{store}"
        {where}
        [usage_meter]
        type = "ledger"
        {where}
        [audit_sink]
        type = "hash_chain"
        log_path = "requests.log"
        origin = "gate.example"
        signing_keys = [{{ file = "audit.pem" }}]
        {where}
        [time]
        source = "server"
        [runpacks]
        roots = ["runpacks"]
        per_tenant = true
        [[tool_families]]
        type = "admin"
        sealing_key = "of the test"
        {where}
        [[providers]]
        name = "time"
        type = "builtin"
        """.encode(),
        lambda _: offers().settings_of,
    )
    settings = AdminSettings(
        dsn=place.settings.dsn, path=place.settings.path, sealing_key=LiteralSecret(text="of the test")
    )
    with ExitStack() as stack:
        host = stack.enter_context(open_server(config, offers=offers()))
        database, means = stack.enter_context(open_administration(settings))
        service = AdminService(database=database, sink=NoSink(), means=means)

        def do(use_case, **request):
            found = BY_NAME[use_case]
            return service.perform(found, read_request(found, request), console_actor("me"))

        keys = {
            "anna": do("key.issue", tenant_id=OWN, principal_id="anna", label="k")["key"],
            "otto": do("key.issue", tenant_id=OTHER, principal_id="otto", label="k")["key"],
            "both, one tenant": do("key.issue", tenant_id=OWN, principal_id="both", label="k")["key"],
            "both, spanning": do("key.issue", tenant_id=OWN, principal_id="both", label="k", spanning=True)["key"],
        }
        do("principal.create", tenant_id=OWN, principal_id="agent", name="agent")
        do("grant.put", tenant_id=OWN, principal_id="agent", namespace_id=NAMESPACE, roles=["Agent"])
        keys["agent"] = do("key.issue", tenant_id=OWN, principal_id="agent", label="k")["key"]
        do("principal.create", tenant_id=OWN, principal_id="ungranted", name="ungranted")
        keys["ungranted"] = do("key.issue", tenant_id=OWN, principal_id="ungranted", label="k")["key"]
        keys["invented"] = "dgk_live_" + "a" * 12 + "_" + "b" * 49
        server = TestServer(host=host, clock=host.clock, sink=RecordingSink(), meter=RecordingMeter())
        yield World(server=server, keys=keys), do
