"""The guards, in their one order, each with its audit (contract §4.3, §4.4, deviations X7, X14, X15)."""

import attrs
import pytest

from decision_gate.core.errors import StoreError
from decision_gate.mcp.hooks.errors import UnauthenticatedError, UnauthorizedError
from decision_gate.mcp.hooks.principal import Role
from decision_gate.mcp.hooks.usage_meter import Metric
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import RecordingMeter, RpcError, local_principal, open_test_server, token_principal
from decision_gate.mcp.testing.calls import TIME_PROVIDER, ask, define, listing, start, trigger

NOW = 1_760_000_000_000


class Spy:
    """Every seam at once; writes down in which order it is asked, and refuses where it is told to."""

    def __init__(self, principal=None, refusing=None):
        self.asked = []
        self.principal = principal or local_principal()
        self.refusing = refusing

    def step(self, name):
        self.asked.append(name)
        return name == self.refusing

    def authenticate(self, _request):
        if self.step("authenticate"):
            raise UnauthenticatedError("spy")
        return self.principal

    def challenge(self):
        return None

    def is_listed(self, _principal, _tool):
        return True

    def is_callable(self, _principal, _tool):
        return not self.step("visible")

    def ensure(self, _tenant, _namespace, _correlation):
        if self.step("namespace"):
            raise UnauthorizedError("spy")

    def check(self, bucket, _key, _now):
        self.step(bucket.value)


class TenantSpy:
    """The tenant authorizer of a spy; the tool authorizer has a method of the same name."""

    def __init__(self, spy, name):
        self.spy = spy
        self.name = name
        self.questions = []

    def authorize(self, *question):
        self.questions.append(question)
        return Verdict(allowed=not self.spy.step(self.name), reason="spy")


class SpyMeter(RecordingMeter):
    """A meter that is a step of the spy."""

    def __init__(self, spy):
        super().__init__()
        self.spy = spy

    def admit(self, call, charge):
        self.spy.step("quota")
        super().admit(call, charge)
        return Verdict(allowed=self.spy.refusing != "quota", reason="spy")


def opened(spy, toml=TIME_PROVIDER):
    tenants = TenantSpy(spy, "tenant")
    seams = Seams(
        authenticator=spy,
        tool_authorizer=TenantSpy(spy, "tool"),
        tool_visibility=spy,
        tenant_authorizer=tenants,
        rate_limiter=spy,
        namespace_authority=spy,
        usage_meter=SpyMeter(spy),
    )
    return open_test_server(toml, seams)


def test_the_seams_are_asked_in_the_one_order():
    spy = Spy()
    with opened(spy) as server:
        server.call("scenarios_list", listing())

    # "tenant" is both the judgement of the tenant and its rate bucket, in this order.
    assert spy.asked == [
        "peer",
        "authenticate",
        "tool",
        "principal",
        "visible",
        "tenant",
        "tenant",
        "quota",
        "namespace",
    ]


@pytest.mark.parametrize(
    ("refusing", "code", "last"),
    [
        ("authenticate", -32001, "authenticate"),
        ("tool", -32003, "tool"),
        ("visible", -32601, "visible"),
        ("tenant", -32003, "tenant"),
        ("quota", -32003, "quota"),
        ("namespace", -32003, "namespace"),
    ],
)
def test_a_refusal_is_the_last_question_and_nothing_is_done(refusing, code, last):
    spy = Spy(refusing=refusing)
    with opened(spy) as server:
        with pytest.raises(RpcError) as refused:
            server.call("scenario_define", define())
        found = server.host.stores.scenarios.scenarios(7, 12, None, 10).items

    assert refused.value.code == code
    assert spy.asked[-1] == last
    assert found == ()


@pytest.mark.parametrize(
    ("refusing", "event", "reason"),
    [
        ("authenticate", "mcp_tool_authz", "unauthenticated: spy"),
        ("tool", "mcp_tool_authz", "unauthorized: spy"),
        ("tenant", "tenant_authz", "spy"),
        ("namespace", "guard_denial", "spy"),
    ],
)
def test_every_refused_authorization_leaves_an_audit_event_that_is_marked_as_such(refusing, event, reason):
    with opened(Spy(refusing=refusing)) as server:
        with pytest.raises(RpcError):
            server.call("scenarios_list", listing())

        [denial] = [found for found in server.sink.events if found.is_denial]

    assert (denial.event, denial.members["reason"]) == (event, reason)
    assert denial.members["server_correlation_id"] == "dg-0000000000000000-0000000000000001"


