"""How many requests are worked on at once, and whose: one sender at full load must not be felt by the others.

Requests are counted by *share*: what a sender turned out to be, a tenant mostly (see ``shares``). While only one share
is there it may have everything, exactly as the contract's limit says (contract §1.7). As soon as there are others,

* each share has at most ``BESIDE_OTHERS`` requests in work, and its further ones wait, without a thread: the work of
  one process is done by one interpreter, so what runs beside a request is what it waits for;
* a full server still takes requests of a share that holds less than an equal part, into a quarter of places more.

Both rules count and never look at a clock. A share is there while one of its requests is, and a tenant's for
``REMEMBERED`` admissions more: a quiet tenant is not met by a burst each time it comes back. What only waits for a
provider does not count as in work. Used on the event loop only, so nothing needs a lock.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final, TypeVar

import attrs

from decision_gate.mcp.errors import ServerOverloadedError
from decision_gate.mcp.transport.shares import ShareName
from decision_gate.mcp.waiting import Counter, counted

_T = TypeVar("_T")

BESIDE_OTHERS: Final = 2
"""Requests of one share in work at a time while others are there: one computes while one is at its disk."""

REMEMBERED: Final = 1024
"""Admissions for which a tenant's share is remembered after its last."""


@attrs.define(kw_only=True)
class _Share:
    """The requests of one sender: all it holds, those in work, and those that wait for their turn in order."""

    name: ShareName
    seen: int = 0
    holding: int = 0
    running: int = 0
    waiting: "deque[Place]" = attrs.field(factory=deque)


@attrs.define(kw_only=True, eq=False)
class Place:
    """The place of one request; ``leave`` it once. ``turn`` is done when the request may be worked on."""

    share: ShareName
    turn: asyncio.Event = attrs.field(factory=asyncio.Event)
    is_resting: bool = False


@attrs.define(kw_only=True)
class Admission:
    """Hands out places; see the module."""

    max_inflight: int
    inflight: int = attrs.field(default=0, init=False)
    _count: int = attrs.field(default=0, init=False)
    _shares: OrderedDict[ShareName, _Share] = attrs.field(factory=OrderedDict, init=False)

    def admit(self, name: ShareName) -> Place:
        """Take one place for a request of a share, without waiting for its turn.

        Raises:
            ServerOverloadedError: None is free.
        """
        self._forget()
        if self.inflight >= self.max_inflight and not self._is_owed(name):
            raise ServerOverloadedError
        self._count += 1
        share = self._shares.get(name)
        if share is None:
            share = self._shares[name] = _Share(name=name)
        else:
            self._shares.move_to_end(name)
        share.seen = self._count
        share.holding += 1
        self.inflight += 1
        place = Place(share=name)
        if self._may_run(share):
            self._run(share, place)
        else:
            share.waiting.append(place)
        return place

    async def enter(self, name: ShareName) -> Place:
        """Take one place and wait for its turn; who is cancelled meanwhile has none.

        Raises:
            ServerOverloadedError: None is free.
        """
        place = self.admit(name)
        if not place.turn.is_set():
            try:
                await place.turn.wait()
            except asyncio.CancelledError:
                self.leave(place)
                raise
        return place

    def leave(self, place: Place) -> None:
        """Give a place back; the next of its share has its turn."""
        share = self._shares[place.share]
        share.holding -= 1
        self.inflight -= 1
        if not place.turn.is_set():
            share.waiting.remove(place)
        elif not place.is_resting:
            share.running -= 1
        if not share.holding and not share.name.is_tenant:
            del self._shares[share.name]
            self._let_the_only_one()
        self._next(share)

    def rest(self, place: Place) -> None:
        """Count a request out of those in work while it waits for somebody else; its place stays."""
        if not place.is_resting:
            place.is_resting = True
            share = self._shares[place.share]
            share.running -= 1
            self._next(share)

    def resume(self, place: Place) -> None:
        """Count it in again; it goes on at once, for it may hold what others wait for."""
        if place.is_resting:
            place.is_resting = False
            self._shares[place.share].running += 1

    def _next(self, share: _Share) -> None:
        while share.waiting and self._may_run(share):
            self._run(share, share.waiting.popleft())

    def _run(self, share: _Share, place: Place) -> None:
        share.running += 1
        place.turn.set()

    def _may_run(self, share: _Share) -> bool:
        return len(self._shares) == 1 or share.running < BESIDE_OTHERS

    def _is_owed(self, name: ShareName) -> bool:
        """Tell whether a full server takes a request: its share holds less than its part, and others hold the rest."""
        share = self._shares.get(name)
        others = len(self._shares) - (share is not None)
        if others == 0 or self.inflight >= self.most:
            return False
        return (0 if share is None else share.holding) < max(1, self.max_inflight // (others + 1))

    @property
    def most(self) -> int:
        """The most requests that can be in flight, whoever sends them."""
        return self.max_inflight + max(1, self.max_inflight // 4)

    def _forget(self) -> None:
        """Drop the shares that are gone; the first is the one that was admitted longest ago."""
        while self._shares:
            name, share = next(iter(self._shares.items()))
            if share.seen > self._count - REMEMBERED:
                break
            if share.holding:
                share.seen = self._count
                self._shares.move_to_end(name)
            else:
                del self._shares[name]
        self._let_the_only_one()

    def _let_the_only_one(self) -> None:
        if len(self._shares) == 1:
            self._next(next(iter(self._shares.values())))


async def in_work(
    pool: Executor, admission: Admission, place: Place, work: Callable[[], _T], ended: Callable[[], None]
) -> _T:
    """Do the work of a place in a thread; while it waits inside ``waiting``, the place rests.

    A commit that has begun is finished: who is cancelled leaves its thread, and its place, until the work ends. Then
    ``ended`` is called on the event loop, whether or not somebody still waits for the result.
    """
    loop = asyncio.get_running_loop()
    # One future that the thread completes itself: those of ``run_in_executor`` and ``shield``, chained, cost twice it.
    result: asyncio.Future[_T] = loop.create_future()

    def tell(step: Callable[..., None], *about: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed in this very moment: nobody counts any more
            loop.call_soon_threadsafe(step, *about)

    def finish(give: Callable[[Any], None], outcome: object) -> None:
        ended()
        if not result.done():
            give(outcome)

    def perform() -> None:
        try:
            with counted(counter):
                outcome = work()
        except BaseException as error:  # noqa: BLE001 - whatever it was, it is raised where the result is awaited
            tell(finish, result.set_exception, error)
        else:
            tell(finish, result.set_result, outcome)

    counter = Counter(rest=partial(tell, admission.rest, place), resume=partial(tell, admission.resume, place))
    pool.submit(perform)
    return await result
