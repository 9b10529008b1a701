"""How a run goes on: triggers of every kind, timeouts, branches, packets, submissions.

Contract §2.4 to §2.6 and §6.4 to §6.8, deviation S3. What a client reads is compared whole: outcome, packets, status.
"""

import pytest
from harness import documents, pack
from harness.config import scripted
from harness.documents import condition, scenario, stage

LIMIT_MS = 1000
LINEAR, TERMINAL = {"kind": "linear"}, {"kind": "terminal"}
FALSE, UNKNOWN = "no", "dark"
KINDS = ("agent_request_next", "tick", "external_event", "backend_event")
SCRIPT = {
    "answers": {
        "all": {
            "facts/ready": {"result": {"value": {"kind": "json", "value": True}, "content_type": "application/json"}},
            "facts/no": {"result": {"value": {"kind": "json", "value": False}, "content_type": "application/json"}},
            "facts/dark": {"failure": "nobody at home"},
        }
    },
    "otherwise": "all",
}


@pytest.fixture(scope="module")
def server(shared_serve, tmp_path_factory):
    script = tmp_path_factory.mktemp("script") / "script.json"
    script.write_text(documents.text(SCRIPT), encoding="utf-8")
    rules = [
        {"effect": "deny", "target_kinds": ["session"]},
        {"effect": "error", "error_message": "the policy is out", "target_kinds": ["channel"]},
        {"effect": "permit", "target_kinds": ["agent", "external"]},
    ]
    return shared_serve(scripted(script, "facts"), {"policy": {"engine": "static", "static": {"rules": rules}}})


@pytest.fixture
def begin(client_of, server):
    """Return a function that defines a scenario and starts its run, and returns a client."""

    def begun(spec, **config):
        client = client_of(server)
        client.call("scenario_define", {"spec": spec})
        started = client.call("scenario_start", documents.start(spec["scenario_id"], spec["scenario_id"], **config))
        assert started["status"] == "active"
        return client

    return begun


def timed(name, advance, on_timeout, *, limit=LIMIT_MS):
    """Return a scenario whose first stage waits for what never comes, for so long only."""
    timeout = {"timeout_ms": limit, "policy_tags": []}
    waiting = stage("wait", advance, FALSE, timeout=timeout, on_timeout=on_timeout)
    return scenario(name, [waiting, stage("late"), stage("other")], condition(FALSE))


def branch(*rules, default=None):
    """Return where a stage leads: to the stage of the first rule (gate, outcome, stage) that holds."""
    branches = [{"gate_id": gate, "outcome": outcome, "next_stage_id": to} for gate, outcome, to in rules]
    return {"kind": "branch", "branches": branches, "default": default}


def outcome(answer):
    return answer["decision"]["outcome"]


def hold(*gates):
    summary = {"status": "hold", "unmet_gates": list(gates), "retry_hint": "await_evidence", "policy_tags": []}
    return {"kind": "hold", "summary": summary}


def advance(there, onward, *, timeout=False):
    return {"kind": "advance", "from_stage": there, "to_stage": onward, "timeout": timeout}


@pytest.mark.parametrize("kind", KINDS)
def test_a_trigger_of_any_kind_is_recorded_as_it_came_and_decides(begin, server, kind):
    client = begin(documents.two_stages(kind))
    payload = {"kind": "json", "value": {"é": [1, 2.5, None], "big": 2**63}}
    trigger = documents.tick(kind, kind, "t-1", 5, kind=kind, payload=payload, correlation_id="corr-1")

    answer = client.call("scenario_trigger", trigger)
    folder = server.folder.parent / kind
    client.call("runpack_export", documents.export(kind, kind, str(folder)))

    assert answer == {
        "decision": {
            "decision_id": "decision-1",
            "seq": 1,
            "trigger_id": "t-1",
            "stage_id": "open",
            "decided_at": documents.at(5),
            "outcome": advance("open", "done"),
            "correlation_id": "corr-1",
        },
        "packets": [],
        "status": "active",
    }
    assert pack.log(folder, "triggers") == [{"seq": 1, "event": trigger["trigger"]}]


