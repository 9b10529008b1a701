"""What a use case is: one record that the command line, the HTTP API and the tools all read."""

from collections.abc import Callable
from typing import Any

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.actor import Actor, Need
from decision_gate.enterprise.identity.key_text import KeyText
from decision_gate.enterprise.tenancy.numbers import Numbers
from decision_gate.enterprise.transactions import Transaction


@attrs.frozen(kw_only=True)
class Minted:
    """A new key, made before the transaction: hashing is slow, and nobody else shall wait for it."""

    text: KeyText
    secret_hash: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Work:
    """What a use case works with. ``minted`` is there for those that mint a key."""

    transaction: Transaction
    actor: Actor
    at_ms: int
    numbers: Numbers
    retention_ms: int
    minted: Minted | None = None


@attrs.frozen(kw_only=True)
class Outcome:
    """What a use case did.

    Attributes:
        answer: What the caller is told; a minted key is added to it as ``key``.
        before: What was there, for the audit.
        after: What is there now, for the audit; never a secret or a hash of one.
        tenant_id: Whose audit it is; none for the deployment's.
        key: The minted key, which the caller is told this once.
    """

    answer: dict[str, JsonValue]
    before: JsonValue = None
    after: JsonValue = None
    tenant_id: int | None = None
    key: KeyText | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class UseCase:
    """One thing that can be administered.

    Attributes:
        name: ``family.verb``.
        summary: One sentence for people.
        request: Frozen class of what it takes.
        need: Whose it is.
        perform: Does it, in a transaction.
        is_change: Whether it changes anything; then it is audited.
        mints: Whether it needs a new key.
        method: HTTP method below ``/admin/v1``; none when it is for the console alone.
        path: Path below ``/admin/v1``, with names of the request's fields in braces.
    """

    name: str
    summary: str
    request: type
    need: Need
    perform: Callable[[Work, Any], Outcome]
    is_change: bool = True
    mints: bool = False
    method: str | None = None
    path: str = ""

    @property
    def family(self) -> str:
        """What it is about, such as ``tenant`` or ``key``."""
        return self.name.partition(".")[0]

    @property
    def verb(self) -> str:
        """What it does to it."""
        return self.name.partition(".")[2]