def test_an_unknown_tool_is_told_before_the_caller_is_asked_who_it_is():
    spy = Spy(refusing="authenticate")
    with opened(spy) as server, pytest.raises(RpcError) as refused:
        server.call("no_such_tool", {})

    assert (refused.value.code, refused.value.status, refused.value.message) == (-32601, 400, "unknown tool")
    assert "authenticate" not in spy.asked


def test_arguments_are_decoded_only_for_a_caller_that_may_use_the_tool():
    with opened(Spy(refusing="tool")) as server, pytest.raises(RpcError) as refused:
        server.call("scenario_next", {})

    assert refused.value.code == -32003


def test_a_store_that_cannot_judge_denies():
    class Broken:
        def authorize(self, *_question):
            raise StoreError("down")

    with open_test_server(TIME_PROVIDER, Seams(tenant_authorizer=Broken())) as server:
        with pytest.raises(RpcError) as refused:
            server.call("scenarios_list", listing())

        [event] = server.sink.named("tenant_authz")

    assert (refused.value.code, event.members["reason"]) == (-32003, "tenant authorizer unavailable")


def test_a_tool_without_tenant_is_judged_and_billed_under_the_callers_billing_tenant(tmp_path):
    spy = Spy(token_principal(billing_tenant=9))
    tenants = TenantSpy(spy, "tenant")
    meter = RecordingMeter()
    seams = Seams(authenticator=spy, tenant_authorizer=tenants, usage_meter=meter)
    with open_test_server(f'[runpacks]\nroots = ["{tmp_path}"]\n', seams) as server, pytest.raises(RpcError):
        server.call("runpack_verify", {"runpack_dir": str(tmp_path), "manifest_path": "m"})

    assert tenants.questions == [(spy.principal, "runpack_verify", 9, None)]
    assert [call.tenant_id for call, _ in meter.admitted] == [9]


def test_a_billing_tenant_does_not_open_the_default_namespace():
    spy = Spy(token_principal(billing_tenant=1))
    toml = TIME_PROVIDER + "[namespace]\nallow_default = true\ndefault_tenants = [1]\n"
    with opened(spy, toml) as server, pytest.raises(RpcError) as refused:
        server.call("scenario_define", define(namespace_id=1, default_tenant_id=None))

    assert refused.value.code == -32003


@pytest.mark.parametrize(
    ("toml", "tenant", "reason"),
    [
        ("", 1, "default namespace is not allowed"),
        ("[namespace]\nallow_default = true\ndefault_tenants = [1]\n", None, "default namespace requires tenant_id"),
        ("[namespace]\nallow_default = true\ndefault_tenants = [1]\n", 2, "default namespace not allowed for tenant"),
    ],
)
def test_namespace_1_is_denied_unless_switched_on_for_the_tenant(toml, tenant, reason):
    with open_test_server(TIME_PROVIDER + toml) as server:
        with pytest.raises(RpcError) as refused:
            server.call("scenario_define", define(namespace_id=1, default_tenant_id=tenant))

        [event] = server.sink.named("guard_denial")

    assert refused.value.code == -32003
    assert event.members["reason"] == reason


def test_namespace_1_is_open_to_a_listed_tenant():
    toml = TIME_PROVIDER + "[namespace]\nallow_default = true\ndefault_tenants = [1]\n"
    with open_test_server(toml) as server:
        server.call("scenario_define", define(namespace_id=1, default_tenant_id=1))


def test_a_principal_with_its_own_tools_cannot_define_the_scenario_it_is_judged_by():
    toml = TIME_PROVIDER + '[[server.auth.principals]]\nsubject = "loopback"\nallowed_tools = ["scenario_next"]\n'
    with open_test_server(toml) as server, pytest.raises(RpcError) as refused:
        server.call("scenario_define", define())

    assert refused.value.code == -32003


@pytest.fixture
def bounded():
    with open_test_server(TIME_PROVIDER + '[time]\nsource = "bounded"\n') as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        yield server


@pytest.mark.parametrize("offset", [-60_000, 0, 60_000])
def test_a_bounded_time_within_the_skew_is_believed(bounded, offset):
    answer = bounded.call("scenario_next", ask(time=NOW + offset))

    assert answer["decision"]["decided_at"]["value"] == NOW + offset


