"""Every byte that is stored is billed, and what somebody planted on either side is named."""

import sqlite3
from contextlib import closing

import pytest

from decision_gate.core.json import parse
from decision_gate.core.ports import RunKey
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.enterprise.usage import Limit, Period, reconcile
from decision_gate.enterprise.usage.charge_body import Mode, usage_rider
from decision_gate.enterprise.usage.expiry import end_all_expired
from decision_gate.enterprise.usage.recount import StorageDifference, Stored, recount
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.testing import RpcError
from decision_gate.mcp.testing.calls import ask, define, export, shape, start, status, submit
from decision_gate.mcp.testing.usage_meters import metered_call

TENANT = 7
NAME = 'run "1"'
BYTES = Metric.STORAGE_BYTES


def bill(accounts, commit):
    """Bill the bytes of a commit and return them."""
    size = sum(len(record.body) for record in commit.records)
    operation = '["commit",12,"run \\"1\\"",' + str(commit.head.version) + "]"
    accounts.bill(operation, units=size, metric=BYTES, tenant_id=TENANT)
    return size


@pytest.fixture
def billed(accounts):
    """A run of two commits, both billed; how many bytes they have."""
    first = start_commit(RunKey(TENANT, 12, NAME))
    head = accounts.runs.create(first)
    second = step_commit(head, "one")
    accounts.runs.append(second)
    return [bill(accounts, first), bill(accounts, second)]


def difference(kind, name, billed, kept):
    return StorageDifference(stored=Stored(tenant_id=TENANT, kind=kind, name=name), billed=billed, kept=kept)


@pytest.mark.usefixtures("billed")
def test_what_is_billed_byte_for_byte_agrees(accounts):
    assert recount(accounts.database) == ()


def test_commit_that_nobody_paid_for_is_named_with_its_run(accounts, billed):
    head = accounts.runs.head(RunKey(TENANT, 12, NAME))
    free = step_commit(head, "free")
    accounts.runs.append(free)

    size = sum(len(record.body) for record in free.records)
    assert recount(accounts.database) == (difference("run", ("12", NAME), sum(billed), sum(billed) + size),)


@pytest.mark.parametrize(
    ("operation", "kind", "name"),
    [
        ('["commit",12,"run \\"1\\"",3]', "run", ("12", NAME)),
        ('["commit",12,"gone",1]', "run", ("12", "gone")),
        ('["scenario",12,"gone","00"]', "scenario", ("12", "gone", "00")),
        ('["shape",12,"gone","1"]', "data_shape", ("12", "gone", "1")),
        ('["runpack",12,"gone","00"]', "run_pack", ("12", "gone", "00")),
        ("anything", "other", ("anything",)),
    ],
)
@pytest.mark.usefixtures("billed")
def test_charge_for_what_is_not_there_is_named(accounts, operation, kind, name):
    accounts.bill(operation, units=5, metric=BYTES, tenant_id=TENANT)

    (found,) = recount(accounts.database)

    assert (found.stored.kind, found.stored.name, found.billed - found.kept) == (kind, name, 5)


@pytest.mark.usefixtures("billed")
def test_correction_takes_back_no_bytes_and_a_pack_is_its_export(accounts):
    accounts.bill('["runpack",12,"run","ab"]', units=5, metric=BYTES, tenant_id=TENANT)
    accounts.bill("ab", metric=Metric.RUNPACK_EXPORTS, tenant_id=TENANT)

    assert recount(accounts.database) == ()


def test_room_that_is_held_is_in_the_counters_and_ends_with_its_lease(accounts):
    charge = Charge(metric=BYTES, units=10, operation="pack")
    accounts.books.set_limit(TENANT, BYTES, Limit(period=Period.TOTAL, units=10))
    accounts.runs.record([usage_rider(Mode.RESERVE, metered_call(charge), TENANT, charge)])
    assert reconcile(accounts.database).agrees
    ((ends_at,),) = accounts.execute("SELECT ends_at FROM usage_reservations")

    assert end_all_expired(accounts.database, ends_at - 1) == 0
    assert end_all_expired(accounts.database, ends_at) == 1
    assert end_all_expired(accounts.database, ends_at) == 0

    assert accounts.books.standing(TENANT, BYTES, metered_call().at_ms).used == 0
    assert reconcile(accounts.database).agrees


@pytest.fixture
def toured(billed_server):
    """A server's file after everything that stores bytes was done, and some of it refused."""
    with billed_server() as opened:
        server, packs = opened.server, opened.packs
        server.call("scenario_define", define())
        server.call("schemas_register", shape(schema={"type": "number", "minimum": 1.0, "title": "\\u00e4"}))
        server.call("scenario_start", start())
        server.call("scenario_submit", submit())
        with pytest.raises(RpcError):
            server.call("scenario_submit", submit(value="changed"))
        server.call("scenario_status", status())
        server.call("runpack_export", export(str(packs / "one"), include_verification=True))
        server.call("scenario_next", ask())
        server.call("runpack_export", export(str(packs / "two")))
        server.call("runpack_export", export(str(packs / "two")))
    with open_transactions(DatabaseSettings(path=str(opened.file)), []) as database:
        yield database, opened.file, packs


def test_after_a_tour_ledger_counters_and_stores_agree_to_the_byte(toured):
    database, file, packs = toured

    assert reconcile(database).told() == {"agrees": True, "counters": [], "stores": [], "storage": []}
    with closing(sqlite3.connect(file)) as connection:
        stored = "metric = 'storage_bytes'"
        charges = dict(connection.execute(f"SELECT key, units FROM usage_ledger WHERE {stored}"))  # noqa: S608 - texts of this test alone
        assert connection.execute("SELECT count(*) FROM usage_reservations").fetchone() == (0,)
    kinds = {parse(key.decode().partition("/storage_bytes/")[2])[0] for key in charges}
    assert kinds == {"commit", "scenario", "shape", "runpack"}
    lies_there = sum(path.stat().st_size for path in packs.rglob("*") if path.is_file())
    assert sum(units for key, units in charges.items() if b"runpack" in key) == lies_there


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE records SET body = body || 'x' WHERE id = 3", "run"),
        ("UPDATE scenario_versions SET body = body || 'x'", "scenario"),
        ("DELETE FROM data_shapes", "data_shape"),
        ("DELETE FROM runs", "run"),
    ],
)
def test_whatever_grew_or_went_is_named(toured, statement, kind):
    database, file, _ = toured
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement.replace("body || 'x'", "CAST(body || 'x' AS BLOB)"))
        connection.commit()

    found = reconcile(database)

    assert {each.stored.kind for each in found.storage} == {kind}
    assert not found.agrees
