"""What ``json.path`` asks and answers, once the bytes of the file are there (contract §1.4)."""

from pathlib import PurePosixPath

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.core.model import EvidenceProviderError
from decision_gate.mcp.evidence.jsonpath import JsonPathError, compile_path, select
from decision_gate.mcp.evidence.yaml_document import parse_yaml
from decision_gate.mcp.evidence.yaml_errors import YamlDocumentError

_YAML_SUFFIXES = frozenset((".yaml", ".yml"))


@attrs.frozen(kw_only=True)
class FileQuestion:
    """Parameters of a query.

    Attributes:
        file: path below the root, as the caller wrote it.
        jsonpath: what to select; None is the whole document.
    """

    file: str
    jsonpath: str | None


@attrs.frozen(kw_only=True)
class FileAnswer:
    """What the document says; one match is the bare value, several are an array."""

    value: JsonValue
    content_type: str


def read_question(params: JsonValue) -> FileQuestion | EvidenceProviderError:
    """Read the parameters of a query; unknown members are ignored."""
    if params is None:
        return EvidenceProviderError(code="params_missing", message="json check requires params")
    if not isinstance(params, dict):
        return _params_invalid("json params must be an object")
    if "file" not in params:
        return EvidenceProviderError(code="params_missing", message="missing file param")
    file = params["file"]
    if not isinstance(file, str):
        return _params_invalid("file param must be a string")
    if "jsonpath" not in params:
        return FileQuestion(file=file, jsonpath=None)
    jsonpath = params["jsonpath"]
    if not isinstance(jsonpath, str):
        return _params_invalid("jsonpath param must be a string")
    return FileQuestion(file=file, jsonpath=jsonpath)


def answer_question(
    question: FileQuestion, content: bytes, relative_path: str, *, allow_yaml: bool
) -> FileAnswer | EvidenceProviderError:
    """Read ``content`` by the extension of ``relative_path`` and select from it.

    ``.yaml`` and ``.yml`` in any case are YAML, every other name is JSON; both strictly (deviation X13).
    """
    try:
        if PurePosixPath(relative_path).suffix.lower() in _YAML_SUFFIXES:
            if not allow_yaml:
                return EvidenceProviderError(code="yaml_disabled", message="yaml parsing is disabled")
            document, content_type = parse_yaml(content), "application/yaml"
        else:
            document, content_type = parse(content), "application/json"
    except JsonParseError:
        return EvidenceProviderError(code="invalid_json", message="invalid json")
    except YamlDocumentError:
        return EvidenceProviderError(code="invalid_yaml", message="invalid yaml")
    if question.jsonpath is None:
        return FileAnswer(value=document, content_type=content_type)
    details: JsonValue = {"jsonpath": question.jsonpath}
    try:
        matches = select(compile_path(question.jsonpath), document)
    except JsonPathError:
        return EvidenceProviderError(code="invalid_jsonpath", message="invalid jsonpath", details=details)
    if not matches:
        message = f"jsonpath not found: {question.jsonpath}"
        return EvidenceProviderError(code="jsonpath_not_found", message=message, details=details)
    return FileAnswer(value=matches[0] if len(matches) == 1 else matches, content_type=content_type)


def _params_invalid(message: str) -> EvidenceProviderError:
    return EvidenceProviderError(code="params_invalid", message=message)
