"""Ask providers side by side, each with a deadline and a bulkhead of its own (deviation S7, contract §1.1)."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext

import attrs

from decision_gate.core.model import EvidenceContext, EvidenceQuery, ProviderMissingDetails
from decision_gate.core.ports.evidence import (
    EvidenceAnswer,
    EvidenceProvider,
    EvidenceProviderFailureError,
    ProviderFailure,
)
from decision_gate.mcp.correlation import client_correlation_id
from decision_gate.mcp.errors import InvalidCorrelationIdError
from decision_gate.mcp.evidence.access_policy import ProviderAccessPolicy
from decision_gate.mcp.evidence.circuit import Circuit
from decision_gate.mcp.evidence.worker_pool import Ticket, WorkerPool
from decision_gate.mcp.waiting import waiting


@attrs.frozen(kw_only=True)
class Bulkhead:
    """How a provider that may have to wait is asked.

    Attributes:
        deadline_ms: time for one answer, waiting for a free place included.
        places: queries of the provider that run at the same time, over all runs.
    """

    deadline_ms: int = attrs.field(default=10_000, validator=attrs.validators.gt(0))
    places: int = attrs.field(default=16, validator=attrs.validators.gt(0))


@attrs.frozen(kw_only=True)
class RegisteredProvider:
    """A provider and how it is asked.

    Attributes:
        bulkhead: None for a provider that answers at once from memory or a small local file: it is asked in the
            caller's thread, which costs a tenth of handing the query over, and cannot be given up on.
        circuit: tells the state of a provider that rests after failures; none for one that is always asked.
    """

    provider: EvidenceProvider
    bulkhead: Bulkhead | None = None
    circuit: Callable[[], Circuit] | None = None


class ParallelCollector:
    """An ``EvidenceCollector``; ``close`` it when nobody asks any more.

    A provider that does not answer in time has failed; its thread ends when it does, and until then it takes up a
    place of its own bulkhead and of no other.

    Args:
        providers: by id.
        policy: which of them may be asked.
        monotonic: seconds of a clock that only runs forward.
    """

    def __init__(
        self,
        providers: Mapping[str, RegisteredProvider],
        *,
        policy: ProviderAccessPolicy | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        policy = policy or ProviderAccessPolicy()
        permitted = {name: registered for name, registered in providers.items() if policy.permits(name)}
        self._policy = policy
        self._inline = {
            name: registered.provider.query for name, registered in permitted.items() if registered.bulkhead is None
        }
        self._pooled = {
            name: _Pooled(name, registered.provider, registered.bulkhead)
            for name, registered in permitted.items()
            if registered.bulkhead is not None
        }
        self._circuits = {
            name: registered.circuit for name, registered in permitted.items() if registered.circuit is not None
        }
        self._monotonic = monotonic

    def circuits(self) -> Mapping[str, Circuit]:
        """Return the state of every provider that has a circuit, by id in order."""
        return {name: self._circuits[name]() for name in sorted(self._circuits)}

    def missing(self, queries: Sequence[EvidenceQuery]) -> ProviderMissingDetails | None:
        """Return the provider ids that are absent or blocked and the checks they were asked for, both sorted."""
        absent = [query for query in queries if self._is_unusable(query.provider_id)]
        if not absent:
            return None
        return ProviderMissingDetails(
            missing_providers=tuple(sorted({query.provider_id for query in absent})),
            required_capabilities=tuple(sorted({query.check_id for query in absent})),
            blocked_by_policy=any(not self._policy.permits(query.provider_id) for query in absent),
        )

    def collect(self, queries: Sequence[EvidenceQuery], context: EvidenceContext) -> Sequence[EvidenceAnswer]:
        """Ask all queries; the time it takes is that of the slowest, and at most the longest deadline.

        Whatever a provider raises is its failure and not the caller's: a plug-in must not take a step down. A
        correlation id that no header could carry fails every query instead of the call (contract §1.6).
        """
        if context.correlation_id is not None:
            try:
                context = attrs.evolve(context, correlation_id=client_correlation_id(context.correlation_id))
            except InvalidCorrelationIdError as error:
                return [ProviderFailure(message=str(error)) for _query in queries]
        begun = {
            index: self._begin(pooled, query, context)
            for index, query in enumerate(queries)
            if (pooled := self._pooled.get(query.provider_id)) is not None
        }
        with waiting() if begun else nullcontext():
            return [
                self._answer(query, context) if (asked := begun.get(index)) is None else asked.answer(self._monotonic)
                for index, query in enumerate(queries)
            ]

    def close(self) -> None:
        """Let idle threads end and drop what waits; queries that have begun are left to end by themselves."""
        for pooled in self._pooled.values():
            pooled.pool.close()

    def _is_unusable(self, provider_id: str) -> bool:
        return provider_id not in self._inline and provider_id not in self._pooled

    def _answer(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceAnswer:
        ask = self._inline.get(query.provider_id)
        if ask is not None:
            return _ask(ask, query, context)
        if not self._policy.permits(query.provider_id):
            return ProviderFailure(message=f"provider blocked by policy: {query.provider_id}")
        return ProviderFailure(message=f"provider not registered: {query.provider_id}")

    def _begin(self, pooled: "_Pooled", query: EvidenceQuery, context: EvidenceContext) -> "_Waiting":
        ticket = pooled.pool.submit(lambda: _ask(pooled.provider.query, query, context))
        return _Waiting(pooled, ticket, self._monotonic() + pooled.bulkhead.deadline_ms / 1000)


class _Pooled:
    """A provider with its threads."""

    def __init__(self, name: str, provider: EvidenceProvider, bulkhead: Bulkhead) -> None:
        self.provider = provider
        self.bulkhead = bulkhead
        self.pool: WorkerPool[EvidenceAnswer] = WorkerPool(f"evidence-{name}", bulkhead.places)


class _Waiting:
    """A query that was handed over, and when its answer is due."""

    def __init__(self, pooled: _Pooled, ticket: Ticket[EvidenceAnswer], due: float) -> None:
        self._pooled = pooled
        self._ticket = ticket
        self._due = due

    def answer(self, monotonic: Callable[[], float]) -> EvidenceAnswer:
        found = self._ticket.wait(self._due - monotonic())
        if found is not None:
            return found
        self._pooled.pool.withdraw(self._ticket)
        return ProviderFailure(message=f"provider timed out after {self._pooled.bulkhead.deadline_ms} ms")


_Ask = Callable[[EvidenceQuery, EvidenceContext], EvidenceAnswer]


def _ask(ask: _Ask, query: EvidenceQuery, context: EvidenceContext) -> EvidenceAnswer:
    try:
        return ask(query, context)
    except EvidenceProviderFailureError as error:
        return ProviderFailure(message=error.message)
    except Exception as error:  # noqa: BLE001 - see ``collect``; the text of a foreign exception may hold evidence
        return ProviderFailure(message=f"provider raised {type(error).__name__}")
