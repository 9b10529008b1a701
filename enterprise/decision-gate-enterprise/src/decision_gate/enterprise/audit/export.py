"""Exports: a stretch of a log as JSON lines for other systems, with all it takes to verify it without ours.

``events.jsonl`` has a line of canonical JSON for each entry: ``index``, ``payload`` (the entry), ``body`` and ``salt``,
and ``prev_hash`` and ``hash``, where ``hash = sha256(prev_hash ‖ payload)`` in hexadecimal and the first
``prev_hash`` is ``0``: a chain that a few lines of any language check. It is over entries and not over bodies, so that
what is forgotten later changes no chain. ``manifest.json`` has counts, hashes and the proof that the stretch is part
of the log under ``checkpoint``, the signed note beside it.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.json import JsonValue, canonical
from decision_gate.enterprise.audit.errors import LeafMissingError
from decision_gate.enterprise.audit.leaf import BODY_MEMBER
from decision_gate.enterprise.audit.store import AuditStore, StoredLeaf
from decision_gate.enterprise.audit.tlog import (
    TILE_WIDTH,
    Tree,
    bundle_path,
    encode_bundle,
    prove_range,
    tile_path,
)
from decision_gate.enterprise.audit.tlog.merkle import HASH_BYTES
from decision_gate.enterprise.audit.tlog.tiles import TILE_BITS

EVENTS_NAME: Final = "events.jsonl"
MANIFEST_NAME: Final = "manifest.json"
CHECKPOINT_NAME: Final = "checkpoint"
MANIFEST_VERSION: Final = 1
FIRST_HASH: Final = "0"
"""``prev_hash`` of the first line."""


@attrs.frozen(kw_only=True)
class Exported:
    """What an export holds: the entries from *start* to before *end* of a log of *size*."""

    start: int
    end: int
    size: int


def export_events(store: AuditStore, log: bytes, folder: Path, start: int = 0, end: int | None = None) -> Exported:
    """Write a stretch of a log into the new folder *folder*.

    Raises:
        LeafMissingError: There is no such stretch.
        OSError: The folder is there already, or cannot be written.
    """
    head = store.head(log)
    end = head.size if end is None else end
    if head.note is None or not 0 <= start <= end <= head.size:
        raise LeafMissingError(f"the log has {head.size} entries and no stretch from {start} to {end}")
    folder.mkdir(parents=True)
    proof = prove_range(_tree(store, log), start, end, head.size)
    previous, whole, count = FIRST_HASH, hashlib.sha256(), 0
    first: str | None = None
    with (folder / EVENTS_NAME).open("wb") as file:
        for leaf in store.leaves(log, start, end):
            line, found = line_of(leaf, previous)
            file.write(line)
            whole.update(line)
            first, previous, count = first or found, found, count + 1
    manifest: dict[str, JsonValue] = {
        "version": MANIFEST_VERSION,
        "origin": head.note.partition("\n")[0],
        "start": start,
        "end": end,
        "count": count,
        "first_hash": first,
        "last_hash": previous if count else None,
        "sha256": whole.hexdigest(),
        "before": [_text(node) for node in proof.before],
        "behind": [_text(node) for node in proof.behind],
    }
    (folder / CHECKPOINT_NAME).write_text(head.note, encoding="utf-8", newline="\n")
    (folder / MANIFEST_NAME).write_bytes(canonical(manifest) + b"\n")
    return Exported(start=start, end=end, size=head.size)


def line_of(leaf: StoredLeaf, previous: str) -> tuple[bytes, str]:
    """Return the line of an entry behind the one whose hash is *previous*, and its own hash.

    Entry and body are put in as they are, for their bytes are what counts. An entry of the root log is text of three
    lines and no JSON; it becomes a string.
    """
    body = b"null" if leaf.body is None else leaf.body
    salt = b"null" if leaf.salt is None else b'"%b"' % leaf.salt.hex().encode()
    payload = leaf.entry if leaf.entry.startswith(BODY_MEMBER) else canonical(leaf.entry.decode(errors="replace"))
    found = hashlib.sha256(previous.encode() + payload).hexdigest()
    texts = (body, found.encode(), leaf.index, payload, previous.encode(), salt)
    return b'{"body":%b,"hash":"%b","index":%d,"payload":%b,"prev_hash":"%b","salt":%b}\n' % texts, found


def export_tiles(store: AuditStore, log: bytes, folder: Path) -> Exported:
    """Write a whole log as static files (c2sp.org/tlog-tiles) into the new folder *folder*, without its bodies.

    Any web server can serve them, and the tools of others read them.

    Raises:
        LeafMissingError: The log has no entry.
        OSError: The folder is there already, or cannot be written.
    """
    head = store.head(log)
    if head.note is None:
        raise LeafMissingError("the log has no entry")
    folder.mkdir(parents=True)
    level, width = 0, head.size
    while width:
        for number in range(-(-width // TILE_WIDTH)):
            held = min(TILE_WIDTH, width - number * TILE_WIDTH)
            tile = store.tile(log, level, number)[: held * HASH_BYTES]
            _write(folder / tile_path(level, number, held), tile)
        level, width = level + 1, width >> TILE_BITS
    for number, entries in enumerate(_bundles(store, log, head.size)):
        _write(folder / bundle_path(number, len(entries)), encode_bundle(entries))
    (folder / CHECKPOINT_NAME).write_text(head.note, encoding="utf-8", newline="\n")
    return Exported(start=0, end=head.size, size=head.size)


def _bundles(store: AuditStore, log: bytes, size: int) -> Iterator[list[bytes]]:
    bundle: list[bytes] = []
    for leaf in store.leaves(log, 0, size):
        bundle.append(leaf.entry)
        if len(bundle) == TILE_WIDTH:
            yield bundle
            bundle = []
    if bundle:
        yield bundle


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _tree(store: AuditStore, log: bytes) -> Tree:
    return Tree(lambda level, number: store.tile(log, level, number))


def _text(node: bytes) -> str:
    return base64.b64encode(node).decode()
