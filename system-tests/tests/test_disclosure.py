"""How much of a decision is explained, and to whom; and which raw values are told (contract §8.1, §8.2)."""

import hashlib
import time

import pytest
from harness import documents
from harness.config import scripted
from harness.rpc import Client

AGENT, TRACER, AUDITOR, READER = "token-agent", "token-tracer", "token-auditor", "token-reader"
VALUE = {"kind": "json", "value": True}
TRUE_SHA256 = "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"

GRANTED = {
    (AGENT, None): None,
    (AGENT, "summary"): ("summary", None),
    (AGENT, "trace"): ("summary", "trace"),
    (AGENT, "evidence"): ("summary", "evidence"),
    (TRACER, None): None,
    (TRACER, "summary"): ("summary", None),
    (TRACER, "trace"): ("trace", None),
    (TRACER, "evidence"): ("trace", "evidence"),
    (AUDITOR, None): None,
    (AUDITOR, "summary"): ("summary", None),
    (AUDITOR, "trace"): ("summary", "trace"),
    (AUDITOR, "evidence"): ("evidence", None),
    (READER, "trace"): ("trace", None),
    (READER, "evidence"): ("evidence", None),
}
"""By caller and wish: the level, and the wish that is told to be too high; none where nothing is told at all."""


def subject(token):
    return "token:" + hashlib.sha256(token.encode()).hexdigest()


def disclosing(folder):
    """Return a server of four callers and two providers, one of which agrees that its values are told."""
    script = folder / "script.json"
    yes = {"result": {"value": VALUE, "content_type": "application/json"}}
    answers = {"facts/ready": yes, "shy/ready": yes, "shy/broken": {"failure": "nobody at home"}}
    script.write_text(documents.text({"answers": {"": answers}, "otherwise": ""}), encoding="utf-8")
    providers = scripted(script, "facts", "shy")["providers"]
    roles = {TRACER: ["Tracer"], READER: ["Tracer", "Reader"]}
    elsewhere = {"name": "Reader", "tenant_id": documents.TENANT + 1}
    principals = [
        {"subject": subject(token), "roles": [{"name": name} for name in roles.get(token, [])] + [elsewhere]}
        for token in (AGENT, TRACER, AUDITOR, READER)
    ]
    feedback = {"max": "evidence", "trace_roles": ["Tracer"], "evidence_roles": ["Reader"]}
    auth = {"mode": "bearer_token", "bearer_tokens": [AGENT, TRACER, AUDITOR, READER], "principals": principals}
    return {
        "server": {
            "auth": auth,
            "feedback": {"scenario_next": feedback | {"evidence_subjects": [subject(AUDITOR)]}},
        },
        "providers": [providers[0] | {"allow_raw": True}, providers[1]],
        "evidence": {"allow_raw_values": True},
    }


@pytest.fixture(scope="module")
def server(shared_serve, tmp_path_factory):
    started = shared_serve(disclosing(tmp_path_factory.mktemp("script")))
    with Client(started.port, token=AGENT) as client:
        begin(client)
    return started


def begin(client):
    shy = documents.condition("shy", query={"provider_id": "shy", "check_id": "ready"})
    spec = documents.scenario("s", [documents.stage("open", None, "ready", "shy")], documents.condition("ready"), shy)
    client.call("scenario_define", {"spec": spec})


def now():
    return time.time_ns() // 1_000_000 - documents.NOW


@pytest.mark.parametrize(("token", "wish"), GRANTED)
def test_a_caller_is_told_what_he_may_know_and_what_he_may_not_is_said(client_of, server, token, wish):
    client, run = client_of(server, token=token), f"{token}-{wish}"
    client.call("scenario_start", documents.start("s", run))
    step = documents.step("s", run, "t-1", now())

    told = client.call("scenario_next", step | ({} if wish is None else {"feedback": wish}))
    again = client.call("scenario_next", step | ({} if wish is None else {"feedback": wish}))

    granted = GRANTED[token, wish]
    expected = None
    if granted is not None:
        level, refused = granted
        expected = {"level": level}
        if refused is not None:
            expected["denied_reason"] = f"feedback level denied (requested={refused}, allowed={level})"
        expected |= {"trace": {"gate_evaluations": gates()}, "evidence": {"gate_records": records()}}.get(level, {})
    assert told.get("feedback") == again.get("feedback") == expected


