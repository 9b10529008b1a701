"""Append a draft by compare-and-swap, again on a newer head when only the transcript grew."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

import attrs

from decision_gate.core.control_plane.work import RiderSource, Work
from decision_gate.core.engine import ConcurrentUpdateError, Draft, seal
from decision_gate.core.model import DecisionRecord
from decision_gate.core.ports import (
    Commit,
    ConflictError,
    OutcomeUnknownError,
    Rider,
    RunExistsError,
    RunHead,
    RunKey,
    RunStore,
)

MAX_REBASES: Final = 256
"""How often a draft is sealed again; each time means that another caller's commit was applied."""


class StateMovedError(Exception):
    """Internal: the run changed in a way that the draft did not foresee; ``head`` is where it stands."""

    def __init__(self, head: RunHead) -> None:
        super().__init__(head.key.run_id)
        self.head = head


@attrs.frozen(kw_only=True)
class Circumstances:
    """What riders are told beside the commit."""

    asked: tuple[str, ...] = ()
    decision: DecisionRecord | None = None


class Appender:
    """Appends drafts to runs."""

    def __init__(self, runs: RunStore, turn: Callable[[RunKey], AbstractContextManager[None]]) -> None:
        self._runs = runs
        self._turn = turn

    def append(
        self,
        draft: Draft,
        head: RunHead,
        riders: RiderSource,
        *,
        circumstances: Circumstances | None = None,
        holds: Callable[[RunHead], bool] | None = None,
    ) -> RunHead:
        """Add *draft* to the run and return its new head.

        *holds* tells whether the draft is right on a newer head; without it, it is as long as the state did not move.

        Raises:
            StateMovedError: It does not hold any more; nothing is written.
            RiderRefusedError: A rider was refused; nothing is written.
            ConcurrentUpdateError: Others appended ``MAX_REBASES`` times in between.
            OutcomeUnknownError: The reply was lost and the run has moved on since.
        """
        told = circumstances or Circumstances()
        error = None if draft.call is None or draft.call.error is None else draft.call.error.code
        with self._turn(head.key):
            for _ in range(MAX_REBASES):
                commit = seal(draft, head)
                work = Work(commit=commit, asked=told.asked, decision=told.decision, error=error)
                try:
                    return self._runs.append(commit, riders(work))
                except ConflictError as conflict:
                    head = conflict.head
                except OutcomeUnknownError:
                    found = self._applied(commit)
                    if found.digest == commit.head.digest:
                        return found
                    head = found
                if not (head.state_version == draft.state_version if holds is None else holds(head)):
                    raise StateMovedError(head)
        raise ConcurrentUpdateError(head.key.run_id)

    def create(self, commit: Commit, riders: Sequence[Rider]) -> RunHead:
        """Make a run by its first commit and return its head; after a lost reply the stored head decides.

        Raises:
            RunExistsError: The run exists, and this commit did not make it.
            RiderRefusedError: A rider was refused; nothing is written.
            OutcomeUnknownError: The reply was lost twice, or the run has moved on since.
        """
        try:
            return self._runs.create(commit, riders)
        except OutcomeUnknownError:
            if self._runs.head(commit.key) is not None:
                return self._made_by(commit)
        try:
            return self._runs.create(commit, riders)
        except (OutcomeUnknownError, RunExistsError):
            return self._made_by(commit)

    def append_anywhere(self, draft: Draft, head: RunHead, riders: RiderSource) -> RunHead:
        """Add a transcript entry, whatever happens to the run meanwhile."""
        return self.append(draft, head, riders, holds=lambda _now: True)

    def _made_by(self, commit: Commit) -> RunHead:
        """Return the head of the run when *commit* made it.

        Raises:
            RunExistsError: Another commit did.
            OutcomeUnknownError: The run is not there, or others have appended since, so the head does not tell.
        """
        found = self._runs.head(commit.key)
        if found is not None and found.digest == commit.head.digest:
            return found
        if found is not None and found.version == commit.head.version:
            raise RunExistsError(commit.key.run_id)
        raise OutcomeUnknownError("the reply to the creation of a run was lost")

    def _applied(self, commit: Commit) -> RunHead:
        """Return the head after a lost reply, when it tells whether the commit was applied.

        Raises:
            OutcomeUnknownError: Others have appended since, so the head alone does not tell.
        """
        found = self._runs.head(commit.key)
        if found is None or (found.version >= commit.head.version and found.digest != commit.head.digest):
            raise OutcomeUnknownError("the reply to a commit was lost and the run has moved on")
        return found
