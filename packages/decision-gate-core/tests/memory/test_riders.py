"""Riders in memory: a group is applied whole or not at all."""

import pytest

from decision_gate.core.memory import MemoryRiders
from decision_gate.core.ports import Rider, RiderKindError, RiderRefusedError
from decision_gate.core.testing import MemoryNotes, note, refused_note


class Counter:
    """Counts riders of another kind."""

    kind = "count"

    def __init__(self):
        self.count = 0

    def apply(self, rider):
        del rider
        self.count += 1

        def take_back():
            self.count -= 1

        return take_back


def test_a_refusal_takes_back_what_all_tables_did_before_it():
    notes, counter = MemoryNotes(), Counter()
    riders = MemoryRiders([notes, counter])
    counted = Rider(kind="count", key="1", body=b"")
    riders.apply([note("kept"), counted])

    with pytest.raises(RiderRefusedError):
        riders.apply([counted, note("new"), note("kept", b"again"), refused_note()])

    assert (list(notes.applied()), counter.count) == ([note("kept")], 1)


def test_an_unknown_kind_is_refused():
    with pytest.raises(RiderKindError) as refused:
        MemoryRiders().check([note("any")])

    assert refused.value.kind == "note"
