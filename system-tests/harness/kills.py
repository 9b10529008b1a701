"""Steps under fire: callers go on and on while what serves them is killed and started again, at random moments."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.race import Acknowledged, Caller
from harness.waiting import wait_until

MOST_STEPS_BETWEEN = 40
MOST_PAUSE_S = 0.05


def steps_under_fire(
    callers: Sequence[Caller],
    run: tuple[str, str],
    crash: Callable[[], None],
    *,
    kills: int,
    seed: int,
) -> list[Acknowledged]:
    """Let all callers take steps of one run while *crash*, which returns when all is up again, is called *kills* times.

    A caller whose call broke asks for the same step again, as a client should. Each kill comes after a random number
    of acknowledgements and a random moment more. Returns every acknowledgement.
    """
    is_over = threading.Event()
    taken: list[Acknowledged] = []
    chance = random.Random(seed)  # noqa: S311 - moments, no secrets

    def go_on(number: int, caller: Caller) -> None:
        count = 0
        with caller.client(timeout_s=20) as client:
            while not is_over.is_set():
                taken.append(caller.step(client, *run, f"t-{number}-{count}"))
                count += 1

    with ThreadPoolExecutor(len(callers)) as pool:
        working = [pool.submit(go_on, number, caller) for number, caller in enumerate(callers)]
        try:
            for _ in range(kills):
                enough = len(taken) + chance.randint(1, MOST_STEPS_BETWEEN)
                wait_until(lambda enough=enough: len(taken) >= enough, within_s=120)
                threading.Event().wait(chance.uniform(0, MOST_PAUSE_S))
                crash()
        finally:
            is_over.set()
        for work in working:
            work.result()
    return taken
