"""Read the capability contract of every configured provider (contract §7.2)."""

from typing import Final

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.config.providers import ProviderTable, ProviderType
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.rules import MAX_COMPONENT_BYTES, MAX_PATH_BYTES
from decision_gate.mcp.evidence.capability_contract import (
    BUILTIN,
    MAX_CONTRACT_BYTES,
    MCP,
    ContractSource,
    ProviderContract,
    read_contract,
)
from decision_gate.mcp.evidence.contract import builtin_contract
from decision_gate.mcp.evidence.contract_errors import (
    ContractInvalidError,
    ContractParseFailedError,
    ContractPathInvalidError,
    ContractReadFailedError,
)
from decision_gate.mcp.plugins import OfferMissingError, Offers

CONTRACT_OFFERS: Final = "decision_gate.provider_contracts"
"""Group of the contracts that plug-ins offer, by the name of their provider's offer.

``open_<thing>()`` is a context manager that gives the JSON document; its ``provider_id`` is replaced by the name
that the configuration chose.
"""


def read_contracts(config: Config, offers: Offers) -> dict[str, ProviderContract]:
    """Read the contracts in the order of the configuration.

    A plugged-in provider may come without a contract; then nothing is known about its checks.

    Raises:
        CapabilityContractError: A contract cannot be had or does not hold.
        ConfigurationError: A plug-in's contract is not trusted or cannot be loaded.
    """
    contracts: dict[str, ProviderContract] = {}
    for table in config.providers:
        contract = _contract(table, offers)
        if contract is not None:
            contracts[table.name] = contract
    return contracts


def _contract(table: ProviderTable, offers: Offers) -> ProviderContract | None:
    path = table.capabilities_path
    match table.type:
        case ProviderType.BUILTIN:
            return read_contract(
                builtin_contract(table.name),
                table.name,
                transport=BUILTIN,
                origin=table.name,
                source=ContractSource.BUILTIN,
            )
        case ProviderType.MCP:
            return _from_file(table.name, path or "", MCP)
        case offer:
            return _from_file(table.name, path, BUILTIN) if path is not None else _offered(table.name, offer, offers)


def _offered(provider_id: str, offer: str, offers: Offers) -> ProviderContract | None:
    try:
        loaded = offers.load(CONTRACT_OFFERS, offer)
    except OfferMissingError:
        return None
    with loaded.opener() as document:
        value = {**document, "provider_id": provider_id} if isinstance(document, dict) else document
    return read_contract(value, provider_id, transport=BUILTIN, origin=offer, source=ContractSource.BUILTIN)


def _from_file(provider_id: str, path: str, transport: str) -> ProviderContract:
    value = _parsed(provider_id, path)
    return read_contract(value, provider_id, transport=transport, origin=path, source=ContractSource.FILE)


def _parsed(provider_id: str, path: str) -> JsonValue:
    if len(path.encode()) > MAX_PATH_BYTES:
        raise ContractPathInvalidError(path, "path exceeds max length")
    for component in path.split("/"):
        if len(component.encode()) > MAX_COMPONENT_BYTES:
            raise ContractPathInvalidError(path, f"path component too long: {component}")
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path object would tidy the operator's text
            text = file.read(MAX_CONTRACT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ContractReadFailedError(path, str(getattr(error, "strerror", None) or error)) from error
    if len(text) > MAX_CONTRACT_BYTES:
        raise ContractInvalidError(provider_id, "capability contract exceeds size limit")
    try:
        return parse(text)
    except JsonParseError as error:
        raise ContractParseFailedError(path, str(error)) from error
