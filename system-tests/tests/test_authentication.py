"""Who may call, and what (contract §4, deviations X1, X2, X14, X15)."""

import hashlib
import json
import time

import pytest
from harness import documents

JUDGED, KEEPER = "token-of-the-judged-agent", "token-of-the-keeper"
UNAUTHENTICATED = (401, -32001, "unauthenticated", "unauthenticated")
UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
UNKNOWN_TOOL = (400, -32601, "method_not_found", "unknown tool")


def subject(token):
    return "token:" + hashlib.sha256(token.encode()).hexdigest()


TWO_PRINCIPALS = {
    "server": {
        "auth": {
            "mode": "bearer_token",
            "bearer_tokens": [JUDGED, KEEPER],
            "principals": [
                {"subject": subject(JUDGED), "allowed_tools": ["scenario_next", "scenario_status"]},
                {"subject": subject(KEEPER), "roles": [{"name": "TenantAdmin"}]},
            ],
        }
    }
}


def now():
    return time.time_ns() // 1_000_000 - documents.NOW


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve(TWO_PRINCIPALS)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        JUDGED,
        f"Basic {JUDGED}",
        f"Bearer\t{JUDGED}",
        f"Bearer {JUDGED}x",
        f"Bearer {JUDGED[:-1]}",
        f"Bearer {JUDGED.upper()}",
        f"Bearer {JUDGED} {KEEPER}",
        "Bearer " + "x" * 9000,
    ],
)
def test_without_a_known_token_nothing_but_a_challenge_is_told(client_of, server, header):
    headers = {} if header is None else {"authorization": header}

    answer = client_of(server).post(documents.envelope("tools/list", None), headers)

    assert answer.error == UNAUTHENTICATED
    assert answer.headers["www-authenticate"] == 'Bearer realm="decision-gate"'


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", " Bearer  "])
def test_a_known_token_is_taken_whatever_the_case_of_its_scheme(client_of, server, scheme):
    answer = client_of(server).post(
        documents.envelope("tools/list", None), {"authorization": f"{scheme} {JUDGED} ".lstrip()}
    )

    assert answer.status == 200


def test_a_stranger_learns_which_tools_exist_and_no_more(client_of, server):
    client = client_of(server)

    assert client.send("scenario_next", {}).error == UNAUTHENTICATED
    assert client.send("no_such_tool", {}).error == UNKNOWN_TOOL


def test_an_agent_that_is_judged_can_not_define_an_easier_scenario(client_of, server):
    judged, keeper = client_of(server, token=JUDGED), client_of(server, token=KEEPER)
    keeper.call("scenario_define", {"spec": documents.two_stages()})
    keeper.call("scenario_start", documents.start("tea", "run-1"))

    refused = [
        judged.send("scenario_define", {"spec": documents.two_stages("easier")}),
        judged.send("scenario_start", documents.start("tea", "run-2")),
        judged.send("scenario_trigger", documents.tick("tea", "run-1", "tick")),
        judged.send("runpack_verify", {"runpack_dir": "x", "manifest_path": "m"}),
    ]
    passed = judged.call("scenario_next", documents.step("tea", "run-1", "t-1", now()))

    assert [answer.error for answer in refused] == [UNAUTHORIZED] * 4
    assert passed["decision"]["outcome"]["kind"] == "advance"


@pytest.mark.parametrize(("mode", "is_listed"), [("filter", False), ("passthrough", True)])
def test_a_hidden_tool_is_unknown_to_callers_whether_or_not_it_is_listed(serve, client_of, mode, is_listed):
    client = client_of(serve({"server": {"tools": {"mode": mode, "denylist": ["scenario_define"]}}}))

    names = {tool["name"] for tool in client.request("tools/list").json["result"]["tools"]}

    assert ("scenario_define" in names) is is_listed
    assert client.send("scenario_define", {"spec": documents.two_stages()}).error == UNKNOWN_TOOL


def test_a_tool_of_the_servers_list_only_is_for_nobody(serve, client_of):
    server = serve({"server": {"auth": {"mode": "local_only", "allowed_tools": ["scenario_status"]}}})
    client = client_of(server)

    assert client.send("scenario_define", {"spec": documents.two_stages()}).error == UNAUTHORIZED
    assert client.send("scenario_status", documents.status("tea", "run-1")).status == 200


@pytest.mark.parametrize(("hours_off", "is_believed"), [(0, True), (1, False), (-1, False), (24 * 365 * 70, False)])
def test_a_remote_caller_can_not_name_a_time_far_from_the_servers_clock(client_of, server, hours_off, is_believed):
    keeper = client_of(server, token=KEEPER)
    name, trigger_time = f"time-{hours_off}", now() + hours_off * 3_600_000
    keeper.call("scenario_define", {"spec": documents.two_stages(name)})
    keeper.call("scenario_start", documents.start(name, name))

    answer = keeper.send("scenario_next", documents.step(name, name, "t-1", trigger_time))

    assert answer.status == (200 if is_believed else 400)


def test_a_tick_needs_a_role_of_the_clock(client_of, server):
    judged, keeper = client_of(server, token=JUDGED), client_of(server, token=KEEPER)
    keeper.call("scenario_define", {"spec": documents.two_stages("ticked")})
    keeper.call("scenario_start", documents.start("ticked", "ticked"))

    assert judged.send("scenario_trigger", documents.tick("ticked", "ticked", "t", now())).error == UNAUTHORIZED
    assert keeper.send("scenario_trigger", documents.tick("ticked", "ticked", "t", now())).status == 200


def test_a_subject_in_a_header_counts_from_a_trusted_proxy_only(serve, client_of):
    mtls = {"auth": {"mode": "mtls", "mtls_subjects": ["CN=ci"]}}
    named = {"x-decision-gate-client-subject": "CN=ci"}
    body = documents.envelope("tools/list", None)

    direct = client_of(serve({"server": mtls})).post(body, named)
    proxied = client_of(serve({"server": mtls | {"trusted_proxies": ["127.0.0.0/8"]}}))

    assert direct.error == UNAUTHENTICATED
    assert proxied.post(body, named).status == 200
    assert proxied.post(body, {"x-decision-gate-client-subject": "CN=other"}).error == UNAUTHORIZED
    assert "www-authenticate" not in direct.headers


def test_every_refused_authorization_is_in_the_audit_with_its_reason_and_without_the_token(serve, client_of):
    server = serve(TWO_PRINCIPALS)
    client_of(server, token="a-guess").request("tools/list")
    client_of(server, token=JUDGED).send("scenario_define", {"spec": documents.two_stages()})

    text = (server.folder / "audit.jsonl").read_text(encoding="utf-8")
    denials = [
        (event["decision"], event["reason"])
        for event in map(json.loads, text.splitlines())
        if event["event"] == "mcp_tool_authz" and event["decision"] == "deny"
    ]

    assert len(denials) == 2
    assert all(reason for _, reason in denials)
    assert not [token for token in (JUDGED, KEEPER, "a-guess") if token in text]
