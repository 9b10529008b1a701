"""The ``json`` provider: one value of a JSON or YAML file below a root (contract §1.4)."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.json import canonical
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
from decision_gate.mcp.config.kinds import Boolean, Integer, Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.evidence.json_question import answer_question, read_question
from decision_gate.mcp.evidence.rooted_errors import RootedFileError
from decision_gate.mcp.evidence.rooted_files import RootedFiles, RootedFilesSettingError


@attrs.frozen(kw_only=True)
class JsonSettings:
    """``config`` of the ``json`` provider; ``root`` and ``root_id`` have no default that works."""

    root: str = key(Text(), "Folder that files are read from; nothing outside it is.", default="")
    root_id: str = key(Text(), "Name of the folder in references, instead of its path.", default="")
    max_bytes: int = key(Integer(), "Longest file.", default=1_048_576)
    allow_yaml: bool = key(Boolean(), "Read .yaml and .yml files too.", default=True)


def open_json_provider(settings: JsonSettings) -> AbstractContextManager[EvidenceProvider]:
    """Offer the provider to a server; it holds nothing that must be closed.

    Raises:
        RootedFilesSettingError: the root or its id is not given, or cannot be used.
    """
    return nullcontext(JsonProvider(settings))


class JsonProvider:
    """Answers ``json.path``.

    Raises:
        RootedFilesSettingError: the root or its id is not given, or cannot be used.
    """

    provider_id: Final = "json"

    def __init__(self, settings: JsonSettings) -> None:
        if not settings.root:
            raise RootedFilesSettingError("json provider requires config.root")
        self._files = RootedFiles(Path(settings.root), settings.root_id, settings.max_bytes)
        self._allow_yaml = settings.allow_yaml

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Answer with what ``params.jsonpath`` selects in ``params.file``.

        Whatever is wrong with parameters, file or document is an error inside the result; the reference and the
        anchor of the file are kept once they are known.

        Raises:
            EvidenceProviderFailureError: another check.
        """
        del context
        if query.check_id != "path":
            raise EvidenceProviderFailureError("unsupported json check")
        question = read_question(query.params)
        if isinstance(question, EvidenceProviderError):
            return EvidenceResult(error=question)
        try:
            file = self._files.read(question.file)
        except RootedFileError as refusal:
            error = EvidenceProviderError(code=refusal.code, message=str(refusal), details=refusal.details)
            return self._located(EvidenceResult(error=error), refusal.relative_path)
        answer = answer_question(question, file.content, file.relative_path, allow_yaml=self._allow_yaml)
        if isinstance(answer, EvidenceProviderError):
            return self._located(EvidenceResult(error=answer), file.relative_path)
        result = EvidenceResult(value=JsonEvidence(value=answer.value), content_type=answer.content_type)
        return self._located(result, file.relative_path)

    def _located(self, result: EvidenceResult, relative_path: str | None) -> EvidenceResult:
        if relative_path is None:
            return result
        place = canonical({"path": relative_path, "root_id": self._files.root_id}).decode("utf-8")
        return attrs.evolve(
            result,
            evidence_ref=EvidenceRef(uri=self._files.uri(relative_path)),
            evidence_anchor=EvidenceAnchor(anchor_type="file_path_rooted", anchor_value=place),
        )
