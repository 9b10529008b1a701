"""The isolation matrix, generated from the surfaces: whatever is not the caller's own is refused as if it were nowhere.

Every tool over every transport, every resource, every route and tool of administration; each asked about what another
tenant has and about what nobody has. Both are told the same, nothing changes, and every denial is in the audit
(contract §4.3 AZ-2 to AZ-4, §4.10).
"""

import contextlib

import attrs
import pytest
from deployment import administration, surfaces
from deployment.admin_api import AdminClient
from deployment.callers import FramedCaller, McpCaller, RpcCaller, told
from deployment.deployment import Deployment, Tenant
from deployment.state import digest
from deployment.stdio import stdio_session
from deployment.surfaces import Things
from harness.rpc import Client

UNPLACED = {
    "runpack_verify",
    "providers_list",
    "provider_contract_get",
    "provider_check_schema_get",
    "decision_gate_docs_search",
}
NOWHERE = 3_141_592_653_589_793
DENIED = (401, 403)


@attrs.frozen(kw_only=True)
class World:
    """Two tenants, what the other one has, what nobody has, and callers over each transport by who they are."""

    deployment: Deployment
    own: Tenant
    theirs: Things
    nowhere: Things
    callers: dict[str, dict[str, object]]
    admin_port: int
    keys: dict[str, str] = attrs.field(repr=False)

    def both(self, ask):
        """Ask about what another tenant has and about what nobody has; return both answers, without names."""
        return [ask(about).unnamed(about.unnamed) for about in (self.theirs, self.nowhere)]


@pytest.fixture(scope="module")
def world(estate):
    boss = AdminClient(estate.server.admin_port, estate.deployment.boss.key)
    own = Tenant.made(boss.do("POST", "/provision", {"org": "acme", "tenant": "own"}))
    made = boss.do("POST", "/provision", {"org": "other", "tenant": "theirs"})
    other = Tenant.made(made)
    boss.do(
        "POST",
        f"/tenants/{own.tenant_id}/principals",
        {"principal_id": "unmapped", "name": "has no grant"},
    )
    issued = boss.do("POST", f"/tenants/{own.tenant_id}/keys", {"principal_id": "unmapped", "label": "unmapped"})
    keys = {"own": own.key, "unmapped": issued["key"]}
    theirs = Things.of(other, "theirs", org_id=made["org"]["org_id"])
    nowhere = Things(
        tenant_id=NOWHERE,
        namespace_id=NOWHERE + 1,
        org_id=NOWHERE + 2,
        scenario="scenario-nobody",
        run="run-nobody",
        schema="schema-nobody",
        principal_id=f"tenant-{NOWHERE}-admin",
        key_id="nobodyhas12c",
    )
    with contextlib.ExitStack() as stack:
        with Client(estate.server.port, token=other.key) as client:
            arguments = surfaces.tools(theirs)
            for tool in ("scenario_define", "scenario_start", "schemas_register", "scenario_next", "runpack_export"):
                client.call(tool, arguments[tool])
        callers = {
            who: {
                "rpc": RpcCaller(stack.enter_context(Client(estate.server.port, token=key))),
                "mcp": McpCaller(stack.enter_context(Client(estate.server.port, token=key))),
                "stdio": FramedCaller(stack.enter_context(stdio_session(estate.deployment, key))),
            }
            for who, key in keys.items()
        }
        found = World(
            deployment=estate.deployment,
            own=own,
            theirs=theirs,
            nowhere=nowhere,
            callers=callers,
            admin_port=estate.server.admin_port,
            keys=keys,
        )
        # Whoever is seen for the first time is noted; the matrix must change nothing at all.
        for who in keys:
            for transport in callers[who].values():
                transport.ask("providers_list", {})
        yield found


@pytest.fixture
def unchanged(world):
    """Nothing that is kept changes in the test, the audit aside."""
    before = digest(world.deployment)
    yield
    assert digest(world.deployment) == before


def test_the_table_has_every_tool_that_the_server_lists(world):
    listed = world.callers["own"]["rpc"].client.request("tools/list").json["result"]["tools"]

    names = {tool["name"] for tool in listed if not tool["name"].startswith("admin_")}
    assert names == set(surfaces.tools(world.theirs))
    assert {name for name in names if not list(surfaces.places(surfaces.tools(world.theirs)[name]))} == UNPLACED


