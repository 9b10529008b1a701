"""Where evidence comes from: many questions at once, one answer each."""

from collections.abc import Sequence
from typing import Protocol

import attrs

from decision_gate.core.errors import EvidenceError
from decision_gate.core.model import (
    EvidenceContext,
    EvidenceQuery,
    EvidenceResult,
    ProviderMissingDetails,
)


class EvidenceProviderFailureError(EvidenceError):
    """A provider could not answer at all; recorded as ``provider_error`` with this text (contract §6.6)."""

    code = "provider_error"

    def __init__(self, message: str) -> None:
        super().__init__(f"evidence provider error: {message}")
        self.message = message


@attrs.frozen(kw_only=True)
class ProviderFailure:
    """The failure of one query among many; ``message`` is what ``EvidenceProviderFailureError`` carries."""

    message: str


EvidenceAnswer = EvidenceResult | ProviderFailure


class EvidenceProvider(Protocol):
    """Answers the questions of one provider id."""

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Answer *query*; a soft error is a result that carries an error.

        Raises:
            EvidenceProviderFailureError: The provider cannot answer at all.
        """
        ...


class EvidenceCollector(Protocol):
    """All providers of an engine, asked side by side."""

    def missing(self, queries: Sequence[EvidenceQuery]) -> ProviderMissingDetails | None:
        """Return which providers that *queries* need are absent or blocked, none when all are there.

        *queries* are those of all conditions of a scenario, in order.
        """
        ...

    def collect(self, queries: Sequence[EvidenceQuery], context: EvidenceContext) -> Sequence[EvidenceAnswer]:
        """Return one answer for each query, in their order; never raises for a failing provider."""
        ...
