"""Secrets that a server is trusted with are told to nobody who need not know them (contract §5).

Every place that holds something secret holds a canary of its own. The main job is driven, with failures, and everything
that the server tells is searched. A run pack is the proof of a run and holds its evidence and its submissions; nothing
else has a place for any of them.
"""

import base64
import hashlib
import json
import time

import pytest
from harness import documents
from harness.command import decision_gate
from harness.mcp import HEADERS
from harness.rpc import Client, raw_exchange

TOKEN = "canary-of-a-bearer-token-0001"
STRANGER = "canary-of-an-unknown-token-0002"
VARIABLE = "canary-of-an-environment-variable-0003"
EVIDENCE = "canary-of-scripted-evidence-0004"
SUBMITTED = "canary-of-a-submission-0005"
PROVIDER = "canary-of-a-provider-token-0006"
PAYLOAD = "canary-of-a-trigger-payload-0007"
MISTAKE = "canary-of-a-wrong-argument-0008"
FAILURE = "canary-of-a-failing-provider-0009"
CANARIES = (TOKEN, STRANGER, VARIABLE, EVIDENCE, SUBMITTED, PROVIDER, PAYLOAD, MISTAKE, FAILURE)
OF_THE_RUN = {VARIABLE, EVIDENCE, SUBMITTED, PAYLOAD, FAILURE}
"""What a run pack holds: evidence, submissions, triggers, and why evidence is missing."""

TO_THEIR_CALLER = {
    ("submit", SUBMITTED),
    ("evidence broken", FAILURE),
    ("number for a text", MISTAKE),
    ("wrong spec", MISTAKE),
    ("mcp", MISTAKE),
}
"""What is told once more to him who said it, or who asked why there is no evidence."""

SCRIPT = {
    "answers": {
        "ready": {
            "facts/secret": {
                "result": {"value": {"kind": "json", "value": EVIDENCE}, "content_type": "application/json"}
            },
            "facts/broken": {"failure": FAILURE},
        }
    },
    "otherwise": "ready",
}


def asked(name, provider, check, **params):
    query = {"provider_id": provider, "check_id": check} | ({"params": params} if params else {})
    return documents.condition(name, query=query, comparator="equals", expected="something else")


def scenario():
    """Return a scenario that collects every secret and passes only by the last of its gates."""
    conditions = [
        asked("variable", "env", "get", key="DG_CANARY"),
        asked("scripted", "facts", "secret"),
        asked("broken", "facts", "broken"),
    ]
    wrong_type = asked("unordered", "facts", "secret") | {"comparator": "greater_than", "expected": 5}
    names = [condition["condition_id"] for condition in (*conditions, wrong_type)]
    return documents.scenario("vault", [documents.stage("open", None, *names)], *conditions, wrong_type)


def spellings(canary):
    """Return a secret as texts may hide it: as it is, and inside base64 at any offset."""
    raw = canary.encode()
    yield raw
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[4 : len(whole) - 4]


def found(texts):
    """Return which canaries are in which text."""
    return {
        (where, canary)
        for where, text in texts.items()
        for canary in CANARIES
        if any(spelling in text for spelling in spellings(canary))
    }


def remote(folder, name, secret):
    """Return a provider that nobody answers for, and the secret it would be told."""
    contract = {"provider_id": name, "name": name, "description": "Never reached.", "transport": "mcp"}
    path = folder / f"{name}.json"
    check = {
        "check_id": "any",
        "description": "Never answered.",
        "determinism": "external",
        "params_required": False,
        "params_schema": {"type": "object"},
        "result_schema": {"type": "string"},
        "allowed_comparators": ["equals"],
        "anchor_types": [],
        "content_types": ["application/json"],
        "examples": [],
    }
    contract |= {"config_schema": {"type": "object"}, "checks": [check], "notes": []}
    path.write_text(json.dumps(contract), encoding="utf-8")
    where = {"type": "mcp", "url": "https://127.0.0.1:9/rpc", "capabilities_path": str(path)}
    return {"name": name, "auth": {"bearer_token": secret}, **where}


@pytest.fixture(params=["environment", "settings"])
def server(request, serve, tmp_path, monkeypatch):
    """A server whose provider ``env`` has its secret from the environment, or from its own settings."""
    monkeypatch.setenv("DG_CANARY", VARIABLE)
    overrides = {"overrides": {"DG_CANARY": VARIABLE}} if request.param == "settings" else {}
    monkeypatch.setenv("DG_PROVIDER_TOKEN", PROVIDER)
    script = tmp_path / "secrets.json"
    script.write_text(json.dumps(SCRIPT), encoding="utf-8")
    providers = [
        {"name": "facts", "type": "scripted", "config": {"script": str(script)}},
        {"name": "env", "type": "builtin", "config": overrides},
        remote(tmp_path, "literal", PROVIDER),
        remote(tmp_path, "referred", {"env": "DG_PROVIDER_TOKEN"}),
    ]
    subject = "token:" + hashlib.sha256(TOKEN.encode()).hexdigest()
    principals = [{"subject": subject, "roles": [{"name": "TenantAdmin"}]}]
    auth = {"mode": "bearer_token", "bearer_tokens": [TOKEN], "principals": principals}
    return serve({"server": {"auth": auth, "metrics": True}, "providers": providers})


