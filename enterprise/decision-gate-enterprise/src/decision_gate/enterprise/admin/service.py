"""The one way to administer: judge the actor, do it in one transaction, audit it in the same, answer once.

Use cases are pure over the transaction they are given; time, numbers, keys, audit and idempotency are here.
"""

import hashlib
from collections.abc import Callable

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.actor import Actor
from decision_gate.enterprise.admin.errors import AdminDeniedError
from decision_gate.enterprise.admin.idempotency import Given, Repeatable, given_before, keep_given
from decision_gate.enterprise.admin.sealing import Sealer
from decision_gate.enterprise.admin.use_case import Minted, Outcome, UseCase, Work
from decision_gate.enterprise.identity.hashing import SecretHasher
from decision_gate.enterprise.identity.key_text import Environment, Randomness, mint
from decision_gate.enterprise.tenancy.numbers import Numbers
from decision_gate.enterprise.transactions import ReadOnly, Transaction, Transactions
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import AuditSink


@attrs.frozen(kw_only=True)
class Means:
    """What use cases are given from outside: clock, numbers, randomness, hashing, sealing, retention."""

    now_ms: Callable[[], int]
    numbers: Numbers
    below: Randomness
    hasher: SecretHasher
    sealer: Sealer
    retention_ms: int


@attrs.frozen(kw_only=True)
class AdminService:
    """Performs use cases. Safe for threads."""

    database: Transactions
    sink: AuditSink
    means: Means

    def perform(
        self, use_case: UseCase, request: object, actor: Actor, idempotency_key: str | None = None
    ) -> dict[str, JsonValue]:
        """Do *use_case* for *actor* and return what it answers.

        A change is durable and audited when this returns, and neither when it raises. The same request of the same
        actor with the same *idempotency_key* is done once and answered the same; a secret is told again for a day.

        Args:
            use_case: What to do.
            request: A record of ``use_case.request``.
            actor: Who asks.
            idempotency_key: Chosen by the client; of no meaning for what changes nothing.

        Raises:
            AdminDeniedError: The actor has not the role; audited.
            CallerError: The use case refuses; nothing has changed.
            StoreError: Nothing was written, or nobody knows (``OutcomeUnknownError``).
        """
        at_ms = self.means.now_ms()
        try:
            actor.demand(use_case.need, getattr(request, "tenant_id", None), is_change=use_case.is_change)
            return self._performed(use_case, request, actor, idempotency_key, at_ms)
        except AdminDeniedError as denied:
            self.tell(_denial(use_case, actor, denied.reason, at_ms))
            raise

    def _performed(
        self, use_case: UseCase, request: object, actor: Actor, idempotency_key: str | None, at_ms: int
    ) -> dict[str, JsonValue]:
        means, minted = self.means, self._minted(request) if use_case.mints else None

        def outcome_in(transaction: Transaction) -> Outcome:
            return use_case.perform(
                Work(
                    transaction=transaction,
                    actor=actor,
                    at_ms=at_ms,
                    numbers=means.numbers,
                    retention_ms=means.retention_ms,
                    minted=minted,
                ),
                request,
            )

        if not use_case.is_change:
            return outcome_in(ReadOnly(self.database)).answer
        repeatable = None
        if idempotency_key is not None:
            spelled: dict[str, JsonValue] = {"use_case": use_case.name, "request": encode(request)}
            repeatable = Repeatable(actor_id=actor.principal_id, key=idempotency_key, request=spelled)

        def work(transaction: Transaction) -> tuple[dict[str, JsonValue], AuditEvent | None]:
            if repeatable is not None and (given := given_before(transaction, repeatable, at_ms)) is not None:
                return self._again(given, repeatable), None
            outcome = outcome_in(transaction)
            event = _change(use_case, actor, outcome, at_ms)
            transaction.ride(self.sink.riders(event))
            secret = None if outcome.key is None else outcome.key.spelled()
            if repeatable is not None:
                sealed = None if secret is None else means.sealer.seal(secret, _purpose(repeatable))
                keep_given(transaction, repeatable, Given(answer=outcome.answer, sealed=sealed), at_ms)
            return outcome.answer if secret is None else {**outcome.answer, "key": secret}, event

        answer, event = self.database.run(self.sink, work)
        if event is not None:
            self.sink.record([event])
        return answer

    def _again(self, given: Given, repeatable: Repeatable) -> dict[str, JsonValue]:
        answer = given.answer if isinstance(given.answer, dict) else {}
        if "key" not in answer:
            return answer
        secret = None if given.sealed is None else self.means.sealer.open(given.sealed, _purpose(repeatable))
        return {**answer, "key": secret}

    def _minted(self, request: object) -> Minted:
        environment = getattr(request, "environment", Environment.LIVE)
        text = mint(environment, self.means.below)
        return Minted(text=text, secret_hash=self.means.hasher.hashed(text.secret))

    def tell(self, event: AuditEvent) -> None:
        """Make an event durable by itself: a denial that no change goes with. Raise ``StoreError``."""
        self.database.run(self.sink, lambda transaction: transaction.ride(self.sink.riders(event)))
        self.sink.record([event])


def _purpose(repeatable: Repeatable) -> bytes:
    actor, key = repeatable.columns
    return hashlib.sha256(actor).digest() + key + repeatable.request_sha256


def _change(use_case: UseCase, actor: Actor, outcome: Outcome, at_ms: int) -> AuditEvent:
    return AuditEvent(
        event="admin_change",
        members={
            "timestamp_ms": at_ms,
            "action": use_case.name,
            **_actor(actor),
            "tenant_id": None if outcome.tenant_id is None else str(outcome.tenant_id),
            "before": outcome.before,
            "after": outcome.after,
        },
    )


def _denial(use_case: UseCase, actor: Actor, reason: str, at_ms: int) -> AuditEvent:
    # Without the tenant that was named: strangers must not write into the audit of others.
    return AuditEvent(
        event="admin_denied",
        is_denial=True,
        members={"timestamp_ms": at_ms, "action": use_case.name, **_actor(actor), "reason": reason},
    )


def _actor(actor: Actor) -> dict[str, JsonValue]:
    return {
        "principal_id": actor.principal_id,
        "auth_method": actor.method,
        "subject": actor.subject,
        "server_correlation_id": actor.correlation_id,
    }
