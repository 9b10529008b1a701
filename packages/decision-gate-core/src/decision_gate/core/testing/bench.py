"""What a backend hands to a conformance suite."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import attrs

from decision_gate.core.ports import Rider
from decision_gate.core.testing.clock import ManualClock

Store = TypeVar("Store")


@attrs.frozen(kw_only=True)
class StoreBench(Generic[Store]):
    """A fresh, empty store that was opened with a table of notes (``testing.notes``) and what a suite needs around it.

    ``notes`` reads the notes that were applied, in that order. ``reopen`` returns a second store over the same content:
    for a durable backend one that was opened anew, for memory the same. ``clock`` is the one the store was given.
    """

    store: Store
    notes: Callable[[], Sequence[Rider]]
    reopen: Callable[[], Store]
    clock: ManualClock = attrs.field(factory=ManualClock)
