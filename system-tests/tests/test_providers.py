"""Providers outside the server that lie, are slow, hang or die: their condition is unknown, and nothing else is.

Contract §7.7, deviation X9. One strange provider is asked as a child of the server and as a service.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness import documents
from harness.config import scripted
from harness.external import answering, as_program, as_service
from harness.rpc import Client
from harness.stand_in import standing_in
from harness.waiting import wait_until

PATIENT_MS, DEADLINE_MS = 30_000, 2000
"""What is no question of time has all there is of it: a machine that is busy is not a provider that is slow."""

SLOW = ("hangs", "drips")
TRUE_SHA256 = "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"
NOTHING = {
    "value": None,
    "lane": "verified",
    "error": None,
    "evidence_hash": None,
    "evidence_ref": None,
    "evidence_anchor": None,
    "signature": None,
    "content_type": None,
}
TRUE = NOTHING | {
    "value": {"kind": "json", "value": True},
    "evidence_hash": {"algorithm": "sha256", "value": TRUE_SHA256},
    "content_type": "application/json",
}
ANSWERED = {
    "good": TRUE,
    "other-id": TRUE,
    "more-items": TRUE,
    "as-large-as-may-be": TRUE,
    "chatters": TRUE,
    "asserted": TRUE | {"lane": "asserted"},
    "wrong-hash": TRUE | {"evidence_hash": {"algorithm": "sha256", "value": "0" * 64}},
    "failing-result": NOTHING | {"error": {"code": "x", "message": "no", "details": None}},
}
"""Checks that are taken as the provider says them (contract §2.7, §7.7: ids are not compared)."""

REFUSED = {
    "failing": "the back end is gone",
    "no-result": "missing tool result",
    "no-content": "invalid tool result",
    "empty": "empty tool result",
    "wrong-item": "invalid tool result",
    "wrong-second-item": "invalid tool result",
    "wrong-evidence": "invalid tool result",
    "text": "unexpected text response: ready, I think",
    "no-json": "invalid json-rpc response",
    "no-object": "invalid json-rpc response",
    "twice": "invalid json-rpc response",
    "too-deep": "invalid json-rpc response",
}
"""What is no answer, whatever carries it."""

BROKEN_PROGRAM = {
    "dies": "mcp connection closed",
    "dies-half-way": "mcp connection closed",
    "hangs": f"provider timed out after {DEADLINE_MS} ms",
    "drips": f"provider timed out after {DEADLINE_MS} ms",
    "no-length": "missing content length header",
    "wrong-length": "invalid content length",
    "more-than-asked": "mcp read failed",
    "too-large": "mcp response too large",
}
"""What ends a child; each has one of its own, for it rests before it is started again."""

BROKEN_SERVICE = {
    "dies": "http request failed",
    "dies-half-way": "http response read failed",
    "wrong-length": "http request failed",
    "hangs": "http request timed out",
    "drips": "http request timed out",
    "too-large": "http response too large",
    "redirects": "http request failed with status 307 Temporary Redirect",
    "overloaded": "http request failed with status 503 Service Unavailable",
}


def failed(text):
    message = f"evidence provider error: {text}"
    return NOTHING | {"error": {"code": "provider_error", "message": message, "details": None}}


def evidence(client, provider, check, params=None, **context):
    """Return what ``evidence_query`` tells about one check."""
    query = {"provider_id": provider, "check_id": check} | ({} if params is None else {"params": params})
    about = {**documents.run_of("run-1"), "scenario_id": "tea", "stage_id": "open", "trigger_id": "t-1"}
    where = {**about, "trigger_time": documents.at(), **context}
    return client.call("evidence_query", {"query": query, "context": where})["result"]


@pytest.fixture(scope="module")
def service():
    with standing_in(answering) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("external")


@pytest.fixture(scope="module")
def server(shared_serve, folder, service):
    """A server with the strange provider as a program, as a service, and once for each way to break a child."""
    script = folder / "script.json"
    script.write_text(documents.text(documents.SCRIPT), encoding="utf-8")
    programs = {"program": PATIENT_MS, "program-adds-later": PATIENT_MS} | {
        f"program-{check}": DEADLINE_MS if check in SLOW else PATIENT_MS for check in BROKEN_PROGRAM
    }
    providers = [
        *scripted(script, "facts")["providers"],
        *(as_program(folder, name, deadline_ms) for name, deadline_ms in programs.items()),
        as_service(folder, "service", service.url, PATIENT_MS, auth={"bearer_token": "token-of-the-service"}),
        as_service(folder, "hurried", service.url, DEADLINE_MS),
    ]
    raw = {"allow_raw_values": True, "require_provider_opt_in": False}
    return shared_serve({"providers": providers, "evidence": raw})


@pytest.mark.parametrize("provider", ["program", "service"])
def test_what_a_provider_says_is_taken_as_it_says_it(client_of, server, provider):
    client = client_of(server)

    assert {check: evidence(client, provider, check) for check in ANSWERED} == ANSWERED


@pytest.mark.parametrize("provider", ["program", "service"])
def test_what_is_no_answer_is_a_failure_of_the_provider_in_the_words_of_the_contract(client_of, server, provider):
    client = client_of(server)

    told = {check: evidence(client, provider, check) for check in REFUSED}

    assert told == {check: failed(text) for check, text in REFUSED.items()}
    assert evidence(client, provider, "good") == TRUE


@pytest.mark.parametrize(("check", "text"), BROKEN_PROGRAM.items())
def test_a_program_that_breaks_off_costs_one_answer_and_is_started_again(client_of, server, check, text):
    client, name = client_of(server), f"program-{check}"

    broken = evidence(client, name, check)
    wait_until(lambda: evidence(client, name, "good") == TRUE)

    assert broken == failed(text)


def test_what_a_program_says_unasked_is_never_the_answer_to_another_question(client_of, server, folder):
    client, name = client_of(server), "program-adds-later"

    first = evidence(client, name, "adds-later")
    wait_until((folder / name / "added").exists)
    second = evidence(client, name, "good")
    wait_until(lambda: evidence(client, name, "good") == TRUE)

    assert (first, second) == (TRUE, failed("mcp read failed"))


@pytest.mark.parametrize(("check", "text"), BROKEN_SERVICE.items())
def test_a_service_that_breaks_off_costs_one_answer(client_of, server, check, text):
    client, name = client_of(server), "hurried" if check in SLOW else "service"

    broken = evidence(client, name, check)
    wait_until(lambda: evidence(client, name, "good") == TRUE)

    assert broken == failed(text)


def test_a_step_is_unknown_only_where_the_provider_that_hangs_was_asked(client_of, server):
    client = client_of(server)
    asked = {"a": ("hurried", "hangs"), "b": ("facts", "ready"), "c": ("service", "no-json"), "d": ("service", "good")}
    conditions = [
        documents.condition(name, query={"provider_id": provider, "check_id": check})
        for name, (provider, check) in asked.items()
    ]
    client.call(
        "scenario_define", {"spec": documents.scenario("s", [documents.stage("open", None, *asked)], *conditions)}
    )
    client.call("scenario_start", documents.start("s", "run-1"))

    told = client.call("scenario_next", documents.step("s", "run-1", "t-1"))

    assert told["decision"]["outcome"]["summary"]["unmet_gates"] == ["open-a", "open-c"]
    gates = {gate["gate_id"]: gate["status"] for gate in told["feedback"]["gate_evaluations"]}
    assert gates == {"open-a": "Unknown", "open-b": "True", "open-c": "Unknown", "open-d": "True"}


def test_a_service_is_told_the_token_and_the_correlation_and_a_redirect_tells_nobody(client_of, server, service):
    client = client_of(server)
    service.asked.clear()

    evidence(client, "service", "good", correlation_id="corr-7")
    evidence(client, "service", "redirects")

    first, second = service.asked
    assert (first.method, first.path) == ("POST", "/")
    assert first.headers["authorization"] == "Bearer token-of-the-service"
    assert first.headers["x-correlation-id"] == "corr-7"
    assert "x-correlation-id" not in second.headers


@pytest.mark.parametrize("kind", ["program", "service"])
def test_everybody_else_is_served_while_a_provider_says_nothing(serve, client_of, tmp_path, kind):
    """Nobody's time is measured: the provider answers only after the others have been answered."""
    with standing_in(answering) as service:
        external = [as_program(tmp_path, "program", 30_000), as_service(tmp_path, "service", service.url, 30_000)]
        server = serve({"providers": [*external, *scripted(tmp_path / "script.json", "facts")["providers"]]})
        with Client(server.port) as waiting, ThreadPoolExecutor(1) as pool:
            held = pool.submit(evidence, waiting, kind, "held")
            wait_until(lambda: service.asked or list((tmp_path / "program").glob("held-*")))
            client = client_of(server)
            client.call("scenario_define", {"spec": documents.two_stages()})
            client.call("scenario_start", documents.start("tea", "run-1"))
            passed = client.call("scenario_next", documents.step("tea", "run-1", "t-1"))
            is_ready = client.get("/readyz").status
            is_held = not held.done()
            service.is_released.set()
            (tmp_path / "program/release").touch()
            answered = held.result(timeout=60)

    assert (passed["decision"]["outcome"]["kind"], is_ready, is_held) == ("advance", 200, True)
    assert answered["evidence_hash"]["value"] == TRUE_SHA256


