"""Read a scenario document: YAML, JSON or RON, short form or wire form (contract §3.6)."""

import enum
import re
from pathlib import Path as FilePath
from typing import Final

import attrs

from decision_gate.core.codec import DecodeError, decode
from decision_gate.core.engine import InvalidScenarioError, check_identifiers, check_scenario
from decision_gate.core.ids import InvalidIdentifierError
from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.core.model import ScenarioSpec
from decision_gate.mcp.authoring.faults import Faults, single
from decision_gate.mcp.authoring.places import START, Path, Place, Places
from decision_gate.mcp.authoring.published_checks import mistakes
from decision_gate.mcp.authoring.ron_document import read_ron
from decision_gate.mcp.authoring.short_form import SHORT_FORM_KEY, note_unreachable, short_path, wire_form
from decision_gate.mcp.evidence.yaml_document import parse_yaml
from decision_gate.mcp.evidence.yaml_errors import YamlDocumentError

MAX_DOCUMENT_BYTES: Final = 16 * 2**20
"""Longest scenario document."""

MAX_DOCUMENT_DEPTH: Final = 64
"""Nested containers of a document, the root counted."""

_STEP: Final = re.compile(r"\[([0-9]+)\]|\.?([^.\[]+)")


class DocumentLanguage(enum.Enum):
    """In what a document is written."""

    JSON = "json"
    RON = "ron"
    YAML = "yaml"


@attrs.frozen(kw_only=True)
class Authored:
    """A scenario as somebody wrote it."""

    spec: ScenarioSpec
    is_short: bool


def read_scenario(
    content: bytes, file: str, language: DocumentLanguage | None = None, *, is_for_author: bool = False
) -> Authored:
    """Read a scenario from the bytes of a document.

    Args:
        content: The document.
        file: How the document is called in faults.
        language: What it is written in. By default the extension of *file* tells: ``.json``, ``.ron``, and YAML
            otherwise, which JSON is as well.
        is_for_author: Whether the questions of the wire form are held to the contracts of the built-in providers. Those
            of the short form always are; the engine itself runs any.

    Raises:
        ScenarioDocumentError: It is no scenario; every fault has its place.
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        raise single(file, START, f"{len(content)} bytes", f"at most {MAX_DOCUMENT_BYTES}")
    document, places = _parsed(content, file, language or _language_of(file))
    if not isinstance(document, dict):
        raise single(file, START, "no mapping", "a scenario, which begins with `scenario: <name>`")
    if _depth(document) > MAX_DOCUMENT_DEPTH:
        raise single(file, START, "a document nested too deeply", f"at most {MAX_DOCUMENT_DEPTH} levels")
    faults = Faults(file, places)
    if SHORT_FORM_KEY not in document:
        spec = _decoded(document, faults, None)
        if is_for_author:
            _note_mistakes(spec, faults)
            faults.raise_if_any()
        return Authored(spec=spec, is_short=False)
    wire = wire_form(document, faults)
    faults.raise_if_any()
    spec = _decoded(wire, faults, document)
    note_unreachable(spec, faults)
    faults.raise_if_any()
    return Authored(spec=spec, is_short=True)


def read_scenario_file(
    path: FilePath, language: DocumentLanguage | None = None, *, is_for_author: bool = False
) -> Authored:
    """Read a scenario from a file; without *language* its extension tells. See ``read_scenario``.

    Raises:
        OSError: The file cannot be read.
        ScenarioDocumentError: It is no scenario.
    """
    with path.open("rb") as file:
        content = file.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        size = path.stat().st_size
        refusal = f"Refusing to read scenario at {path} because it is {size} bytes (limit {MAX_DOCUMENT_BYTES})."
        raise single(str(path), START, refusal)
    return read_scenario(content, str(path), language, is_for_author=is_for_author)


def _language_of(file: str) -> DocumentLanguage:
    extension = FilePath(file.lower()).suffix
    return {".json": DocumentLanguage.JSON, ".ron": DocumentLanguage.RON}.get(extension, DocumentLanguage.YAML)


def _parsed(content: bytes, file: str, language: DocumentLanguage) -> tuple[JsonValue, Places]:
    try:
        if language is DocumentLanguage.RON:
            return read_ron(content.decode("utf-8"), file)
        document = parse(content) if language is DocumentLanguage.JSON else parse_yaml(content)
        return document, Places(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise single(file, START, "not UTF-8") from error
    except JsonParseError as error:
        raise single(file, Place(error.line, max(1, error.column)), error.reason) from error
    except YamlDocumentError as error:
        place = Place(max(1, error.line), max(1, error.column))
        raise single(file, place, error.reason, error.allowed, error.path) from error


def _decoded(wire: JsonValue, faults: Faults, short: dict[str, JsonValue] | None) -> ScenarioSpec:
    """Return the record of a wire document, checked; faults are placed in the short form it was made from."""

    def place(path: Path) -> Path:
        return path if short is None else short_path(path, short)

    try:
        spec = decode(ScenarioSpec, wire)
        check_identifiers(spec)
        check_scenario(spec)
    except DecodeError as error:
        faults.add(place(_steps(error.path)), error.reason)
    except InvalidIdentifierError as error:
        faults.add(place(_steps(error.field)), str(error).partition(": ")[2])
    except InvalidScenarioError as error:
        faults.add((), str(error))
    else:
        return spec
    faults.raise_if_any()
    raise AssertionError("a fault was noted")


def _note_mistakes(spec: ScenarioSpec, faults: Faults) -> None:
    """Note what the contracts of built-in providers do not take."""
    for index, condition in enumerate(spec.conditions):
        query = condition.query
        for mistake in mistakes(query.provider_id, query.check_id, query.params):
            path: Path = ("conditions", index, "query", *mistake.path)
            faults.add(path, mistake.found, mistake.allowed, at_key=mistake.is_key)


def _steps(path: str) -> Path:
    """Split ``stages[0].gates`` into its steps."""
    return tuple(int(index) if index else name for index, name in _STEP.findall(path))


def _depth(value: JsonValue) -> int:
    """Count the levels of nested containers, without recursion."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, list | dict)]:
        depth += 1
        level = [member for each in level for member in (each.values() if isinstance(each, dict) else each)]
    return depth
