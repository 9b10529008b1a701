"""What is wrong with a scenario document: every fault with its place, found in one go."""

from collections.abc import Iterable
from typing import ClassVar

import attrs

from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonValue
from decision_gate.mcp.authoring.places import Path, Place, Places


@attrs.frozen(kw_only=True)
class Fault:
    """One mistake.

    ``path`` reads like ``stages.ship.gates.approval``; it is empty for the document itself. ``found`` says what stands
    there, ``allowed`` what may.
    """

    file: str
    line: int
    column: int
    path: str
    found: str
    allowed: str

    def __str__(self) -> str:
        """Write the fault as editors and terminals link it: ``file:line:column: path: found; allowed``."""
        path = f"{self.path}: " if self.path else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.file}:{self.line}:{self.column}: {path}{self.found}{allowed}"

    def wire(self) -> dict[str, JsonValue]:
        """Return the fault as programs read it."""
        return attrs.asdict(self)


class ScenarioDocumentError(CallerError):
    """A document is not a scenario; ``faults`` are in the order of the document."""

    code: ClassVar[str] = "scenario_document"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Faults:
    """Collects the faults of one document while it is read."""

    def __init__(self, file: str, places: Places) -> None:
        self._file = file
        self._places = places
        self._found: list[Fault] = []

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._found)

    def add(
        self, path: Path, found: str, allowed: str = "", *, at_key: bool = False, offset: int | None = None
    ) -> None:
        """Note that at *path* stands what may not.

        Args:
            path: Keys and positions from the root.
            found: What stands there.
            allowed: What may stand there.
            at_key: Whether the key itself is wrong rather than its value.
            offset: Where in a text value the mistake begins, in characters.
        """
        place = self._places.key(path) if at_key else self._places.value(path, offset)
        self._found.append(
            Fault(
                file=self._file,
                line=place.line,
                column=place.column,
                path=written(path),
                found=found,
                allowed=allowed,
            )
        )

    def raise_if_any(self) -> None:
        """Raise ``ScenarioDocumentError`` when something was noted."""
        if self._found:
            raise ScenarioDocumentError(self._found)


def single(file: str, place: Place, found: str, allowed: str = "", path: Path = ()) -> ScenarioDocumentError:
    """Return the error for a document that cannot even be read."""
    fault = Fault(file=file, line=place.line, column=place.column, path=written(path), found=found, allowed=allowed)
    return ScenarioDocumentError([fault])


def written(path: Path) -> str:
    """Write a path with dots between keys and positions in brackets."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
