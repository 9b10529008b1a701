"""One message on its way through the SDK, and the place among the requests in work that it holds."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import attrs

from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.transport.admission import Admission, Place, in_work

_T = TypeVar("_T")

STATE_KEY = "decision_gate.passage"
"""Key of an ASGI scope under which a handler finds the passage of its request."""


@attrs.define(kw_only=True)
class Permit:
    """A place among ``server.limits.max_inflight``: given back when neither the request nor a thread needs it.

    A client that hangs up ends its request at once, but a thread that has begun to commit finishes; only then is there
    room for another. Used on the event loop only. Whoever makes it holds it once.
    """

    admission: Admission
    place: Place
    holders: int = attrs.field(default=1, init=False)

    def hold(self) -> None:
        """Hold the place once more."""
        self.holders += 1

    def release(self) -> None:
        """End one hold."""
        self.holders -= 1
        if self.holders == 0:
            self.admission.leave(self.place)


@attrs.define(kw_only=True)
class Passage:
    """What a handler needs to know about its message.

    Attributes:
        request: Where it came from and who sent it.
        permit: Its place.
        body_bytes: Its size.
        is_told: Whether a handler has kept the books of it.
    """

    request: RequestContext
    permit: Permit
    body_bytes: int
    is_told: bool = False


async def in_thread(pool: Executor, permit: Permit, work: Callable[[], _T]) -> _T:
    """Do blocking work in a thread; when the caller is cancelled the work still finishes, and keeps its place."""
    permit.hold()
    return await in_work(pool, permit.admission, permit.place, work, permit.release)
