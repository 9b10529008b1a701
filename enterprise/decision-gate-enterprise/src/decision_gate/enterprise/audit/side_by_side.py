"""The lines of a large export checked by several processes at once.

Each process takes a part of the file, believes where it begins, and says so; that the parts fit together is checked
here. It only ever says that everything is right: what is wrong is found and named by reading in one go.
"""

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import attrs

from decision_gate.core.json import JsonParseError, parse
from decision_gate.enterprise.audit.lines import BUFFER_BYTES, Lines, WrongLineError
from decision_gate.enterprise.audit.tlog import TILE_WIDTH, merkle_root

LEAST_BYTES: Final = 32 << 20
"""Smaller files are read faster than processes are started."""


@attrs.frozen(kw_only=True)
class Part:
    """What one process found: where its lines begin and end, and their leaves, whole tiles as one root."""

    first: Lines
    last: Lines
    groups: tuple[tuple[bytes, ...] | bytes, ...]


Groups: TypeAlias = Iterator[Sequence[bytes] | bytes]
"""Leaf hashes in order: some single ones, or the root over a whole tile."""


def read_side_by_side(path: Path, start: Lines, loose: frozenset[int]) -> tuple[Lines, Groups] | None:
    """Check the lines of *path* by all processors.

    Args:
        path: The file.
        start: Where its lines must begin.
        loose: Numbers of tiles whose leaves are wanted one by one.

    Returns:
        Where the lines end, and their leaves. None when something is wrong, or when this is not worth it: then the file
        is to be read in one go.
    """
    size, workers = path.stat().st_size, os.cpu_count() or 1
    # Forking a process with threads can copy a lock that nobody will ever open.
    if (
        size < LEAST_BYTES
        or workers == 1
        or threading.active_count() > 1
        or "fork" not in multiprocessing.get_all_start_methods()
    ):
        return None
    bounds = [size * part // workers for part in range(workers + 1)]
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        parts = list(pool.map(_read, [path] * workers, bounds[:-1], bounds[1:], [loose] * workers))
    at = start
    for part in parts:
        if part is None or (part.first.index, part.first.previous) != (at.index, at.previous):
            return None
        at = part.last
    end = attrs.evolve(at, erased=sum(part.last.erased for part in parts if part is not None))
    return end, (group for part in parts if part is not None for group in part.groups)


def _read(path: Path, begin: int, end: int, loose: frozenset[int]) -> Part | None:
    """Check the lines that begin from *begin* to before *end*; none when one is wrong, or there is none."""
    with path.open("rb", buffering=BUFFER_BYTES) as file:
        if begin:
            file.seek(begin - 1)
            file.readline()
        first = _claimed(file)
        if first is None:
            return None
        at = attrs.evolve(first)
        groups: list[tuple[bytes, ...] | bytes] = []
        try:
            for group in at.groups(_until(file, end)):
                is_whole = len(group) == TILE_WIDTH and at.index // TILE_WIDTH - 1 not in loose
                groups.append(merkle_root(group) if is_whole else tuple(group))
        except WrongLineError:
            return None
    return Part(first=first, last=at, groups=tuple(groups))


def _claimed(file: BinaryIO) -> Lines | None:
    """Return where the next line says it stands."""
    place = file.tell()
    try:
        match parse(file.readline()):
            case {"index": int() as index, "prev_hash": str() as previous}:
                file.seek(place)
                return Lines(index, previous.encode())
            case _:
                return None
    except JsonParseError:
        return None


def _until(file: BinaryIO, end: int) -> Iterator[bytes]:
    """Yield the lines that begin before *end*."""
    at = file.tell()
    for line in file:
        if at >= end:
            return
        at += len(line)
        yield line