@pytest.mark.parametrize("on_timeout", ["fail", "advance_with_flag", "alternate_branch"])
@pytest.mark.parametrize("kind", KINDS)
def test_only_a_tick_ends_a_stage_whose_time_is_over_and_not_before(begin, on_timeout, kind):
    name = f"over-{on_timeout}-{kind}"
    client = begin(timed(name, LINEAR, on_timeout))

    early = client.call("scenario_trigger", documents.tick(name, name, "t-1", LIMIT_MS - 1, kind=kind))
    late = client.call("scenario_trigger", documents.tick(name, name, "t-2", LIMIT_MS, kind=kind))

    expected = {"kind": "fail", "reason": "timeout"} if on_timeout == "fail" else advance("wait", "late", timeout=True)
    held = hold(f"wait-{FALSE}")
    assert (outcome(early), outcome(late)) == (held, expected if kind == "tick" else held)
    assert late["status"] == ("failed" if kind == "tick" and on_timeout == "fail" else "active")


@pytest.mark.parametrize(
    ("on_timeout", "there", "expected"),
    [
        ("advance_with_flag", TERMINAL, {"kind": "complete", "stage_id": "wait"}),
        ("alternate_branch", TERMINAL, {"kind": "complete", "stage_id": "wait"}),
        ("advance_with_flag", {"kind": "fixed", "stage_id": "wait"}, advance("wait", "wait", timeout=True)),
        (
            "advance_with_flag",
            branch((f"wait-{FALSE}", "true", "late"), default="other"),
            advance("wait", "late", timeout=True),
        ),
        (
            "alternate_branch",
            branch((f"wait-{FALSE}", "true", "late"), (f"wait-{FALSE}", "unknown", "other")),
            advance("wait", "other", timeout=True),
        ),
        ("alternate_branch", branch(default="other"), advance("wait", "other", timeout=True)),
    ],
)
def test_a_stage_whose_time_is_over_leads_where_it_says(begin, request, on_timeout, there, expected):
    name = request.node.name
    client = begin(timed(name, there, on_timeout))

    ticked = client.call("scenario_trigger", documents.tick(name, name, "t-1", LIMIT_MS))

    assert outcome(ticked) == expected


def test_times_of_two_kinds_are_not_compared_and_the_trigger_may_come_again(begin):
    client = begin(timed("kinds", LINEAR, "fail"))
    logical = {"kind": "logical", "value": 5}
    trigger = documents.tick("kinds", "kinds", "t-1")

    mixed = client.send("scenario_trigger", {**trigger, "trigger": trigger["trigger"] | {"time": logical}})
    again = client.call("scenario_trigger", documents.tick("kinds", "kinds", "t-1", LIMIT_MS))

    text = "trigger time kind mismatch: timeout evaluation requires matching timestamp kinds"
    assert mixed.error == (200, -32030, "control_plane", text)
    assert outcome(again) == {"kind": "fail", "reason": "timeout"}


def test_a_run_by_logical_time_is_over_by_logical_time(client_of, server):
    client = client_of(server)
    client.call("scenario_define", {"spec": timed("logical", LINEAR, "fail")})
    start = documents.start("logical", "logical") | {"started_at": {"kind": "logical", "value": 10}}
    client.call("scenario_start", start)

    def ticked(value):
        trigger = documents.tick("logical", "logical", f"t-{value}")
        event = trigger["trigger"] | {"time": {"kind": "logical", "value": value}}
        return outcome(client.call("scenario_trigger", {**trigger, "trigger": event}))

    assert (ticked(10 + LIMIT_MS - 1), ticked(10 + LIMIT_MS)) == (
        hold(f"wait-{FALSE}"),
        {"kind": "fail", "reason": "timeout"},
    )


