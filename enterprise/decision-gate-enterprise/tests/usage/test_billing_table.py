"""What the server bills is what ``billing.toml`` says, for every tool and outcome, on a real ledger."""

import tomllib
from contextlib import contextmanager
from importlib.resources import files

import attrs
import pytest

from decision_gate.core.json import parse, plain
from decision_gate.core.ports import Log, RunKey
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.calls import (
    SHAPE,
    TIME_PROVIDER,
    ask,
    define,
    evidence,
    export,
    listing,
    precheck,
    shape,
    shape_name,
    start,
    status,
    submit,
    trigger,
)

TABLE = tomllib.loads((files("decision_gate.enterprise.usage") / "billing.toml").read_text(encoding="utf-8"))
TOOLS = sorted(TABLE["accepted"])
RUN = RunKey(7, 12, "run-a")
TIME_CHECK = {"provider_id": "time", "check_id": "after"}
ARGUMENTS = {
    "scenario_define": lambda _: define(scenario_id="other"),
    "scenario_start": lambda _: start("run-a"),
    "scenario_status": lambda _: status(),
    "scenario_next": lambda _: ask(time=900),
    "scenario_submit": lambda _: submit(),
    "scenario_trigger": lambda _: trigger(),
    "evidence_query": lambda _: evidence(),
    "runpack_export": lambda packs: export(str(packs / "new")),
    "runpack_verify": lambda packs: {"runpack_dir": str(packs / "old"), "manifest_path": "manifest.json"},
    "providers_list": lambda _: {},
    "provider_contract_get": lambda _: {"provider_id": "time"},
    "provider_check_schema_get": lambda _: TIME_CHECK,
    "schemas_register": lambda _: shape("3"),
    "schemas_list": lambda _: listing(),
    "schemas_get": lambda _: shape_name(),
    "scenarios_list": lambda _: listing(),
    "precheck": lambda _: precheck({"window_open": True}),
    "decision_gate_docs_search": lambda _: {"query": "trust lanes"},
}


@attrs.frozen(kw_only=True)
class Shop:
    """A server on a file with everything there that a tool may ask for, and its books."""

    server: object
    books: object
    doorkeeper: object
    packs: object
    file: object

    def call(self, tool):
        """Call a tool with a key and return whether it was answered."""
        params = {"name": tool, "arguments": ARGUMENTS[tool](self.packs)}
        raw = plain({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        return "result" in parse(self.server.send(raw, idempotency_key="the same").body)

    def billed(self):
        """Return the units of each metric so far."""
        units = {}
        for entry in self.books.entries(7):
            units[entry.metric.value] = units.get(entry.metric.value, 0) + entry.units
        return units

    def stored(self):
        """Return the bytes of the run, of the scenarios, of the data shapes and of the run packs, recounted."""
        stores = self.server.host.stores
        run = 0
        if stores.runs.head(RUN) is not None:
            run = sum(len(body) for log in Log for body in stores.runs.read(RUN, log))
        shapes = len(stores.shapes.shapes(7, 12, None, 10).items) * len(plain(SHAPE))
        owners = (7, None)
        scenarios = [each for owner in owners for each in stores.scenarios.scenarios(owner, 12, None, 10).items]
        specs = sum(len(each.body) for each in scenarios)
        return run + specs + shapes + sum(path.stat().st_size for path in self.packs.rglob("*") if path.is_file())

    def change(self, tool):
        """Call a tool; return whether it was answered, what that cost, and what it stored."""
        billed, stored = self.billed(), self.stored()
        is_answered = self.call(tool)
        now = self.billed()
        cost = {metric: now[metric] - billed.get(metric, 0) for metric in now}
        return is_answered, {metric: units for metric, units in cost.items() if units}, self.stored() - stored

    @contextmanager
    def broken(self):
        """Take the file away from under the server, so that nothing can be written."""
        away = self.file.with_name("away.db")
        self.file.rename(away)
        self.file.touch()
        yield
        away.replace(self.file)


@pytest.fixture
def shop(billed_server, request):
    with billed_server() as opened:
        shop = Shop(**attrs.asdict(opened, recurse=False))
        shop.server.call("scenario_define", define())
        shop.server.call("schemas_register", shape())
        if request.getfixturevalue("tool") != "scenario_start":
            shop.server.call("scenario_start", start())
            shop.server.call("runpack_export", export(str(shop.packs / "old")))
            shop.server.call("scenario_status", status())  # or the next pack would be the same one
        yield shop


def expected(row, stored):
    return {metric: stored if units == "bytes" else units for metric, units in row.items()}


def test_the_table_prices_every_tool_of_the_server():
    with open_test_server(TIME_PROVIDER) as server:
        listed = server.request("tools/list")["tools"]

    assert sorted(tool["name"] for tool in listed) == TOOLS == sorted(ARGUMENTS)
    assert (TABLE["refused"], TABLE["failed"]) == ({}, {})
    assert set(TABLE["retried"]) <= set(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_accepted_and_retried_calls_cost_what_the_table_says(shop, tool):
    is_answered, cost, stored = shop.change(tool)

    assert is_answered
    assert cost == expected(TABLE["accepted"][tool], stored)

    _, cost, stored = shop.change(tool)

    assert cost == expected(TABLE["retried"].get(tool, {}), stored)


@pytest.mark.parametrize("tool", TOOLS)
def test_refused_calls_cost_nothing(shop, tool):
    shop.doorkeeper.is_open = False

    assert shop.change(tool) == (False, {}, 0)


@pytest.mark.parametrize("tool", TOOLS)
def test_failed_calls_cost_nothing(shop, tool):
    """A run pack may lie there when the database fails behind it; the same export, tried again, is then billed."""
    before = shop.billed()

    with shop.broken():
        is_answered = shop.call(tool)

    assert not is_answered
    assert shop.billed() == before


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "evidence_query"])
def test_a_storm_of_retries_costs_as_much_as_one_call_beside_what_it_stores(shop, tool):
    """What a retry stores in a transcript, and an evidence query that goes to the provider again, are counted anew."""
    before = shop.billed()
    for _ in range(10):
        shop.call(tool)
    now = shop.billed()

    once = {name: units for name, units in TABLE["accepted"][tool].items() if units != "bytes"}
    cost = {name: now[name] - before.get(name, 0) for name in now if name != "storage_bytes"}
    assert {name: units for name, units in cost.items() if units} == once