@pytest.mark.parametrize("time", [NOW - 60_001, NOW + 60_001, 4_070_908_800_000, 500])
def test_a_bounded_time_beyond_the_skew_is_refused(bounded, time):
    with pytest.raises(RpcError) as refused:
        bounded.call("scenario_next", ask(time=time))

    assert (refused.value.code, refused.value.message[:5]) == (-32602, "time:")


def test_a_bounded_server_takes_no_logical_time(bounded):
    arguments = ask()
    arguments["request"]["time"] = {"kind": "logical", "value": 1}

    with pytest.raises(RpcError) as refused:
        bounded.call("scenario_next", arguments)

    assert refused.value.code == -32602


@pytest.mark.parametrize("tool", ["scenario_next", "scenario_trigger"])
def test_a_server_that_sets_the_time_overrides_the_callers(tool):
    with open_test_server(TIME_PROVIDER + '[time]\nsource = "server"\n') as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        arguments = ask(time=1) if tool == "scenario_next" else trigger(time=1)

        answer = server.call(tool, arguments)

    assert answer["decision"]["decided_at"] == {"kind": "unix_millis", "value": NOW}


@pytest.mark.parametrize("kind", ["tick", "backend_event"])
@pytest.mark.parametrize(
    ("roles", "is_allowed"),
    [
        ((), False),
        ((Role(name="TenantAdmin"),), True),
        ((Role(name="TenantAdmin", tenant_id=7),), True),
        ((Role(name="TenantAdmin", tenant_id=8),), False),
        ((Role(name="NamespaceAdmin"),), False),
    ],
)
def test_a_trigger_that_speaks_for_the_clock_needs_a_role(kind, roles, is_allowed):
    spy = Spy(token_principal(roles=roles))
    with open_test_server(TIME_PROVIDER, Seams(authenticator=spy)) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())

        if is_allowed:
            server.call("scenario_trigger", trigger(kind=kind))
            return
        with pytest.raises(RpcError) as refused:
            server.call("scenario_trigger", trigger(kind=kind))
        [event] = server.sink.named("guard_denial")

    assert refused.value.code == -32003
    assert event.is_denial
    assert event.members["guard"] == "trigger"


@pytest.mark.parametrize("kind", ["agent_request_next", "external_event"])
def test_other_kinds_of_trigger_need_no_role(kind):
    with open_test_server(TIME_PROVIDER, Seams(authenticator=Spy(token_principal()))) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())

        server.call("scenario_trigger", trigger(kind=kind))


def test_loopback_may_tick_by_default_and_not_when_the_list_says_otherwise():
    with open_test_server(TIME_PROVIDER + "[triggers]\nclock_roles = []\n") as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())

        with pytest.raises(RpcError) as refused:
            server.call("scenario_trigger", trigger())

    assert refused.value.code == -32003


def test_quota_is_asked_for_everything_a_call_is_known_to_cost():
    with open_test_server(TIME_PROVIDER) as server:
        server.call("scenario_define", define())
        server.meter.admitted.clear()
        server.call("scenario_start", start())

    assert [(charge.metric, charge.units) for _, charge in server.meter.admitted] == [
        (Metric.TOOL_CALLS, 1),
        (Metric.RUNS_STARTED, 1),
    ]
    assert [event.members["metric"] for event in server.sink.named("usage_audit")][-2:] == [
        "tool_calls",
        "runs_started",
    ]


def test_a_denied_metric_is_forbidden_and_audited_but_is_no_refused_authorization():
    with open_test_server(TIME_PROVIDER) as server:
        server.call("scenario_define", define())
        server.meter.denied.add(Metric.RUNS_STARTED)

        with pytest.raises(RpcError) as refused:
            server.call("scenario_start", start())

        event = server.sink.named("usage_audit")[-1]

    assert (refused.value.code, refused.value.message) == (-32003, "unauthorized")
    assert (event.members["allowed"], event.members["reason"], event.is_denial) == (False, "quota exhausted", False)


def test_a_principal_is_what_the_audit_names_whatever_the_agent_says():
    spy = Spy(attrs.evolve(token_principal(), id="token:me"))
    with open_test_server(TIME_PROVIDER, Seams(authenticator=spy)) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        server.call("scenario_next", ask())

        event = server.sink.named("run_commit")[-1]

    assert (event.members["principal_id"], event.members["agent_id"]) == ("token:me", "bot-1")
