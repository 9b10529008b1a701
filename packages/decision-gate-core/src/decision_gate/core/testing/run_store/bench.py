"""The fixture that a backend overrides, and what the laws do with it."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from decision_gate.core.ports import Commit, RunHead, RunKey, RunStore
from decision_gate.core.testing.bench import StoreBench
from decision_gate.core.testing.runs import KEY, start_commit, step_commit

RunStoreBench = StoreBench[RunStore]


class RunStoreLaws:
    """Base of the themes."""

    @pytest.fixture
    def bench(self) -> RunStoreBench:
        """Return a fresh store; a backend overrides this."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, bench: RunStoreBench) -> RunStore:
        """Return the store alone."""
        return bench.store


def run_of(store: RunStore, steps: int, key: RunKey = KEY) -> list[Commit]:
    """Make the run *key*, let it decide *steps* triggers ``trigger-1`` …, and return its commits."""
    return grow(
        store,
        start_commit(key),
        [partial(step_commit, trigger_id=f"trigger-{n}") for n in range(1, steps + 1)],
    )


def grow(store: RunStore, start: Commit, following: Sequence[Callable[[RunHead], Commit]] = ()) -> list[Commit]:
    """Create a run and append what *following* makes of each head; return all commits."""
    commits = [start]
    store.create(start)
    for make in following:
        commits.append(make(commits[-1].head))
        store.append(commits[-1])
    return commits
