"""The rider table of the conformance suites: notes that a store keeps with what they ride on."""

from collections.abc import Callable, Sequence
from typing import Final

from decision_gate.core.ports import Rider, RiderRefusedError

NOTE: Final = "note"
"""The kind of rider that every backend opens its store with for the suites."""

REFUSED_BODY: Final = b"refuse this"
"""The body that a table of notes refuses; it accepts every other one."""

REFUSAL: Final = "told to"
"""The reason of that refusal."""


def note(key: str, body: bytes = b"noted") -> Rider:
    """Return a note."""
    return Rider(kind=NOTE, key=key, body=body)


def refused_note(key: str = "refused") -> Rider:
    """Return a note that every table of notes refuses."""
    return note(key, REFUSED_BODY)


class MemoryNotes:
    """A ``MemoryRiderTable`` of notes."""

    def __init__(self) -> None:
        self._notes: dict[str, Rider] = {}

    @property
    def kind(self) -> str:
        """See ``MemoryRiderTable``."""
        return NOTE

    def apply(self, rider: Rider) -> Callable[[], None]:
        """See ``MemoryRiderTable``."""
        if rider.body == REFUSED_BODY:
            raise RiderRefusedError(NOTE, REFUSAL)
        if rider.key in self._notes:
            return lambda: None
        self._notes[rider.key] = rider

        def take_back() -> None:
            del self._notes[rider.key]

        return take_back

    def applied(self) -> Sequence[Rider]:
        """Return the notes in order of application."""
        return tuple(self._notes.values())
