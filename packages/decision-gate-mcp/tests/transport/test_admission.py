"""Whose turn it is: one sender at full load is not felt by the others, and alone it has everything (contract §1.7)."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from decision_gate.mcp.errors import ServerOverloadedError
from decision_gate.mcp.transport.admission import BESIDE_OTHERS, REMEMBERED, Admission, in_work
from decision_gate.mcp.transport.shares import ShareName
from decision_gate.mcp.waiting import waiting

A, B, C = (ShareName("tenant", name) for name in "ABC")
STRANGER = ShareName("peer", "10.0.0.1")
WAIT_SECONDS = 60


def admitted(admission, share, count):
    return [admission.admit(share) for _ in range(count)]


def in_turn(places):
    return [place.turn.is_set() for place in places]


def overloaded(admission, share):
    with pytest.raises(ServerOverloadedError):
        admission.admit(share)
    return True


def test_a_share_that_is_alone_has_every_place_and_not_one_more():
    admission = Admission(max_inflight=8)

    places = admitted(admission, A, 8)

    assert in_turn(places) == [True] * 8
    assert overloaded(admission, A)
    assert admission.inflight == 8


def test_beside_others_a_share_has_few_in_work_and_the_rest_in_order():
    admission = Admission(max_inflight=100)
    admission.leave(admission.admit(B))

    places = admitted(admission, A, 5)
    begun = in_turn(places)
    admission.leave(places[0])

    assert begun == [True] * BESIDE_OTHERS + [False] * (5 - BESIDE_OTHERS)
    assert in_turn(places) == [True] * (BESIDE_OTHERS + 1) + [False] * (4 - BESIDE_OTHERS)


def test_however_many_requests_of_one_share_wait_the_next_of_another_does_not():
    admission = Admission(max_inflight=1000)
    admission.leave(admission.admit(B))
    admitted(admission, A, 900)

    assert [in_turn(admitted(admission, B, 1)) for _ in range(BESIDE_OTHERS)] == [[True]] * BESIDE_OTHERS


def test_what_began_while_a_share_was_alone_goes_on_and_what_comes_after_waits_for_it():
    admission = Admission(max_inflight=100)
    begun = admitted(admission, A, 10)
    admission.admit(B)

    late = admission.admit(A)
    for place in begun[: 10 - BESIDE_OTHERS]:
        admission.leave(place)
    still = late.turn.is_set()
    admission.leave(begun[-1])

    assert (still, late.turn.is_set()) == (False, True)


@pytest.mark.parametrize(("max_inflight", "taken", "owed"), [(8, 8, 2), (1, 1, 1), (16, 16, 4)])
def test_a_full_server_takes_a_few_requests_of_those_who_hold_less_than_their_part(max_inflight, taken, owed):
    admission = Admission(max_inflight=max_inflight)
    admitted(admission, A, taken)

    more = admitted(admission, B, owed) if owed <= max(1, max_inflight // 2) else []

    assert len(more) == owed
    assert overloaded(admission, A)
    assert overloaded(admission, B)
    assert admission.inflight == admission.most


def test_a_share_is_not_owed_more_than_its_part():
    admission = Admission(max_inflight=8)
    admitted(admission, B, 4)
    admitted(admission, A, 4)

    assert overloaded(admission, A)
    assert overloaded(admission, B)
    assert len(admitted(admission, C, 2)) == 2


def test_a_tenant_is_remembered_for_a_number_of_admissions_and_then_forgotten():
    admission = Admission(max_inflight=10 * REMEMBERED)
    admission.leave(admission.admit(B))
    for _ in range(REMEMBERED - 3):
        admission.leave(admission.admit(A))
    beside = admitted(admission, A, 3)
    before = in_turn(beside)

    alone = admitted(admission, A, 3)

    assert (before, in_turn(beside), in_turn(alone)) == (
        [True] * BESIDE_OTHERS + [False] * (3 - BESIDE_OTHERS),
        [True] * 3,
        [True] * 3,
    )


def test_who_was_not_let_in_is_there_only_while_its_request_is():
    admission = Admission(max_inflight=100)
    stranger = admission.admit(STRANGER)
    places = admitted(admission, A, 4)
    beside = in_turn(places)
    admission.leave(stranger)

    assert (beside, in_turn(places)) == ([True] * BESIDE_OTHERS + [False] * (4 - BESIDE_OTHERS), [True] * 4)


def test_a_request_that_waits_for_a_provider_makes_room_and_goes_on_at_once():
    admission = Admission(max_inflight=100)
    admission.leave(admission.admit(B))
    places = admitted(admission, A, BESIDE_OTHERS + 2)

    admission.rest(places[0])
    rested = in_turn(places)
    admission.resume(places[0])
    admission.leave(places[1])
    resumed = in_turn(places)
    admission.rest(places[0])
    admission.leave(places[0])

    assert rested == [True] * (BESIDE_OTHERS + 1) + [False]
    assert resumed == rested
    assert in_turn(places) == [True] * (BESIDE_OTHERS + 2)


def test_a_client_that_goes_while_it_waits_leaves_nothing_behind():
    admission = Admission(max_inflight=100)
    admission.leave(admission.admit(B))
    held = admitted(admission, A, BESIDE_OTHERS)

    async def scene():
        entering = [asyncio.create_task(admission.enter(A)) for _ in range(2)]
        await asyncio.sleep(0)
        entering[0].cancel()
        await asyncio.gather(entering[0], return_exceptions=True)
        for place in held:
            admission.leave(place)
        admission.leave(await asyncio.wait_for(entering[1], WAIT_SECONDS))

    asyncio.run(scene())

    assert admission.inflight == 0


def test_work_that_waits_for_somebody_else_lets_the_next_of_its_share_begin():
    admission = Admission(max_inflight=100)
    answered, begun = threading.Event(), threading.Semaphore(0)

    def asks():
        with waiting():
            begun.release()
            assert answered.wait(WAIT_SECONDS)

    async def one(pool):
        place = await admission.enter(A)
        await in_work(pool, admission, place, asks, lambda: admission.leave(place))

    async def scene(pool):
        admission.leave(admission.admit(B))
        together = [asyncio.create_task(one(pool)) for _ in range(3 * BESIDE_OTHERS)]
        for _ in together:
            assert await asyncio.to_thread(begun.acquire, timeout=WAIT_SECONDS)
        answered.set()
        await asyncio.gather(*together)

    with ThreadPoolExecutor(3 * BESIDE_OTHERS) as pool:
        asyncio.run(asyncio.wait_for(scene(pool), WAIT_SECONDS))

    assert admission.inflight == 0


def test_who_is_cancelled_leaves_the_place_until_the_work_has_ended():
    admission = Admission(max_inflight=100)
    begun, may_end = threading.Event(), threading.Event()

    def commits():
        begun.set()
        assert may_end.wait(WAIT_SECONDS)

    async def scene(pool):
        place, has_ended = await admission.enter(A), asyncio.Event()

        def ended():
            admission.leave(place)
            has_ended.set()

        caller = asyncio.create_task(in_work(pool, admission, place, commits, ended))
        assert await asyncio.to_thread(begun.wait, WAIT_SECONDS)
        caller.cancel()
        await asyncio.wait([caller])
        held = admission.inflight
        may_end.set()
        await has_ended.wait()
        return caller.cancelled(), held, admission.inflight

    with ThreadPoolExecutor(1) as pool:
        assert asyncio.run(asyncio.wait_for(scene(pool), WAIT_SECONDS)) == (True, 1, 0)


def test_what_the_work_raises_is_raised_where_it_is_awaited_and_the_place_is_free_by_then():
    admission = Admission(max_inflight=100)

    def fails():
        raise ServerOverloadedError

    async def scene(pool):
        place = await admission.enter(A)
        try:
            await in_work(pool, admission, place, fails, lambda: admission.leave(place))
        except ServerOverloadedError:
            return admission.inflight

    with ThreadPoolExecutor(1) as pool:
        assert asyncio.run(asyncio.wait_for(scene(pool), WAIT_SECONDS)) == 0
