"""The place that a message holds among the requests in work."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from decision_gate.mcp.transport.admission import Admission
from decision_gate.mcp.transport.mcp.passage import Permit, in_thread
from decision_gate.mcp.transport.shares import ShareName

WAIT_SECONDS = 60


def test_a_place_is_held_until_the_last_holder_lets_go():
    admission = Admission(max_inflight=1)
    permit = Permit(admission=admission, place=admission.admit(ShareName("peer", "one")))

    permit.hold()
    permit.release()
    held = admission.inflight
    permit.release()

    assert (held, admission.inflight) == (1, 0)


def test_work_whose_client_has_gone_finishes_and_keeps_its_place_until_then():
    admission = Admission(max_inflight=1)
    permit = Permit(admission=admission, place=admission.admit(ShareName("peer", "one")))
    may_end, has_begun, done = threading.Event(), threading.Event(), []

    def commit():
        has_begun.set()
        assert may_end.wait(WAIT_SECONDS)
        done.append("committed")

    async def hang_up(pool):
        work = asyncio.create_task(in_thread(pool, permit, commit))
        await asyncio.to_thread(has_begun.wait, WAIT_SECONDS)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        permit.release()
        during = admission.inflight
        may_end.set()
        await asyncio.to_thread(pool.shutdown)
        await asyncio.sleep(0)  # lets the loop see that the thread has ended
        return during

    with ThreadPoolExecutor(1) as pool:
        during = asyncio.run(asyncio.wait_for(hang_up(pool), WAIT_SECONDS))

    assert (during, done, admission.inflight) == (1, ["committed"], 0)
