"""What a provider offers: its checks, their params, what they answer and how that may be compared (contract §7.1).

A contract is read, checked and compiled once, when the server starts.
"""

import enum
import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import attrs

from decision_gate.core.codec import DecodeError, decode, encode
from decision_gate.core.comparators import Comparator
from decision_gate.core.json import CanonicalSizeError, JsonValue, canonical_within
from decision_gate.core.model import HashDigest
from decision_gate.core.model.primitives import Json
from decision_gate.mcp.evidence.contract_errors import (
    ContractHashError,
    ContractInvalidError,
    ContractParseFailedError,
    ContractSchemaError,
)
from decision_gate.mcp.json_schema import InvalidSchemaError, JsonSchema

MAX_CONTRACT_BYTES: Final = 1_048_576
"""Bytes of a contract file, and of the canonical contract that is hashed."""

_ORDER: Final = {comparator: place for place, comparator in enumerate(Comparator)}


class Determinism(enum.Enum):
    """Whether a check answers the same when it is asked again."""

    DETERMINISTIC = "deterministic"
    TIME_DEPENDENT = "time_dependent"
    EXTERNAL = "external"


class ContractSource(StrEnum):
    """Where a contract comes from: the code of the server or of a plug-in, or a file that the operator named."""

    BUILTIN = "builtin"
    FILE = "file"


@attrs.frozen(kw_only=True)
class CheckExample:
    """One question and its answer; descriptive only."""

    description: str
    params: Json
    result: Json


@attrs.frozen(kw_only=True)
class CheckDocument:
    """One check as the contract writes it."""

    check_id: str
    description: str
    determinism: Determinism
    params_required: bool
    params_schema: Json
    result_schema: Json
    allowed_comparators: tuple[Comparator, ...]
    anchor_types: tuple[str, ...]
    content_types: tuple[str, ...]
    examples: tuple[CheckExample, ...]


@attrs.frozen(kw_only=True)
class ContractDocument:
    """A contract as it is written; unknown members are dropped before it is hashed."""

    provider_id: str
    name: str
    description: str
    transport: str
    config_schema: Json
    checks: tuple[CheckDocument, ...]
    notes: tuple[str, ...]


@attrs.frozen(kw_only=True, eq=False)
class Check:
    """One check, its schemas compiled.

    Attributes:
        document: The check as written.
        params: Schema of the params.
        result: Schema of the answer.
    """

    document: CheckDocument
    params: JsonSchema
    result: JsonSchema

    @property
    def params_required(self) -> bool:
        """Whether a question without params is refused."""
        return self.document.params_required

    @property
    def result_schema(self) -> JsonValue:
        """The schema of the answer as written, for the rules about comparators."""
        return self.document.result_schema

    @property
    def allowed_comparators(self) -> tuple[Comparator, ...]:
        """How the answer may be compared, in canonical order."""
        return self.document.allowed_comparators


@attrs.frozen(kw_only=True, eq=False)
class ProviderContract:
    """A contract that holds.

    Attributes:
        provider_id: Id of the provider.
        transport: ``builtin`` for everything inside the server, ``mcp`` for what speaks MCP.
        source: Where it comes from.
        value: Its wire form.
        digest: SHA-256 of its canonical wire form.
        checks: The checks by id; of a repeated id the last one counts (contract §7.2).
    """

    provider_id: str
    transport: str
    source: ContractSource
    value: JsonValue
    digest: HashDigest
    checks: Mapping[str, Check]


ProviderContracts = Mapping[str, ProviderContract]
"""Contracts by provider id; a provider that offers none is not in it."""


def read_contract(
    value: JsonValue, provider_id: str, *, transport: str, origin: str, source: ContractSource
) -> ProviderContract:
    """Check a contract and compile its schemas.

    Args:
        value: The parsed document.
        provider_id: Name of the provider in the configuration.
        transport: How the server reaches the provider; a file of an external one must say so itself.
        origin: What errors name as its source.
        source: Where it comes from.

    Raises:
        ContractParseFailedError: A member is missing or of the wrong type.
        ContractInvalidError: It is another provider's, or its comparators are missing or out of order.
        ContractSchemaError: A schema in it is none.
        ContractHashError: It is larger than ``MAX_CONTRACT_BYTES``.
    """
    try:
        document = decode(ContractDocument, value)
    except DecodeError as error:
        raise ContractParseFailedError(origin, str(error)) from error
    if document.provider_id != provider_id:
        raise ContractInvalidError(
            provider_id, f"provider id mismatch (expected {provider_id}, got {document.provider_id})"
        )
    if transport == MCP and document.transport != MCP:
        raise ContractInvalidError(provider_id, "external providers must declare transport=mcp")
    written: Any = encode(document)
    return ProviderContract(
        provider_id=provider_id,
        transport=transport,
        source=source,
        value=written,
        digest=_digest(provider_id, written),
        checks={check.check_id: _compiled(provider_id, check) for check in document.checks},
    )


MCP: Final = "mcp"
BUILTIN: Final = "builtin"


def _digest(provider_id: str, written: JsonValue) -> HashDigest:
    try:
        content = canonical_within(written, MAX_CONTRACT_BYTES)
    except CanonicalSizeError as error:
        raise ContractHashError(provider_id, str(error)) from error
    return HashDigest(value=hashlib.sha256(content).hexdigest())


def _compiled(provider_id: str, check: CheckDocument) -> Check:
    places = [_ORDER[comparator] for comparator in check.allowed_comparators]
    if not places:
        raise ContractInvalidError(provider_id, f"check {check.check_id} missing allowed_comparators")
    if places != sorted(places):
        raise ContractInvalidError(provider_id, f"check {check.check_id} comparators not in canonical order")
    try:
        return Check(document=check, params=JsonSchema(check.params_schema), result=JsonSchema(check.result_schema))
    except InvalidSchemaError as error:
        raise ContractSchemaError(provider_id, check.check_id, error.reason) from error
