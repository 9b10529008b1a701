"""What is there and what is not cost the database the same: no refusal tells one from the other by its work.

The statements of a call are counted as the driver runs them, without their literals; those of the audit's thread aside.
"""

import re
import sqlite3

import psycopg
import pytest

from decision_gate.mcp.testing import calls

OWN, OTHER = 7, 8
LITERAL = re.compile(r"X'[0-9A-Fa-f]*'|'(?:[^']|'')*'|\b\d+\b")
CASES = {
    "scenario_start": lambda tenant: calls.start("run-b", tenant_id=tenant),
    "scenario_status": lambda tenant: placed(calls.status(), tenant),
    "scenario_next": lambda tenant: placed(calls.ask(), tenant),
    "scenario_submit": lambda tenant: placed(calls.submit(), tenant),
    "runpack_export": lambda tenant: calls.export("a", tenant_id=tenant),
    "schemas_register": lambda tenant: calls.shape(tenant_id=tenant),
    "schemas_get": lambda tenant: calls.shape_name() | {"tenant_id": tenant},
    "scenarios_list": lambda tenant: calls.listing(tenant_id=tenant),
    "precheck": lambda tenant: calls.precheck({"window_open": True}, tenant_id=tenant),
    "scenario_define": lambda tenant: calls.define(default_tenant_id=tenant),
}


def placed(arguments, tenant):
    return arguments | {"request": arguments["request"] | {"tenant_id": tenant}}


@pytest.fixture
def statements(monkeypatch):
    """Every statement that any connection runs from now on, without its literals."""
    seen = []

    def note(statement):
        text = LITERAL.sub("?", str(statement))
        if "audit_" not in text:
            seen.append(text)

    connect, execute = sqlite3.connect, psycopg.Cursor.execute

    def traced_connect(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(note)
        return connection

    def traced_execute(self, query, *arguments, **options):
        note(query)
        return execute(self, query, *arguments, **options)

    monkeypatch.setattr(sqlite3, "connect", traced_connect)
    monkeypatch.setattr(psycopg.Cursor, "execute", traced_execute)
    return seen


@pytest.fixture
def asked(statements, world):
    """Return a function that asks as somebody and tells the outcome and the statements that it took."""
    world, _ = world
    for tool, arguments in (
        ("scenario_define", calls.define(default_tenant_id=OTHER)),
        ("scenario_start", calls.start(tenant_id=OTHER)),
        ("schemas_register", calls.shape(tenant_id=OTHER)),
    ):
        assert world.outcome("otto", tool, arguments) == "allowed"
    world.outcome("anna", "providers_list", {})

    def ask(tool, arguments):
        statements.clear()
        outcome = world.outcome("anna", tool, arguments)
        return outcome, sorted(statement for statement in statements if not statement.startswith(("BEGIN", "COMMIT")))

    return ask


@pytest.mark.parametrize("tool", CASES)
def test_refusal_about_an_existing_tenant_takes_the_statements_of_one_about_no_tenant(asked, tool):
    """Contract §4.3 AZ-2, AZ-3."""
    existing, random = (asked(tool, CASES[tool](tenant)) for tenant in (OTHER, 4_711))

    assert existing == random
    assert existing[0] == "403 unauthorized"


@pytest.mark.parametrize("tool", ["scenario_status", "scenario_next", "scenario_submit", "runpack_export"])
def test_run_that_only_another_tenant_has_takes_the_statements_of_one_that_nobody_has(asked, tool):
    existing = asked(tool, CASES[tool](OWN))
    random = asked(tool, renamed(CASES[tool](OWN)))

    assert existing == random


def renamed(value):
    """Return arguments about a run that is nowhere."""
    if isinstance(value, dict):
        return {name: "run-z" if name == "run_id" else renamed(inner) for name, inner in value.items()}
    return value