@pytest.mark.parametrize("transport", ["rpc", "mcp", "stdio"])
@pytest.mark.usefixtures("unchanged")
def test_no_tool_tells_what_another_tenant_has_from_what_nobody_has(world, transport):
    own = Things.of(world.own, "own")
    caller, unmapped = world.callers["own"][transport], world.callers["unmapped"][transport]
    seen = {}
    for name in surfaces.tools(own):
        if name in UNPLACED:
            continue
        mine = surfaces.tools(own)[name]
        asked = {
            "another tenant": world.both(lambda about, name=name: caller.ask(name, surfaces.tools(about)[name])),
            "without a grant": [
                unmapped.ask(name, surfaces.tools(about)[name]).unnamed(about.unnamed)
                for about in (own, world.theirs, world.nowhere)
            ],
        }
        for place in surfaces.places(mine):
            asked["/".join(map(str, place))] = world.both(
                lambda about, name=name, place=place, mine=mine: caller.ask(
                    name, surfaces.with_number(mine, place, about)
                )
            )
        for what, answers in asked.items():
            seen[name, what] = len(set(answers)) == 1 and not any(answer.is_done for answer in answers)
            if transport == "rpc":
                seen[name, what] = seen[name, what] and answers[0].error == (-32003, "unauthorized")

    assert {case for case, is_same_refusal in seen.items() if not is_same_refusal} == set()
    assert len(seen) > 13 * 3


@pytest.mark.parametrize("transport", ["rpc", "mcp", "stdio"])
@pytest.mark.usefixtures("unchanged")
def test_names_of_another_tenant_mean_nothing_in_ones_own(world, transport):
    caller = world.callers["own"][transport]
    told_alike = {}
    for name in ("scenario_start", "scenario_status", "scenario_next", "scenario_submit", "scenario_trigger"):
        told_alike[name] = named(world, caller, name)
    for name in ("runpack_export", "schemas_get", "precheck", "runpack_verify"):
        told_alike[name] = named(world, caller, name)

    different = {name: answers for name, answers in told_alike.items() if len(set(answers)) != 1}
    assert different == {}


def named(world, caller, name):
    """Ask about names of others in one's own tenant and namespace."""

    def ask(about):
        here = attrs.evolve(about, **world.own.place)
        return caller.ask(name, surfaces.tools(here)[name]).unnamed(here.unnamed)

    return world.both(ask)


@pytest.mark.parametrize("transport", ["rpc", "mcp", "stdio"])
@pytest.mark.usefixtures("unchanged")
def test_what_leaves_out_its_tenant_or_namespace_is_not_done(world, transport):
    """A definition may leave out its tenant; it then belongs to the one that is billed (deviation S8)."""
    caller, own = world.callers["own"][transport], Things.of(world.own, "own")
    done = [
        (name, place)
        for name, arguments in surfaces.tools(own).items()
        for place in surfaces.places(arguments)
        if place[-1] != "default_tenant_id" and caller.ask(name, surfaces.without(arguments, place)).is_done
    ]

    assert done == []


@pytest.mark.usefixtures("unchanged")
def test_path_of_another_tenants_run_pack_is_refused_like_any_path_outside(world):
    """Contract §4.3 AZ-5, deviation X4."""
    caller = world.callers["own"]["rpc"]
    root = world.deployment.folder / "runpacks"
    paths = [
        f"{root}/{world.theirs.tenant_id}/{world.theirs.run}",
        f"../{world.theirs.tenant_id}/{world.theirs.run}",
        f"{root}/{world.theirs.tenant_id}",
        f"{root}/{NOWHERE}/nobody",
        f"../{NOWHERE}/nobody",
        "/etc",
    ]

    verified = [caller.ask("runpack_verify", {"runpack_dir": path, "manifest_path": "manifest.json"}) for path in paths]

    assert {answer.error for answer in verified} == {(-32602, "runpack_dir: outside every folder of runpacks.roots")}
    assert len(set(verified)) == 1


@pytest.mark.usefixtures("unchanged")
def test_no_resource_tells_what_another_tenant_has_from_what_nobody_has(world):
    caller, unmapped = world.callers["own"]["mcp"], world.callers["unmapped"]["mcp"]
    templates = caller.templates()

    told = {
        (template, who): world.both(
            lambda about, template=template, who=who: who.read(surfaces.resource(template, about))
        )
        for template in templates
        for who in (caller, unmapped)
    }
    elsewhere = {
        template: [
            caller.read(surfaces.resource(template, attrs.evolve(about, tenant_id=world.own.tenant_id))).unnamed(
                about.unnamed
            )
            for about in (world.theirs, world.nowhere)
        ]
        for template in templates
    }

    assert len(templates) > 1
    assert [case for case, answers in told.items() if len(set(answers)) != 1 or answers[0].is_done] == []
    assert [case for case, answers in elsewhere.items() if len(set(answers)) != 1 or answers[0].is_done] == []


