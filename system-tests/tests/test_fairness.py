"""One tenant at full load is not felt by another: places and turns are counted by tenant."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import documents
from harness.config import scripted
from harness.rpc import Client
from harness.waiting import wait_until

PLACES = 4
OTHER = documents.TENANT + 1
WAIT_S = 60
LISTING = {"tenant_id": OTHER, "namespace_id": documents.NAMESPACE}
# Known by what they show: a connection that was idle for a while is another one, and nobody's yet.
BUSY, QUIET = "token-of-a-busy-tenant", "token-of-a-quiet-one"


def admin(token: str) -> dict[str, object]:
    return {"subject": f"token:{hashlib.sha256(token.encode()).hexdigest()}", "roles": [{"name": "TenantAdmin"}]}


AUTH = {"mode": "bearer_token", "bearer_tokens": [BUSY, QUIET], "principals": [admin(BUSY), admin(QUIET)]}


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def test_a_tenant_that_fills_the_server_is_refused_more_and_leaves_another_room(serve, tmp_path):
    """Its questions wait for a provider that does not answer; another tenant is answered meanwhile."""
    asked, until = tmp_path / "asked", tmp_path / "until"
    script = tmp_path / "script.json"
    server = serve(
        {"server": {"limits": {"max_inflight": PLACES}, "auth": AUTH}, "time": {"source": "caller"}},
        scripted(script, "facts", asked=str(asked), until=str(until)),
    )

    def step(number: int) -> str:
        with Client(server.port, token=BUSY) as caller:
            caller.call("scenario_start", documents.start("tea", f"run-{number}"))
            return str(caller.call("scenario_next", documents.step("tea", f"run-{number}", "first"))["status"])

    author, other = Client(server.port, token=BUSY), Client(server.port, token=QUIET)
    with author, other, ThreadPoolExecutor(PLACES) as callers:
        author.call("scenario_define", {"spec": documents.two_stages()})
        other.call("scenarios_list", LISTING)
        steps = [callers.submit(step, number) for number in range(PLACES)]
        wait_until(lambda: lines_of(asked) == PLACES)
        refused = author.send("scenarios_list", {**LISTING, "tenant_id": documents.TENANT})
        answered = [other.send("scenarios_list", LISTING).status for _ in range(10)]
        until.touch()
        taken = [step.result(WAIT_S) for step in steps]

    assert refused.error == (503, -32072, "inflight_limit", "server overloaded")
    assert answered == [200] * 10
    assert taken == ["active"] * PLACES
