"""Two tenants of one production server behave as two dictionaries that know nothing of each other.

A machine drives both at random through ``/rpc`` with their own keys, under the same few names, now and then in the name
of the other; after each call the answer is what the tenant's own dictionary says (contract §4.10 IN-1).
"""

import itertools

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from decision_gate.mcp.testing import RpcError, calls

WHO = {"anna": 7, "otto": 8}
OTHER = {"anna": 8, "otto": 7}
callers = st.sampled_from(sorted(WHO))
runs = st.sampled_from(["run-a", "run-b"])
versions = st.sampled_from(["1", "2"])
DENIED = "403 unauthorized"


class Tenant:
    """What one tenant has, as a dictionary remembers it."""

    def __init__(self):
        self.is_defined = False
        self.runs = {}
        self.shapes = set()


class TwoTenants(RuleBasedStateMachine):
    """Both drive the server that a subclass names; each example has names of its own."""

    world = None
    examples = itertools.count()

    @initialize()
    def begin(self):
        self.mark = f"e{next(self.examples)}"
        self.kept = {who: Tenant() for who in WHO}

    def named(self, arguments, tenant):
        """Return arguments about things of this example, in a tenant."""
        match arguments:
            case list():
                return [self.named(item, tenant) for item in arguments]
            case dict():
                return {name: self.renamed(name, inner, tenant) for name, inner in arguments.items()}
            case _:
                return arguments

    def renamed(self, name, value, tenant):
        if name in ("tenant_id", "default_tenant_id"):
            return tenant
        if name in ("scenario_id", "run_id", "schema_id"):
            return f"{self.mark}-{value}"
        return self.named(value, tenant)

    def ask(self, who, tool, arguments, tenant=None):
        """Call a tool and return its answer, or how it was refused."""
        sent = self.named(arguments, WHO[who] if tenant is None else tenant)
        try:
            return self.world.server.call(tool, sent, auth_header=f"Bearer {self.world.keys[who]}")
        except RpcError as refused:
            return f"{refused.status} {refused.message}"

    @rule(who=callers)
    def define(self, who):
        answer = self.ask(who, "scenario_define", calls.define())
        assert isinstance(answer, dict) is not self.kept[who].is_defined
        self.kept[who].is_defined = True

    @rule(who=callers, run=runs)
    def start(self, who, run):
        tenant = self.kept[who]
        answer = self.ask(who, "scenario_start", calls.start(run))
        assert isinstance(answer, dict) is (tenant.is_defined and run not in tenant.runs)
        if isinstance(answer, dict):
            tenant.runs[run] = "active"

    @rule(who=callers, run=runs)
    def step(self, who, run):
        tenant = self.kept[who]
        answer = self.ask(who, "scenario_next", calls.ask(run_id=run))
        assert isinstance(answer, dict) is (run in tenant.runs)
        if isinstance(answer, dict):
            tenant.runs[run] = answer["status"]
            assert answer["status"] == "completed"

    @rule(who=callers, run=runs)
    def look(self, who, run):
        answer = self.ask(who, "scenario_status", calls.status(run))
        told = answer["status"] if isinstance(answer, dict) else None
        assert told == self.kept[who].runs.get(run)

    @rule(who=callers, version=versions)
    def register(self, who, version):
        tenant = self.kept[who]
        answer = self.ask(who, "schemas_register", calls.shape(version))
        assert isinstance(answer, dict) is (version not in tenant.shapes)
        tenant.shapes.add(version)

    @rule(who=callers, version=versions)
    def get_shape(self, who, version):
        answer = self.ask(who, "schemas_get", calls.shape_name(version))
        assert isinstance(answer, dict) is (version in self.kept[who].shapes)

    @rule(who=callers)
    def list_all(self, who):
        tenant = self.kept[who]
        scenarios = self.ask(who, "scenarios_list", calls.listing())["items"]
        shapes = self.ask(who, "schemas_list", calls.listing())["items"]
        mine = [item for item in scenarios if item["scenario_id"] == f"{self.mark}-ship-it"]
        versions_listed = {item["version"] for item in shapes if item["schema_id"] == f"{self.mark}-deploy-facts"}
        assert (len(mine), versions_listed) == (int(tenant.is_defined), tenant.shapes)

    @precondition(lambda self: any(tenant.runs for tenant in self.kept.values()))
    @rule(who=callers, run=runs)
    def reach_over(self, who, run):
        other = OTHER[who]
        outcomes = [
            self.ask(who, "scenario_status", calls.status(run), other),
            self.ask(who, "scenario_next", calls.ask(run_id=run), other),
            self.ask(who, "scenarios_list", calls.listing(), other),
            self.ask(who, "schemas_get", calls.shape_name(), other),
        ]
        assert outcomes == [DENIED] * 4


@pytest.mark.parametrize("place", ["sqlite", pytest.param("postgres", marks=pytest.mark.services)], indirect=True)
def test_two_tenants_are_two_dictionaries(world):
    world, _ = world

    run_state_machine_as_test(
        type("TwoTenantsOfThisServer", (TwoTenants,), {"world": world}),
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
