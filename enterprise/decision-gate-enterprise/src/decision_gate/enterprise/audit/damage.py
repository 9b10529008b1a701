"""What was done to a log, by name, and how a tile of hashes that still stands tells one from another."""

from collections.abc import Sequence
from enum import StrEnum

import attrs

from decision_gate.enterprise.audit.store import StoredLeaf
from decision_gate.enterprise.audit.tlog import leaf_hash


class Damage(StrEnum):
    """What can be done to a log."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    SWAPPED = "swapped"
    SPLICED = "spliced"
    TAIL_CUT = "tail_cut"
    ROLLED_BACK = "rolled_back"
    FORKED = "forked"
    UNSIGNED = "unsigned"
    TILES_CHANGED = "tiles_changed"
    INDEX_CHANGED = "index_changed"
    MALFORMED = "malformed"


@attrs.frozen(kw_only=True)
class Finding:
    """One thing that is wrong. *index* is the first entry it concerns, none when it concerns the log."""

    damage: Damage
    origin: str
    index: int | None
    text: str

    def __str__(self) -> str:
        """Return the finding in one line."""
        place = self.origin if self.index is None else f"{self.origin} entry {self.index}"
        return f"{self.damage.value}: {place}: {self.text}"


def name_damage(origin: str, start: int, hashes: Sequence[bytes], rows: Sequence[StoredLeaf]) -> Finding | None:
    """Say what happened to the entries from *start* on, whose leaf hashes were *hashes* and which are now *rows*.

    Returns:
        The first thing that is wrong; none when every entry is as it was.
    """
    found = [leaf_hash(row.entry) for row in rows]
    for place, right in enumerate(hashes):
        index = start + place
        if place >= len(rows):
            return Finding(damage=Damage.TAIL_CUT, origin=origin, index=index, text="it and all behind it are gone")
        if rows[place].index > index:
            return Finding(damage=Damage.DELETED, origin=origin, index=index, text="it is gone")
        if rows[place].index < index:
            return Finding(damage=Damage.INSERTED, origin=origin, index=index - 1, text="two entries have this place")
        if found[place] != right:
            return _changed(origin, start, place, hashes, found)
    if len(rows) > len(hashes):
        index = rows[len(hashes)].index
        return Finding(damage=Damage.INSERTED, origin=origin, index=index, text="it stands behind the end of the log")
    return None


def _changed(origin: str, start: int, place: int, hashes: Sequence[bytes], found: Sequence[bytes]) -> Finding:
    """Name the change of an entry that is there, by where its hash and the missing one turn up."""
    index, here, right = start + place, found[place], hashes[place]
    if right in found[place + 1 :]:
        other = found.index(right, place + 1)
        if other < len(hashes) and hashes[other] == here:
            text = f"it has changed places with entry {start + other}"
            return Finding(damage=Damage.SWAPPED, origin=origin, index=index, text=text)
        return Finding(damage=Damage.INSERTED, origin=origin, index=index, text="it was put in and moves what follows")
    if here in hashes[place + 1 :]:
        return Finding(damage=Damage.DELETED, origin=origin, index=index, text="it is gone, what follows has moved up")
    return Finding(damage=Damage.EDITED, origin=origin, index=index, text="it is not the one that was logged")
