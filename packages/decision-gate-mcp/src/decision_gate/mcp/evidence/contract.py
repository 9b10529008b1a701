"""The published contracts of the built-in providers (contract §7.1, §7.5): package data, read when first asked for."""

from functools import cache
from importlib.resources import files
from typing import Final

from decision_gate.core.json import JsonValue, parse
from decision_gate.mcp.evidence.errors import UnknownBuiltinProviderError

BUILTIN_CONTRACTS: Final = ("time", "env", "json", "http", "report")
"""Providers with a published contract, in the order in which they are published."""


def builtin_contract(provider_id: str) -> dict[str, JsonValue]:
    """Return the contract document of a built-in provider; a fresh copy, the caller may change it.

    Raises:
        UnknownBuiltinProviderError: there is no such built-in provider.
    """
    if provider_id not in BUILTIN_CONTRACTS:
        raise UnknownBuiltinProviderError(provider_id)
    document = parse(_contract_bytes(provider_id))
    if not isinstance(document, dict):
        raise TypeError("a contract is a JSON object")
    return document


@cache
def _contract_bytes(provider_id: str) -> bytes:
    return files("decision_gate.mcp.evidence").joinpath("contracts", f"{provider_id}.json").read_bytes()
