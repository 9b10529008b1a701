"""The ``report`` provider: one plain fact out of the reports that people's tools write."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final, assert_never

import attrs

from decision_gate.core.errors import EvidenceError
from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.model import (
    EvidenceAnchor,
    EvidenceContext,
    EvidenceProviderError,
    EvidenceQuery,
    EvidenceRef,
    EvidenceResult,
    JsonEvidence,
)
from decision_gate.core.ports.evidence import EvidenceProvider, EvidenceProviderFailureError
from decision_gate.mcp.config.kinds import Integer, Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.evidence.glob_pattern import GlobPatternError
from decision_gate.mcp.evidence.report.checks import CHECKS, Check
from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.facts import Report
from decision_gate.mcp.evidence.report.question import (
    MAX_FILES,
    Files,
    ListedFiles,
    MatchingFiles,
    OneFile,
    ReportQuestion,
    named_uri_path,
    read_question,
)
from decision_gate.mcp.evidence.report.readers.by_format import READERS, recognise
from decision_gate.mcp.evidence.rooted_errors import FileNotFoundBelowRootError, RootedFileError, SizeLimitExceededError
from decision_gate.mcp.evidence.rooted_files import RootedFiles, RootedFilesSettingError
from decision_gate.mcp.evidence.rooted_listing import list_files

MAX_TOTAL_BYTES: Final = 64 * 2**20
"""Bytes of all files of one question together; facts take some twenty times as much memory."""


@attrs.frozen(kw_only=True)
class ReportSettings:
    """``config`` of the ``report`` provider; ``root`` and ``root_id`` have no default that works."""

    root: str = key(Text(), "Folder that reports are read from; nothing outside it is.", default="")
    root_id: str = key(Text(), "Name of the folder in references, instead of its path.", default="")
    max_bytes: int = key(Integer(), "Longest file.", default=16 * 2**20)


def open_report_provider(settings: ReportSettings) -> AbstractContextManager[EvidenceProvider]:
    """Offer the provider to a server; it holds nothing that must be closed.

    Raises:
        RootedFilesSettingError: the root or its id is not given, or cannot be used.
    """
    return nullcontext(ReportProvider(settings))


@attrs.frozen
class _Place:
    """Where the answer was found: the only file, or all of them."""

    uri_path: str
    anchor_type: str
    paths: tuple[str, ...]


class ReportProvider:
    """Answers the checks of ``report.checks``.

    Raises:
        RootedFilesSettingError: the root or its id is not given, or cannot be used.
    """

    provider_id: Final = "report"

    def __init__(self, settings: ReportSettings) -> None:
        if not settings.root:
            raise RootedFilesSettingError("report provider requires config.root")
        self._files = RootedFiles(
            Path(settings.root), settings.root_id, settings.max_bytes, provider_id=self.provider_id
        )
        self._max_total_bytes = max(MAX_TOTAL_BYTES, settings.max_bytes)

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Answer with one fact over all files that ``params`` name.

        Whatever is wrong with parameters, files or reports is an error inside the result, with reference and anchor
        of the file it is about, or of all files once they were read.

        Raises:
            EvidenceProviderFailureError: another check.
        """
        del context
        check = CHECKS.get(query.check_id)
        if check is None:
            raise EvidenceProviderFailureError("unsupported report check")
        try:
            question = read_question(query.params, check)
            found = self._paths(question.files)
        except (ReportError, RootedFileError, GlobPatternError) as refusal:
            return EvidenceResult(error=_error(refusal))
        return self._answer(question, check, found)

    def _paths(self, files: Files) -> tuple[str, ...]:
        match files:
            case OneFile(path):
                return (path,)
            case ListedFiles(paths):
                return paths
            case MatchingFiles(pattern):
                paths = list_files(self._files, pattern)
                if not paths:
                    raise FileNotFoundBelowRootError("no file matches the pattern", details={"files": pattern})
                if len(paths) > MAX_FILES:
                    raise SizeLimitExceededError(f"more than {MAX_FILES} files match", details={"files": pattern})
                return paths
            case _:
                assert_never(files)

    def _answer(self, question: ReportQuestion, check: Check, paths: tuple[str, ...]) -> EvidenceResult:
        reports: dict[str, Report] = {}
        total = 0
        for path in paths:
            try:
                file = self._files.read(path)
                if file.relative_path in reports:
                    continue
                total += len(file.content)
                if total > self._max_total_bytes:
                    raise SizeLimitExceededError(f"the files have more than {self._max_total_bytes} bytes together")
            except RootedFileError as refusal:
                return self._refused(refusal, refusal.relative_path)
            try:
                reports[file.relative_path] = _read(file.content, question.format)
            except ReportError as refusal:
                return self._refused(refusal, file.relative_path)
        place = _place(question.files, tuple(sorted(reports)))
        try:
            value = check.answer([reports[path] for path in place.paths], question.filters)
        except ReportError as refusal:
            return self._located(EvidenceResult(error=_error(refusal)), place)
        result = EvidenceResult(value=JsonEvidence(value=value), content_type="application/json")
        return self._located(result, place)

    def _refused(self, refusal: ReportError | RootedFileError, relative_path: str | None) -> EvidenceResult:
        result = EvidenceResult(error=_error(refusal, relative_path))
        if relative_path is None:
            return result
        return self._located(result, _Place(relative_path, "file_path_rooted", (relative_path,)))

    def _located(self, result: EvidenceResult, place: _Place) -> EvidenceResult:
        root: dict[str, JsonValue] = {"root_id": self._files.root_id}
        if place.anchor_type == "file_path_rooted":
            root["path"] = place.paths[0]
        else:
            root["paths"] = [*place.paths]
        return attrs.evolve(
            result,
            evidence_ref=EvidenceRef(uri=self._files.uri(place.uri_path)),
            evidence_anchor=EvidenceAnchor(anchor_type=place.anchor_type, anchor_value=canonical(root).decode("utf-8")),
        )


def _place(files: Files, paths: tuple[str, ...]) -> _Place:
    anchor_type = "file_path_rooted" if isinstance(files, OneFile) else "file_set_rooted"
    return _Place(named_uri_path(files, paths), anchor_type, paths)


def _read(content: bytes, form: str | None) -> Report:
    return READERS[recognise(content) if form is None else form](content)


def _error(refusal: EvidenceError, relative_path: str | None = None) -> EvidenceProviderError:
    """Make the error of a refusal; one about the inside of a file names the file too."""
    details: JsonValue = refusal.details if isinstance(refusal, ReportError | RootedFileError) else None
    if relative_path is not None and isinstance(refusal, ReportError):
        details = {"file": relative_path, **(refusal.details or {})}
    return EvidenceProviderError(code=refusal.code, message=str(refusal), details=details)
