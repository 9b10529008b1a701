"""Many callers at once: each insists on its steps until they are acknowledged, and remembers what it was told."""

import http.client
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import attrs

from harness import documents
from harness.rpc import TIMEOUT_S, Answer, Client

PATIENCE = 3000
"""How often a caller tries one call before it gives up."""

_PAUSE_S = 0.02
_TOGETHER_S = 120.0
_T = TypeVar("_T")


class NeverAcknowledgedError(Exception):
    """A call was tried ``PATIENCE`` times in vain."""


@attrs.frozen(kw_only=True)
class Acknowledged:
    """One step that a server said it has taken."""

    trigger_id: str
    decision: dict[str, Any]
    correlation_id: str


@attrs.define(kw_only=True)
class Caller:
    """One caller: where it calls, and what it was told besides its acknowledgements.

    Attributes:
        port: Which server it calls.
        token: What it presents; none where nobody asks.
        place: Tenant and namespace of its runs, where they are not those of ``documents``.
        refusals: Kind and text of every answer that was an error.
        broken: How many calls ended without an answer.
    """

    port: int
    token: str | None = attrs.field(default=None, repr=False)
    place: Mapping[str, int] = attrs.field(factory=dict)
    refusals: list[tuple[str, str]] = attrs.field(factory=list)
    broken: int = 0

    def client(self, timeout_s: float = TIMEOUT_S) -> Client:
        """Return a connection of its own."""
        return Client(self.port, token=self.token, timeout_s=timeout_s)

    def insist(self, client: Client, tool: str, arguments: Any) -> Answer:  # noqa: ANN401 - a wire value
        """Call until the call succeeds. Raise ``NeverAcknowledgedError``."""
        pause = threading.Event()
        for _ in range(PATIENCE):
            try:
                answer = client.send(tool, arguments)
            except (OSError, http.client.HTTPException):
                self.broken += 1
                pause.wait(_PAUSE_S)
                continue
            if "error" not in answer.json:
                return answer
            _, _, kind, message = answer.error
            self.refusals.append((kind, message))
        raise NeverAcknowledgedError(f"{tool}: {self.refusals[-3:]}, {self.broken} without an answer")

    def step(self, client: Client, scenario_id: str, run_id: str, trigger_id: str) -> Acknowledged:
        """Take one step, however often it must be asked for."""
        answer = self.insist(client, "scenario_next", documents.step(scenario_id, run_id, trigger_id, **self.place))
        (content,) = answer.json["result"]["content"]
        return Acknowledged(
            trigger_id=trigger_id,
            decision=content["json"]["decision"],
            correlation_id=answer.headers["x-server-correlation-id"],
        )


def together(works: Sequence[Callable[[], _T]]) -> list[_T]:
    """Run all *works* at once, each in a thread of its own, all from one moment; return what they return, in order."""
    line = threading.Barrier(len(works))

    def run(work: Callable[[], _T]) -> _T:
        line.wait(_TOGETHER_S)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def all_steps(
    callers: Sequence[Caller], scenario_id: str, run_id: str, steps: int, *, prefix: str = "t"
) -> list[Acknowledged]:
    """Let every caller take so many steps of one run, all callers at once, and return every acknowledgement."""

    def work(number: int, caller: Caller) -> list[Acknowledged]:
        with caller.client() as client:
            return [caller.step(client, scenario_id, run_id, f"{prefix}-{number}-{count}") for count in range(steps)]

    taken = together([lambda pair=pair: work(*pair) for pair in enumerate(callers)])
    return [acknowledged for each in taken for acknowledged in each]