def test_a_service_that_hangs_for_a_crowd_answers_again_when_their_time_is_over(client_of, server):
    """More questions than the service has places; none of them keeps its place beyond its deadline."""

    def ask(check):
        with Client(server.port) as client:
            return evidence(client, "hurried", check)

    with ThreadPoolExecutor(24) as pool:
        crowd = list(pool.map(ask, ["drips", "hangs"] * 12))

    assert not [told for told in crowd if told["error"] is None]
    client = client_of(server)
    wait_until(lambda: evidence(client, "hurried", "good") == TRUE)


def test_a_server_that_is_told_to_stop_leaves_no_child_that_hangs(serve, tmp_path):
    server = serve({"providers": [as_program(tmp_path, "program", DEADLINE_MS)]})
    wait_until(lambda: list((tmp_path / "program").glob("started-*")))
    [child] = [int(path.name.partition("-")[2]) for path in (tmp_path / "program").glob("started-*")]
    with Client(server.port) as client, ThreadPoolExecutor(1) as pool:
        hung = pool.submit(evidence, client, "program", "hangs")
        wait_until(lambda: list((tmp_path / "program").glob("hangs-*")))
        status = server.stop()
        told = hung.result(timeout=60)

    assert (status, told) == (0, failed(f"provider timed out after {DEADLINE_MS} ms"))
    assert not Path(f"/proc/{child}").exists()