@pytest.mark.parametrize(
    ("gates", "there", "expected"),
    [
        (["ready"], branch(("open-ready", "true", "one"), default="two"), advance("open", "one")),
        (["ready"], branch(("open-ready", "false", "one"), default="two"), advance("open", "two")),
        (["ready"], branch(("elsewhere", "unknown", "one"), default="two"), advance("open", "one")),
        (["ready", FALSE], branch((f"open-{FALSE}", "false", "one"), default="two"), hold(f"open-{FALSE}")),
        (["ready", UNKNOWN], branch((f"open-{UNKNOWN}", "unknown", "one")), hold(f"open-{UNKNOWN}")),
        (
            ["ready", FALSE],
            branch((f"open-{FALSE}", "false", "one")) | {"route_unmet": True},
            advance("open", "one"),
        ),
        (
            ["ready", UNKNOWN],
            branch((f"open-{UNKNOWN}", "false", "one"), (f"open-{UNKNOWN}", "unknown", "two")) | {"route_unmet": True},
            advance("open", "two"),
        ),
        ([], LINEAR, advance("open", "one")),
        ([], TERMINAL, {"kind": "complete", "stage_id": "open"}),
        ([FALSE, UNKNOWN], TERMINAL, hold(f"open-{FALSE}", f"open-{UNKNOWN}")),
    ],
)
def test_a_stage_leads_where_its_gates_and_its_branches_say(begin, request, gates, there, expected):
    name = request.node.name
    stages = [stage("open", there, *gates), stage("one"), stage("two")]
    client = begin(scenario(name, stages, *(condition(each) for each in ("ready", FALSE, UNKNOWN))))

    told = client.call("scenario_next", documents.step(name, name, "t-1"))

    assert outcome(told) == expected


def test_a_branch_that_leads_nowhere_refuses_the_call_and_writes_nothing(begin):
    stages = [stage("open", branch(("open-ready", "false", "one")), "ready"), stage("one")]
    client = begin(scenario("nowhere", stages, condition("ready")))

    refused = client.send("scenario_next", documents.step("nowhere", "nowhere", "t-1"))
    status = client.call("scenario_status", documents.status("nowhere", "nowhere"))

    assert refused.error == (200, -32030, "control_plane", "gate resolution failed: no branch matched")
    assert (status["last_decision"], status["status"]) == (None, "active")


def packets(*payloads):
    """Return packets of a stage, one for each payload."""
    shared = {"schema_id": "note", "content_type": "application/json", "policy_tags": ["p"], "expiry": None}
    return [
        {**shared, "packet_id": f"packet-{number}", "visibility_labels": ["team"], "payload": payload}
        for number, payload in enumerate(payloads)
    ]


PAYLOADS = (
    {"kind": "json", "value": {"b": 1, "a": None}},
    {"kind": "bytes", "bytes": [0, 255]},
    {
        "kind": "external",
        "content_ref": {
            "uri": "https://example.org/x",
            "content_hash": {"algorithm": "sha256", "value": "a" * 64},
            "encryption": None,
        },
    },
)
HASHES = (
    "c0bf82ad036cb0a5a03d6759c1b7b8b1f70a39b32dd96ed3977c7f2831ee3b56",
    "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8",
    "a" * 64,
)


def issuing(name, *payloads):
    stages = [stage("open", LINEAR, "ready"), stage("done", entry_packets=packets(*payloads))]
    return scenario(name, stages, condition("ready"))


