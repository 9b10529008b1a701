"""Where in a document every key and value stands, so that a fault can be pointed at.

A second, forgiving walk over the text: whether it is a document at all has been decided by the strict readers.
"""

from typing import Final, TypeAlias

import attrs
import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen
class Place:
    """Line and column, both from 1; columns count characters."""

    line: int
    column: int


START: Final = Place(1, 1)


@attrs.define
class _Open:
    """A collection whose members are coming; ``key`` is the key whose value comes next."""

    path: Path
    is_mapping: bool
    position: int = 0
    key: str | None = None


class Places:
    """The places of one document."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._keys: dict[Path, Place] = {}
        self._values: dict[Path, Place] = {}
        self._texts: dict[Path, str] = {}
        self._walk(text)

    @classmethod
    def noted(cls, keys: dict[Path, Place], values: dict[Path, Place]) -> "Places":
        """Return places that a reader of another language noted as it went."""
        places = cls("")
        places._keys, places._values = keys, values
        return places

    def key(self, path: Path) -> Place:
        """Return where the key of *path* stands, or the nearest thing around it that has a place."""
        return self._keys.get(path) or self.value(path)

    def value(self, path: Path, offset: int | None = None) -> Place:
        """Return where the value of *path* stands, or the nearest thing around it that has a place.

        With *offset*, the place of that character of a text, when it stands in the document as it reads.
        """
        for length in range(len(path), -1, -1):
            place = self._values.get(path[:length])
            if place is not None:
                return self._inside(path, place, offset) if offset and length == len(path) else place
        return START

    def _inside(self, path: Path, place: Place, offset: int) -> Place:
        text = self._texts.get(path, "")
        line = self._lines[place.line - 1] if place.line <= len(self._lines) else ""
        begin = place.column - 1
        if line[begin : begin + 1] in ("'", '"'):
            begin += 1
        is_verbatim = bool(text) and line[begin : begin + len(text)] == text
        return Place(place.line, begin + offset + 1) if is_verbatim else place

    def _walk(self, text: str) -> None:
        opened: list[_Open] = []
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                match event:
                    case CollectionEndEvent():
                        opened.pop()
                        _finish(opened)
                    case NodeEvent():
                        self._note(event, opened)
                    case _:
                        pass
        except yaml.YAMLError:
            # JSON that YAML does not read, such as an escaped surrogate pair: what follows has no place of its own.
            return

    def _note(self, event: NodeEvent, opened: list[_Open]) -> None:
        place = _place(event)
        around = opened[-1] if opened else None
        if around is not None and around.is_mapping and around.key is None:
            around.key = event.value if isinstance(event, ScalarEvent) else ""
            self._keys[(*around.path, around.key)] = place
            return
        path: Path = () if around is None else (*around.path, _step(around))
        self._values.setdefault(path, place)
        match event:
            case MappingStartEvent() | SequenceStartEvent():
                opened.append(_Open(path, isinstance(event, MappingStartEvent)))
            case ScalarEvent():
                self._texts[path] = event.value
                _finish(opened)
            case AliasEvent():
                _finish(opened)
            case _:
                pass


def _finish(opened: list[_Open]) -> None:
    """Step on in the collection around a value that has ended."""
    if opened:
        opened[-1].key = None
        opened[-1].position += 1


def _step(around: _Open) -> str | int:
    return around.key or "" if around.is_mapping else around.position


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else START
