"""Iterate over something that blocks, in a thread of its own that keeps nothing alive."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Final, TypeVar

_T = TypeVar("_T")

_AHEAD: Final = 16
"""Items that may wait; then the thread waits, and with it the other side."""


class _End:
    """Comes after the last item."""


async def from_thread(source: Iterator[_T]) -> AsyncGenerator[_T]:
    """Yield what the source yields; an ``OSError`` of the source ends it like its end.

    The thread cannot be stopped while the source blocks; it is a daemon, so the process can.
    """
    queue: asyncio.Queue[_T | _End] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    room = threading.Semaphore(_AHEAD)
    ended = threading.Event()

    def hand_over(item: _T | _End) -> bool:
        room.acquire()
        if ended.is_set():
            return False
        try:
            loop.call_soon_threadsafe(queue.put_nowait, item)
        except RuntimeError:  # the loop was closed in this very moment
            return False
        return True

    def pump() -> None:
        try:
            for item in source:
                if not hand_over(item):
                    return
        except OSError:
            pass  # nobody writes any more
        hand_over(_End())

    threading.Thread(target=pump, name="dg-stdin", daemon=True).start()
    try:
        while not isinstance(item := await queue.get(), _End):
            room.release()
            yield item
    finally:
        ended.set()
        room.release()
