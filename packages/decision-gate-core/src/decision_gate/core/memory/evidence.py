"""Providers asked one after another: the collector for tests and library users."""

from collections.abc import Mapping, Sequence

from decision_gate.core.model import EvidenceContext, EvidenceQuery, ProviderMissingDetails
from decision_gate.core.ports import (
    EvidenceAnswer,
    EvidenceProvider,
    EvidenceProviderFailureError,
    ProviderFailure,
)


class SequentialCollector:
    """An ``EvidenceCollector`` over *providers* by id, without deadlines."""

    def __init__(self, providers: Mapping[str, EvidenceProvider]) -> None:
        self._providers = dict(providers)

    def missing(self, queries: Sequence[EvidenceQuery]) -> ProviderMissingDetails | None:
        """Return the provider ids without a provider and the checks they were asked for, both sorted."""
        absent = [query for query in queries if query.provider_id not in self._providers]
        if not absent:
            return None
        return ProviderMissingDetails(
            missing_providers=tuple(sorted({query.provider_id for query in absent})),
            required_capabilities=tuple(sorted({query.check_id for query in absent})),
            blocked_by_policy=False,
        )

    def collect(self, queries: Sequence[EvidenceQuery], context: EvidenceContext) -> Sequence[EvidenceAnswer]:
        """Ask each query in order; a provider that is not there has failed like one that cannot answer."""
        return [self._ask(query, context) for query in queries]

    def _ask(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceAnswer:
        provider = self._providers.get(query.provider_id)
        if provider is None:
            return ProviderFailure(message=f"provider not registered: {query.provider_id}")
        try:
            return provider.query(query, context)
        except EvidenceProviderFailureError as error:
            return ProviderFailure(message=error.message)
