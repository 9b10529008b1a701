"""A provider that is a child process: framed, bounded, killed when it hangs and started again (contract §7.7, X9)."""

import sys
import textwrap
import threading
import time
from contextlib import closing, suppress

import pytest

from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.circuit import Circuit
from decision_gate.mcp.evidence.external.child_process import ChildProcess, ProviderNotStartedError

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(7),
)
FRAMES = """
import json, os, sys, time
reader, writer = sys.stdin.buffer, sys.stdout.buffer
def ask():
    length = int(reader.readline().split(b":")[1])
    reader.readline()
    return json.loads(reader.read(length))
def say(value):
    result = {"content": [{"type": "json", "json": {"value": {"kind": "json", "value": value}}}]}
    frame(json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode())
def frame(body):
    writer.write(b"X-Other: 1\\r\\nContent-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
    writer.flush()
"""
ECHO = """
while True:
    say(ask()["params"]["arguments"]["query"].get("params"))
"""


class Clock:
    """A clock that only moves when it is told to, beyond what really passes."""

    def __init__(self):
        self.ahead = 0.0

    def __call__(self):
        return time.monotonic() + self.ahead


def child(script, deadline_ms=60_000, clock=None):
    return closing(
        ChildProcess(
            [sys.executable, "-c", FRAMES + textwrap.dedent(script)],
            deadline_ms=deadline_ms,
            monotonic=clock or Clock(),
        )
    )


def ask(provider, params=None):
    return provider.query(EvidenceQuery(provider_id="ext", check_id="v", params=params), CONTEXT)


def answer_after_a_pause(provider, clock):
    """Ask once the pause is over; a child that this machine is too slow to start in time is started again."""
    clock.ahead += 31.0
    with suppress(EvidenceProviderFailureError):
        return ask(provider)
    return None


def wait_until(holds):
    pause = threading.Event()
    for _ in range(6000):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError


def failure_of(provider):
    with pytest.raises(EvidenceProviderFailureError) as failure:
        ask(provider)
    return failure.value.message


def test_a_child_answers_question_after_question_also_longer_than_a_pipe_holds():
    long = "x" * 300_000
    with child(ECHO) as provider:
        assert [ask(provider, params) for params in (1, long, "again")] == [
            EvidenceResult(value=JsonEvidence(value=value)) for value in (1, long, "again")
        ]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("ask(); sys.exit(3)", "mcp connection closed"),
        (
            "ask(); writer.write(b'Content-Length: x\\r\\n\\r\\n'); writer.flush(); time.sleep(60)",
            "invalid content length",
        ),
        ("ask(); writer.write(b'A: b\\r\\n\\r\\n'); writer.flush(); time.sleep(60)", "missing content length header"),
        ("ask(); writer.write(b'a' * 9000); writer.flush(); time.sleep(60)", "missing content length header"),
        (
            "ask(); writer.write(b'Content-Length: 1048577\\r\\n\\r\\n'); writer.flush(); time.sleep(60)",
            "mcp response too large",
        ),
        ("ask(); frame(b'{'); time.sleep(60)", "invalid json-rpc response"),
    ],
)
def test_what_is_no_answer_is_a_failure_in_the_words_of_the_contract(script, message):
    with child(script) as provider:
        assert failure_of(provider) == message


def test_a_child_that_hangs_is_killed_and_started_again_after_a_pause(tmp_path):
    clock, seen = Clock(), tmp_path / "seen"
    script = f"""
    first = not os.path.exists({str(seen)!r})
    open({str(seen)!r}, "w").close()
    ask()
    if first:
        time.sleep(60)
    say("back")
    time.sleep(60)
    """
    with child(script, deadline_ms=1500, clock=clock) as provider:
        wait_until(seen.exists)
        timed_out, resting = failure_of(provider), failure_of(provider)
        answered = next(filter(None, (answer_after_a_pause(provider, clock) for _ in range(30))))

    assert timed_out == "provider timed out after 1500 ms"
    assert resting == "mcp process exited: signal: 9 (SIGKILL)"
    assert answered == EvidenceResult(value=JsonEvidence(value="back"))


@pytest.mark.parametrize(
    ("command", "message"),
    [([], "mcp command is empty"), (["/no/such/program"], "failed to spawn mcp provider")],
)
def test_a_command_that_cannot_run_stops_the_start(command, message):
    with pytest.raises(ProviderNotStartedError) as failure:
        ChildProcess(command, deadline_ms=500)

    assert str(failure.value) == message


MORTAL = """
while True:
    value = ask()["params"]["arguments"]["query"].get("params")
    if value == "die":
        sys.exit(3)
    say(value)
"""


def test_the_circuit_opens_with_a_failure_and_closes_with_the_answer_after_the_pause():
    """Deviation X9."""
    clock = Clock()
    with child(MORTAL, deadline_ms=60_000, clock=clock) as provider:
        states = [provider.circuit()]
        ask(provider, 1)
        states.append(provider.circuit())
        with pytest.raises(EvidenceProviderFailureError):
            ask(provider, "die")
        states.append(provider.circuit())
        clock.ahead = 31.0
        states.append(provider.circuit())
        ask(provider, 2)
        states.append(provider.circuit())

    assert states == [Circuit.CLOSED, Circuit.CLOSED, Circuit.OPEN, Circuit.HALF_OPEN, Circuit.CLOSED]


def test_the_circuit_of_a_child_that_hung_up_by_itself_opens_at_the_next_question():
    # It does not end: one that is found dead before the question is only started again.
    with child("ask(); say(1); os.close(1); time.sleep(60)", deadline_ms=60_000) as provider:
        ask(provider)
        failure_of(provider)

        assert provider.circuit() is Circuit.OPEN


def test_what_a_child_says_unasked_is_never_the_answer_to_another_question(tmp_path):
    """Response ids are not compared (contract §7.7), so a second answer would shift all that follow."""
    clock, told, said = Clock(), tmp_path / "told", tmp_path / "said"
    script = f"""
    while True:
        ask()
        say("right")
        while not os.path.exists({str(told)!r}):
            time.sleep(0.01)
        if not os.path.exists({str(said)!r}):
            say("late")
            open({str(said)!r}, "w").close()
    """
    with child(script, clock=clock) as provider:
        first = ask(provider)
        told.touch()
        wait_for(said)
        shifted = failure_of(provider)
        clock.ahead = 31.0
        later = [ask(provider) for _ in range(2)]

    assert (first, later) == (EvidenceResult(value=JsonEvidence(value="right")), [first, first])
    assert shifted == "mcp read failed"


def wait_for(path):
    pause = threading.Event()
    for _ in range(1000):
        if path.exists():
            return
        pause.wait(0.01)
    raise TimeoutError(path)
