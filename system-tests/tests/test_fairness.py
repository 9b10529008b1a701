"""One tenant at full load is not felt by another: places and turns are counted by tenant."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import documents
from harness.config import scripted
from harness.rpc import Client

PLACES = 4
OTHER = documents.TENANT + 1
WAIT_S = 60
LISTING = {"tenant_id": OTHER, "namespace_id": documents.NAMESPACE}


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def test_a_tenant_that_fills_the_server_is_refused_more_and_leaves_another_room(serve, tmp_path):
    """Its questions wait for a provider that does not answer; another tenant is answered meanwhile."""
    asked, until = tmp_path / "asked", tmp_path / "until"
    script = tmp_path / "script.json"
    server = serve(
        {"server": {"limits": {"max_inflight": PLACES}}},
        scripted(script, "facts", asked=str(asked), until=str(until)),
    )

    def step(number: int) -> str:
        with Client(server.port) as caller:
            caller.call("scenario_start", documents.start("tea", f"run-{number}"))
            return str(caller.call("scenario_next", documents.step("tea", f"run-{number}", "first"))["status"])

    with Client(server.port) as author, Client(server.port) as other, ThreadPoolExecutor(PLACES) as callers:
        author.call("scenario_define", {"spec": documents.two_stages()})
        other.call("scenarios_list", LISTING)
        steps = [callers.submit(step, number) for number in range(PLACES)]
        pause = threading.Event()
        for _ in range(int(WAIT_S / 0.02)):
            if lines_of(asked) == PLACES:
                break
            pause.wait(0.02)
        full = lines_of(asked)
        refused = author.send("scenarios_list", {**LISTING, "tenant_id": documents.TENANT})
        answered = [other.send("scenarios_list", LISTING).status for _ in range(10)]
        until.touch()
        taken = [step.result(WAIT_S) for step in steps]

    assert full == PLACES
    assert refused.error == (503, -32072, "inflight_limit", "server overloaded")
    assert answered == [200] * 10
    assert taken == ["active"] * PLACES
