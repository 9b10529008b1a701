"""Iterate over something that blocks, in a thread of its own that keeps nothing alive."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Final, TypeVar

_T = TypeVar("_T")

_AHEAD: Final = 16
"""Items that may wait; then the thread waits, and with it the other side."""


async def from_thread(source: Iterator[_T]) -> AsyncIterator[_T]:
    """Yield what the source yields; an ``OSError`` of the source ends it like its end.

    The thread cannot be stopped while the source blocks; it is a daemon, so the process can.
    """
    queue: asyncio.Queue[_T | _End] = asyncio.Queue(_AHEAD)
    loop = asyncio.get_running_loop()

    def pump() -> None:
        try:
            for item in source:
                asyncio.run_coroutine_threadsafe(queue.put(item), loop).result()
        except OSError:
            pass
        except RuntimeError:
            return  # the loop has ended before the source
        asyncio.run_coroutine_threadsafe(queue.put(_End()), loop)

    threading.Thread(target=pump, name="dg-stdin", daemon=True).start()
    while not isinstance(item := await queue.get(), _End):
        yield item


class _End:
    """Comes after the last item."""
