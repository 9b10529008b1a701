"""Patterns of file paths: ``*`` and ``?`` within a name, ``**`` for any number of folders, also none.

Nothing else is special: ``[`` is a character of the name. A leading dot is an ordinary character.
"""

import re

import attrs

from decision_gate.core.errors import EvidenceError

MAX_SEGMENTS = 64
"""Parts of a pattern between slashes."""


class GlobPatternError(EvidenceError):
    """The pattern leaves the root (``..``) or is longer than ``MAX_SEGMENTS``."""

    code = "params_invalid"


@attrs.frozen
class AnyFolders:
    """``**`` as a whole segment."""


@attrs.frozen
class NamePattern:
    """One segment; ``expression`` matches whole names."""

    expression: re.Pattern[str]

    def matches(self, name: str) -> bool:
        """Tell whether the whole name fits."""
        return self.expression.fullmatch(name) is not None


Segment = AnyFolders | NamePattern


def has_wildcards(path: str) -> bool:
    """Tell whether a path is a pattern at all."""
    return "*" in path or "?" in path


@attrs.frozen
class GlobPattern:
    """A compiled pattern, matched one name at a time so that a walk enters only folders that can lead to a match.

    A state is a position among the segments; a walk carries the set of states it can be in.
    """

    segments: tuple[Segment, ...]

    def start(self) -> frozenset[int]:
        """Return the states at the root."""
        return self._with_empty_folders({0})

    def after(self, states: frozenset[int], name: str) -> frozenset[int]:
        """Return the states below ``name``; no state means that nothing there can match."""
        reached: set[int] = set()
        for state in states:
            match self.segments[state] if state < len(self.segments) else None:
                case AnyFolders():
                    reached.add(state)
                case NamePattern() as segment if segment.matches(name):
                    reached.add(state + 1)
                case _:
                    pass
        return self._with_empty_folders(reached)

    def accepts(self, states: frozenset[int]) -> bool:
        """Tell whether the path that led to ``states`` fits as it is."""
        return len(self.segments) in states

    def _with_empty_folders(self, states: set[int]) -> frozenset[int]:
        closed = set(states)
        for state in states:
            if state < len(self.segments) and isinstance(self.segments[state], AnyFolders):
                closed.add(state + 1)
        return frozenset(closed)


def parse_glob(pattern: str) -> GlobPattern:
    """Compile a pattern; empty segments and ``.`` say nothing, neighbouring ``**`` are one.

    Raises:
        GlobPatternError: a segment is ``..``, or there are more than ``MAX_SEGMENTS``.
    """
    segments: list[Segment] = []
    for text in pattern.split("/"):
        if text == "..":
            raise GlobPatternError("a pattern must not contain ..")
        if text in ("", "."):
            continue
        if text != "**":
            segments.append(name_pattern(text))
        elif not segments or not isinstance(segments[-1], AnyFolders):
            segments.append(AnyFolders())
    if len(segments) > MAX_SEGMENTS:
        raise GlobPatternError(f"a pattern has at most {MAX_SEGMENTS} parts")
    return GlobPattern(tuple(segments))


def name_pattern(text: str) -> NamePattern:
    """Compile one pattern that is held against whole texts; ``*`` is any text, also one with slashes in it."""
    # Each piece is taken where it is found first and never given back (atomic groups), which is enough for
    # patterns of this kind; plain `.*` would back-track for a power of the name's length.
    pieces = re.split(r"\*+", text)
    quoted = ["".join("." if char == "?" else re.escape(char) for char in piece) for piece in pieces]
    if len(quoted) == 1:
        return NamePattern(re.compile(quoted[0], re.DOTALL))
    first, *middle, last = quoted
    steps = "".join(f"(?>.*?{piece})" for piece in middle)
    return NamePattern(re.compile(f"{first}{steps}.*{last}", re.DOTALL))