def main_job(client):
    """Collect every secret, submit one, ask about them, and export; return the answers by what was asked."""
    told = {"define": client.send("scenario_define", {"spec": scenario()})}
    told["start"] = client.send("scenario_start", documents.start("vault", "run-1"))
    now = time.time_ns() // 1_000_000 - documents.NOW
    told["next"] = client.send("scenario_next", documents.step("vault", "run-1", "t-1", now))
    payload = {"kind": "json", "value": PAYLOAD}
    trigger = documents.tick("vault", "run-1", "t-2", now, kind="external_event", payload=payload)
    told["trigger"] = client.send("scenario_trigger", trigger)
    told["submit"] = client.send("scenario_submit", documents.submission("vault", "run-1", "s-1", SUBMITTED))
    told["submit again, otherwise"] = client.send(
        "scenario_submit", documents.submission("vault", "run-1", "s-1", SUBMITTED + "!")
    )
    told["status"] = client.send("scenario_status", documents.status("vault", "run-1"))
    for name, provider, check, params in (
        ("variable", "env", "get", {"key": "DG_CANARY"}),
        ("scripted", "facts", "secret", None),
        ("broken", "facts", "broken", None),
    ):
        query = {"provider_id": provider, "check_id": check, "params": params}
        context = {
            **documents.run_of("run-1"),
            "scenario_id": "vault",
            "stage_id": "open",
            "trigger_id": "t-3",
            "trigger_time": documents.at(),
            "correlation_id": None,
        }
        told[f"evidence {name}"] = client.send("evidence_query", {"query": query, "context": context})
    return told


def mistakes(client):
    """Call as no caller should, with a secret where it does not belong; return the answers."""
    step = documents.step("vault", "run-1", "t-9")
    number = documents.step("vault", "run-1", "t-9")
    number["request"]["time"] = MISTAKE
    return {
        "no JSON": client.post(f'{{"a": "{MISTAKE}'.encode()),
        "twice": client.post(f'{{"id": 1, "id": "{MISTAKE}"}}'.encode()),
        "number for a text": client.send("scenario_next", number),
        "wrong payload": client.send("precheck", {"payload": MISTAKE}),
        "wrong spec": client.send("scenario_define", {"spec": MISTAKE}),
        "wrong kind": client.send(
            "scenario_submit", {"scenario_id": "vault", "request": {"payload": {"kind": MISTAKE}}}
        ),
        "wrong arguments": client.request("tools/call", MISTAKE),
        "correlation": client.post(documents.call("scenario_next", step), {"x-correlation-id": f"{MISTAKE} ?"}),
        "origin": client.post(documents.call("scenario_next", step), {"origin": f"https://{MISTAKE}"}),
        "query": client.post(documents.call("scenario_next", step), path=f"/nothing?token={MISTAKE}"),
        "mcp": client.post(documents.call("scenario_define", {"spec": MISTAKE}), HEADERS, "/mcp"),
        "mcp no JSON": client.post(f'{{"a": "{MISTAKE}'.encode(), HEADERS, "/mcp"),
    }


def pack_of(client, folder):
    """Export the run and return every byte of the pack."""
    answer = client.send("runpack_export", documents.export("vault", "run-1", str(folder)))
    assert answer.status == 200, answer.body
    return answer, b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_no_secret_is_told_but_those_of_a_run_in_its_pack(server, tmp_path, plugins, client_of, monkeypatch):
    client = client_of(server, token=TOKEN)
    told = main_job(client) | mistakes(client)
    with Client(server.port, token=STRANGER) as stranger:
        told["stranger"] = stranger.send("scenario_status", documents.status("vault", "run-1"))
    exported, pack = pack_of(client, tmp_path / "pack")
    told |= {"export": exported, "metrics": client.get("/metrics"), "ready": client.get("/readyz")}
    garbage = raw_exchange(server.port, f"GET /{MISTAKE} NOTHTTP\r\nauthorization: {TOKEN}\r\n\r\n".encode())
    for name, value in plugins.items():
        monkeypatch.setenv(name, value)
    config = f"decision-gate-{server.port}.toml"
    commands = {
        "config show": decision_gate("config", "show", "--config", config, folder=server.folder),
        "config validate": decision_gate("config", "validate", "--config", config, folder=server.folder),
        "doctor": decision_gate("doctor", "--config", config, "--no-start", folder=server.folder),
    }
    server.stop()

    texts = {name: answer.body + repr(dict(answer.headers)).encode() for name, answer in told.items()}
    texts |= {name: f"{ended.stdout}{ended.stderr}".encode() for name, ended in commands.items()}
    texts |= {"log": server.log().encode(), "audit": (server.folder / "audit.jsonl").read_bytes(), "garbage": garbage}
    assert all(text for name, text in texts.items() if name != "log")
    assert found(texts) == TO_THEIR_CALLER
    assert {canary for _, canary in found({"pack": pack})} == OF_THE_RUN


def test_the_job_that_is_searched_did_collect_and_did_fail(server, client_of):
    client = client_of(server, token=TOKEN)

    told = main_job(client)

    refused = {name for name, answer in told.items() if "error" in answer.json}
    missing = told["evidence variable"].json["result"]["content"][0]["json"]["result"]
    assert refused == {"submit again, otherwise"}
    assert missing["value"] is None
    assert missing["evidence_hash"] is not None
    assert not [name for name, answer in mistakes(client).items() if answer.status == 200 and name != "mcp"]