@pytest.mark.parametrize("who", ["own", "unmapped", None])
@pytest.mark.usefixtures("unchanged")
def test_no_route_of_administration_tells_what_another_tenant_has_from_what_nobody_has(world, who):
    admin = AdminClient(world.admin_port, None if who is None else world.keys[who])
    description = admin.send("GET", "/openapi.json").json
    pairs = [
        [told(admin.send(route.verb, route.path, route.value)).unnamed(about.unnamed) for route, about in pair]
        for pair in both_routes(world, description, lambda about: about)
    ]

    assert [answers for answers in pairs if len(set(answers)) != 1] == []
    assert {answer.status for answers in pairs for answer in answers} == {401 if who is None else 403}


@pytest.mark.usefixtures("unchanged")
def test_ids_of_another_tenant_mean_nothing_in_ones_own_administration(world):
    admin = AdminClient(world.admin_port, world.own.key)
    description = admin.send("GET", "/openapi.json").json

    def here(about):
        return attrs.evolve(about, tenant_id=world.own.tenant_id)

    # The listings of one's own tenant name nobody else, and what makes something new has no id of others in it.
    own = {"namespace.create", "tenant.get"}
    pairs = {
        pair[0][0].operation: [
            told(admin.send(route.verb, route.path, route.value)).unnamed(about.unnamed) for route, about in pair
        ]
        for pair in both_routes(world, description, here)
        if pair[0][0].operation not in own and not pair[0][0].operation.endswith((".list", ".show"))
    }

    assert {name: answers for name, answers in pairs.items() if len(set(answers)) != 1} == {}
    assert {answer.status for answers in pairs.values() for answer in answers} <= {400, 403, 404}


def both_routes(world, description, changed):
    """Yield each route about what another tenant has and about what nobody has, each with what it is about."""
    theirs, nowhere = changed(world.theirs), changed(world.nowhere)
    found = zip(surfaces.routes(description, theirs), surfaces.routes(description, nowhere), strict=True)
    for one, other in found:
        yield (one, theirs), (other, nowhere)


@pytest.mark.parametrize("transport", ["rpc", "mcp", "stdio"])
@pytest.mark.usefixtures("unchanged")
def test_no_tool_of_administration_tells_what_another_tenant_has_from_what_nobody_has(world, transport):
    caller, unmapped = world.callers["own"][transport], world.callers["unmapped"][transport]
    listed = world.callers["own"]["rpc"].client.request("tools/list").json["result"]["tools"]
    schemas = {tool["name"]: tool["input_schema"] for tool in listed if tool["name"].startswith("admin_")}
    hidden = world.callers["unmapped"]["rpc"].client.request("tools/list").json
    pairs = {
        (name, who): world.both(lambda about, name=name, who=who: who.ask(name, surfaces.members(schemas[name], about)))
        for name in schemas
        for who in (caller, unmapped)
    }

    assert len(schemas) > 30
    assert not any(tool["name"].startswith("admin_") for tool in hidden.get("result", {}).get("tools", []))
    assert [case for case, answers in pairs.items() if len(set(answers)) != 1 or answers[0].is_done] == []


def test_every_denial_is_in_the_audit_under_the_id_that_its_caller_was_told(world):
    """Contract §4.3 AZ-4; proofs of single entries are shown by the distribution's own tests."""
    caller, admin = world.callers["own"]["rpc"], AdminClient(world.admin_port, world.own.key)
    unmapped = world.callers["unmapped"]
    description = admin.send("GET", "/openapi.json").json
    answers = [caller.ask(name, arguments) for name, arguments in surfaces.tools(world.theirs).items()]
    answers += [unmapped["mcp"].ask(name, arguments) for name, arguments in surfaces.tools(world.theirs).items()]
    answers += [
        told(admin.send(route.verb, route.path, route.value)) for route in surfaces.routes(description, world.theirs)
    ]
    nobody = AdminClient(world.admin_port, "no key at all")
    answers += [told(nobody.send("GET", "/orgs"))]

    denied = [answer.correlation_id for answer in answers if answer.status in DENIED]
    events = administration.audited(world.deployment, "deployment")
    kept = {event.get("server_correlation_id") for event in events}

    assert len(denied) > 50
    assert [correlation for correlation in denied if correlation not in kept] == []