def gates():
    return [
        {"gate_id": f"open-{name}", "status": "True", "trace": [{"condition_id": name, "status": "True"}]}
        for name in ("ready", "shy")
    ]


def result(*, is_raw):
    """Return evidence as it is told; its hash is told in any case."""
    return {
        "value": VALUE if is_raw else None,
        "lane": "verified",
        "error": None,
        "evidence_hash": {"algorithm": "sha256", "value": TRUE_SHA256},
        "evidence_ref": None,
        "evidence_anchor": None,
        "signature": None,
        "content_type": "application/json" if is_raw else None,
    }


def records():
    """Return what the level of evidence tells; provider ``shy`` has not agreed that its values are told."""
    evidence = [gate["trace"][0] | {"result": result(is_raw=gate["gate_id"] == "open-ready")} for gate in gates()]
    return [
        {"trigger_id": "t-1", "stage_id": "open", "evaluation": gate, "evidence": [entry]}
        for gate, entry in zip(gates(), evidence, strict=True)
    ]


TRACE = {"level": "trace", "gate_evaluations": gates()}
NO_EVIDENCE = TRACE | {"denied_reason": "feedback level denied (requested=evidence, allowed=trace)"}


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ({}, {None: TRACE, "evidence": NO_EVIDENCE}),
        ({"local_only_default": "evidence", "max": "evidence"}, {None: NO_EVIDENCE, "trace": TRACE}),
        (
            {"local_only_default": "summary", "max": "evidence", "evidence_subjects": ["loopback"]},
            {None: None, "evidence": {"level": "evidence", "gate_records": records()}},
        ),
    ],
)
def test_a_local_caller_is_told_traces_unless_the_configuration_says_otherwise(
    serve, client_of, tmp_path, default, expected
):
    client = client_of(serve(disclosing(tmp_path) | {"server": {"feedback": {"scenario_next": default}}}))
    begin(client)
    client.call("scenario_start", documents.start("s", "run-1"))
    step = documents.step("s", "run-1", "t-1")

    told = {
        wish: client.call("scenario_next", step | ({} if wish is None else {"feedback": wish})).get("feedback")
        for wish in expected
    }

    assert told == expected


@pytest.mark.parametrize(
    ("settings", "is_raw"),
    [
        ({}, {"facts": False, "shy": False}),
        ({"allow_raw_values": True}, {"facts": True, "shy": False}),
        ({"allow_raw_values": True, "require_provider_opt_in": False}, {"facts": True, "shy": True}),
    ],
)
def test_a_raw_value_is_told_where_server_and_provider_agree_and_its_hash_always(
    serve, client_of, tmp_path, settings, is_raw
):
    client = client_of(serve(disclosing(tmp_path) | {"server": {}, "evidence": settings}))

    told = {provider: asked(client, provider, "ready") for provider in is_raw}

    assert told == {provider: result(is_raw=raw) for provider, raw in is_raw.items()}
    failure = {"code": "provider_error", "message": "evidence provider error: nobody at home", "details": None}
    nothing = dict.fromkeys(result(is_raw=False))
    assert asked(client, "shy", "broken") == nothing | {"lane": "verified", "error": failure}


def asked(client, provider, check):
    context = {**documents.run_of("run-1"), "scenario_id": "s", "stage_id": "open", "trigger_id": "t"}
    query = {"provider_id": provider, "check_id": check}
    arguments = {"query": query, "context": {**context, "trigger_time": documents.at()}}
    return client.call("evidence_query", arguments)["result"]