def test_the_packets_of_a_stage_are_issued_when_it_is_entered_to_every_target(begin):
    targets = [{"kind": "agent", "agent_id": "a"}, {"kind": "external", "system": "s", "target": "t"}]
    client = begin(issuing("issuing", *PAYLOADS), dispatch_targets=targets)

    told = client.call("scenario_next", documents.step("issuing", "issuing", "t-1", 3, correlation_id="corr-1"))
    again = client.call("scenario_next", documents.step("issuing", "issuing", "t-1", 9))
    status = client.call("scenario_status", documents.status("issuing", "issuing"))

    assert [packet["payload"] for packet in told["packets"]] == list(PAYLOADS)
    first = told["packets"][0]
    assert first["envelope"] == {
        "scenario_id": "issuing",
        "run_id": "issuing",
        "stage_id": "done",
        "packet_id": "packet-0",
        "schema_id": "note",
        "content_type": "application/json",
        "content_hash": first["envelope"]["content_hash"],
        "visibility": {"labels": ["team"], "policy_tags": ["p"]},
        "expiry": None,
        "correlation_id": "corr-1",
        "issued_at": documents.at(3),
    }
    assert [packet["envelope"]["content_hash"]["value"] for packet in told["packets"]] == list(HASHES)
    assert [[receipt["target"] for receipt in packet["receipts"]] for packet in told["packets"]] == [targets] * 3
    assert [receipt["dispatch_id"] for receipt in first["receipts"]] == ["mcp-packet-0"] * 2
    assert {packet["decision_id"] for packet in told["packets"]} == {"decision-1"}
    assert (again["packets"], again["decision"]) == (told["packets"], told["decision"])
    assert status["issued_packet_ids"] == ["packet-0", "packet-1", "packet-2"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"kind": "session", "session_id": "s"}, "policy denied disclosure"),
        ({"kind": "channel", "channel": "c"}, "policy decision error: the policy is out"),
    ],
)
def test_a_disclosure_that_the_policy_refuses_fails_the_run_and_issues_nothing(begin, target, reason):
    name = f"refused-{target['kind']}"
    agent = {"kind": "agent", "agent_id": "a"}
    client = begin(issuing(name, *PAYLOADS), dispatch_targets=[agent, target])

    told = client.call("scenario_next", documents.step(name, name, "t-1"))
    later = client.call("scenario_next", documents.step(name, name, "t-2"))

    assert (outcome(told), told["packets"], told["status"]) == ({"kind": "fail", "reason": reason}, [], "failed")
    assert later["decision"] == told["decision"]


def test_a_start_whose_packets_the_policy_refuses_is_none(client_of, server):
    client = client_of(server)
    client.call(
        "scenario_define",
        {"spec": scenario("unstarted", [stage("open", entry_packets=packets(*PAYLOADS))])},
    )
    start = documents.start("unstarted", "unstarted", dispatch_targets=[{"kind": "session", "session_id": "s"}])

    refused = client.send("scenario_start", start | {"issue_entry_packets": True})
    status = client.send("scenario_status", documents.status("unstarted", "unstarted"))

    assert refused.error == (200, -32030, "control_plane", "policy denied disclosure")
    assert status.error == (200, -32030, "control_plane", "run not found: unstarted")


@pytest.mark.parametrize(
    ("payload", "digest"), list(zip(PAYLOADS, HASHES, strict=True)), ids=["json", "bytes", "external"]
)
def test_a_submission_is_kept_once_with_the_hash_of_its_content_also_after_the_end(begin, payload, digest):
    name = f"submitted-{payload['kind']}"
    client = begin(scenario(name, [stage("open")]))
    client.call("scenario_next", documents.step(name, name, "t-1"))
    submission = documents.submission(name, name, "s-1", None)
    request = submission["request"] | {"payload": payload, "correlation_id": "corr-1"}

    kept = client.call("scenario_submit", submission | {"request": request})
    again = client.call("scenario_submit", submission | {"request": request | {"submitted_at": documents.at(9)}})
    other = client.send("scenario_submit", submission | {"request": request | {"content_type": "text/plain"}})

    record = {
        "submission_id": "s-1",
        "run_id": name,
        "payload": payload,
        "content_type": "application/json",
        "content_hash": {"algorithm": "sha256", "value": digest},
        "submitted_at": documents.at(),
        "correlation_id": "corr-1",
    }
    assert (kept, again) == ({"record": record}, {"record": record})
    assert other.error == (200, -32009, "conflict", "submission_id conflict: s-1")


def test_a_run_that_is_over_tells_its_last_decision_to_whatever_trigger(begin):
    client = begin(scenario("over", [stage("open")]))

    last = client.call("scenario_next", documents.step("over", "over", "t-1", 1))
    later = [
        client.call("scenario_trigger", documents.tick("over", "over", f"later-{kind}", 9, kind=kind)) for kind in KINDS
    ]

    assert (outcome(last), last["status"]) == ({"kind": "complete", "stage_id": "open"}, "completed")
    expected = {"decision": last["decision"], "packets": [], "status": "completed"}
    assert later == [expected] * len(KINDS)
