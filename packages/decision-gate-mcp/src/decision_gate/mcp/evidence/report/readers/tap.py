"""TAP 12 to 14, with the subtests of version 14 and of node-tap's braces."""

import re

import attrs

from decision_gate.mcp.evidence.report.errors import ReportInconsistentError, ReportInvalidError
from decision_gate.mcp.evidence.report.facts import CaseFact, Report
from decision_gate.mcp.evidence.report.readers.tap_level import TapLevel, TapPoint
from decision_gate.mcp.evidence.report.text import lines_of, number

MAX_DEPTH = 127
"""Nested subtests."""

_INDENT = 4
_POINT = re.compile(r"(not )?ok(?:\s+[0-9]+)?(?:\s+-(?=\s|\Z))?(?:\s+(.*))?")
_PLAN = re.compile(r"1\.\.([0-9]{1,18})\s*(?:#\s*(.*))?")
_VERSION = re.compile(r"TAP version [0-9]+\s*")
_DIRECTIVE = re.compile(r"(?:\A|\s)#\s*(?:(skip|todo)\S*(?:\s.*)?|time=([0-9.]{1,30})(ms|s))\s*\Z", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([#\\])")


def is_tap(lines: list[str]) -> bool:
    """Tell whether one of the lines, not indented, is a version, a plan, a point or a bail-out."""
    return any(
        _VERSION.fullmatch(line)
        or _PLAN.fullmatch(line)
        or (line.startswith(("ok", "not ok")) and _POINT.fullmatch(line))
        or line.startswith("Bail out!")
        for line in lines
    )


def read_tap(content: bytes) -> Report:
    """Read the leaves: the point that closes a subtest is none, numbers of points are not compared.

    A closing point that fails although nothing in its subtest did (a hook after the last test, say) is an error of
    its own: it must not be lost.

    Raises:
        ReportInvalidError: ``Bail out!``, a YAML block without end, or subtests deeper than ``MAX_DEPTH``.
        ReportInconsistentError: a plan is missing, comes twice or is contradicted, or a subtest is not closed.
    """
    reader = _Reader()
    for line, text in enumerate(lines_of(content), start=1):
        reader.take(text, line)
    return Report(tests=reader.finish())


@attrs.define(kw_only=True)
class _Yaml:
    """A diagnostic block that is being passed over; only ``duration_ms`` of it is read."""

    indent: int
    line: int
    point: TapPoint


class _Reader:
    def __init__(self) -> None:
        self._levels = [TapLevel(line=1)]
        self._yaml: _Yaml | None = None
        self._last: tuple[TapPoint, int] | None = None  # the point of the line before, and its indent

    def take(self, text: str, line: int) -> None:
        bare = text.lstrip(" ")
        indent = len(text) - len(bare)
        if self._yaml is not None:
            self._take_yaml(self._yaml, bare, indent)
            return
        last, self._last = self._last, None
        if last is not None and bare.rstrip() == "---" and indent > last[1]:
            self._yaml = _Yaml(indent=indent, line=line, point=last[0])
        elif indent % _INDENT == 0:
            self._take_line(bare, indent, line)

    def finish(self) -> tuple[CaseFact, ...]:
        if self._yaml is not None:
            raise ReportInvalidError("a YAML block without end", line=self._yaml.line)
        self._leave(0)
        return tuple(point.fact() for point in self._levels[0].finish())

    def _take_yaml(self, block: _Yaml, bare: str, indent: int) -> None:
        if indent == block.indent and bare.rstrip() == "...":
            self._yaml = None
        elif indent == block.indent and bare.startswith("duration_ms:"):
            block.point.take_millis(number(bare.removeprefix("duration_ms:")))

    def _take_line(self, bare: str, indent: int, line: int) -> None:
        depth = indent // _INDENT
        if bare.startswith("Bail out!"):
            raise ReportInvalidError("the tests bailed out", line=line)
        if bare.startswith("1..") and (plan := _PLAN.fullmatch(bare)):
            self._level(depth, line).plan(int(plan[1]), plan[2] or "", line)
        elif bare.startswith(("ok", "not ok")) and (found := _POINT.fullmatch(bare)):
            self._take_point(found[1] is None, found[2] or "", depth, line)
        elif bare.rstrip() == "}" and depth < len(self._levels):
            self._leave(depth)
            self._levels[depth].close_brace()

    def _take_point(self, is_ok: bool, description: str, depth: int, line: int) -> None:  # noqa: FBT001 - the point's verdict
        text = description.rstrip()
        is_opening = text.endswith(" {") or text == "{"
        text = text.removesuffix("{").rstrip() if is_opening else text
        directive = _DIRECTIVE.search(text) if "#" in text else None
        name = text if directive is None else text[: directive.start()].rstrip()
        point = TapPoint(
            name=_ESCAPED.sub(r"\1", name) if "\\" in name else name,
            is_ok=is_ok,
            is_skipped=directive is not None and directive[1] is not None,
        )
        if directive is not None and directive[2] is not None:
            duration = number(directive[2])
            point.take_millis(duration * 1000 if duration is not None and directive[3] == "s" else duration)
        self._level(depth, line).add(point, is_opening=is_opening)
        self._last = (point, depth * _INDENT)

    def _level(self, depth: int, line: int) -> TapLevel:
        """Go to a depth: end the deeper subtests, begin those on the way."""
        if depth > MAX_DEPTH:
            raise ReportInvalidError(f"subtests nested deeper than {MAX_DEPTH}", line=line)
        self._leave(depth)
        while len(self._levels) <= depth:
            self._levels.append(TapLevel(line=line))
        return self._levels[depth]

    def _leave(self, depth: int) -> None:
        while len(self._levels) > depth + 1:
            inner = self._levels.pop()
            outer = self._levels[-1]
            if outer.below is not None:
                raise ReportInconsistentError("a subtest without the point that closes it", line=inner.line)
            outer.below = inner.finish()
