"""What interferes with an engine: a run store that runs a script around the calls of a store that works."""

import pytest

from decision_gate.core.memory import MemoryRunStore
from decision_gate.core.ports import OutcomeUnknownError


class ScriptedRunStore:
    """A ``MemoryRunStore`` that first does what the script says.

    ``before_append`` and ``before_create`` run before a commit is written. ``fates`` says, one commit after another,
    what becomes of it: ``well``, ``reply lost`` (it is applied and nobody learns of it) or ``commit lost`` (it is not,
    and nobody learns of that either); when they are used up all is well. ``after_loss`` runs before the loss is told.
    """

    def __init__(self):
        self.runs = MemoryRunStore()
        self.before_append = lambda: None
        self.before_create = lambda: None
        self.after_loss = lambda: None
        self.fates = []

    def __getattr__(self, name):
        return getattr(self.runs, name)

    def create(self, commit, riders=()):
        self.before_create()
        return self._write(self.runs.create, commit, riders)

    def append(self, commit, riders=()):
        self.before_append()
        return self._write(self.runs.append, commit, riders)

    def _write(self, write, commit, riders):
        fate = self.fates.pop(0) if self.fates else "well"
        if fate != "commit lost":
            head = write(commit, riders)
        if fate == "well":
            return head
        self.after_loss()
        raise OutcomeUnknownError("the reply was lost")


@pytest.fixture
def store():
    return ScriptedRunStore()
