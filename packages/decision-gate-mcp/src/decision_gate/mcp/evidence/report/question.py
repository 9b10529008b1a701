"""What a query asks of which files."""

from typing import assert_never

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.glob_pattern import NamePattern, has_wildcards, name_pattern
from decision_gate.mcp.evidence.report.checks import Check
from decision_gate.mcp.evidence.report.errors import ReportParamsError
from decision_gate.mcp.evidence.report.filters import BASELINE_STATES, PATTERNS, Filters
from decision_gate.mcp.evidence.report.readers.by_format import READERS
from decision_gate.mcp.evidence.report.severity import SEVERITY_BY_WORD

MAX_FILES = 4096
"""Files that one question may be about."""


class ParamsMissingError(ReportParamsError):
    """The query has no parameters."""

    code = "params_missing"


@attrs.frozen
class OneFile:
    """``file``: one literal path."""

    path: str


@attrs.frozen
class ListedFiles:
    """``files`` as an array: literal paths."""

    paths: tuple[str, ...]


@attrs.frozen
class MatchingFiles:
    """``files`` as text: a pattern of paths, or one path."""

    pattern: str


Files = OneFile | ListedFiles | MatchingFiles


@attrs.frozen(kw_only=True)
class ReportQuestion:
    """Parameters of a query; ``format`` None is to be recognised."""

    files: Files
    format: str | None
    filters: Filters


def read_question(params: JsonValue, check: Check) -> ReportQuestion:
    """Read the parameters of a query.

    Raises:
        ReportParamsError: they are not what the check takes.
        ParamsMissingError: there are none.
    """
    if params is None:
        raise ParamsMissingError("report check requires params")
    if not isinstance(params, dict):
        raise ReportParamsError("report params must be an object")
    unknown = sorted(set(params) - {"file", "files", "format", *check.filters})
    if unknown:
        raise ReportParamsError(f"unknown params: {', '.join(unknown)}")
    form = params.get("format")
    if "format" in params and not (isinstance(form, str) and form in READERS):
        raise ReportParamsError(f"format param must be one of {', '.join(READERS)}")
    return ReportQuestion(
        files=_files(params), format=form if isinstance(form, str) else None, filters=_filters(params)
    )


def named_uri_path(files: Files, paths: tuple[str, ...]) -> str:
    """Return the path that stands for all files in a reference: the pattern, or the first of ``paths``."""
    match files:
        case MatchingFiles(pattern) if has_wildcards(pattern):
            return pattern
        case OneFile() | ListedFiles() | MatchingFiles():
            return paths[0]
        case _:
            assert_never(files)


def _files(params: dict[str, JsonValue]) -> Files:
    if ("file" in params) == ("files" in params):
        raise ReportParamsError("exactly one of file and files is required")
    if "file" in params:
        file = params["file"]
        if not isinstance(file, str):
            raise ReportParamsError("file param must be a string")
        return OneFile(file)
    files = params["files"]
    if isinstance(files, str):
        return MatchingFiles(files)
    if not isinstance(files, list) or not files:
        raise ReportParamsError("files param must be a string or an array of strings that is not empty")
    paths = tuple(path for path in files if isinstance(path, str))
    if len(paths) < len(files):
        raise ReportParamsError("files param must be a string or an array of strings that is not empty")
    if len(paths) > MAX_FILES:
        raise ReportParamsError(f"files param has at most {MAX_FILES} paths")
    return ListedFiles(paths)


def _filters(params: dict[str, JsonValue]) -> Filters:
    include_suppressed = params.get("include_suppressed", False)
    if not isinstance(include_suppressed, bool):
        raise ReportParamsError("include_suppressed param must be a boolean")
    severity = _word(params, "severity_at_least", tuple(SEVERITY_BY_WORD))
    patterns: dict[str, NamePattern] = {}
    for name in PATTERNS:
        if name in params:
            text = params[name]
            if not isinstance(text, str):
                raise ReportParamsError(f"{name} param must be a string")
            patterns[name] = name_pattern(text)
    return Filters(
        **patterns,
        severity_at_least=None if severity is None else SEVERITY_BY_WORD[severity],
        include_suppressed=include_suppressed,
        baseline_state=_word(params, "baseline_state", BASELINE_STATES),
    )


def _word(params: dict[str, JsonValue], name: str, words: tuple[str, ...]) -> str | None:
    if name not in params:
        return None
    word = params[name]
    if not isinstance(word, str) or word not in words:
        raise ReportParamsError(f"{name} param must be one of {', '.join(words)}")
    return word
