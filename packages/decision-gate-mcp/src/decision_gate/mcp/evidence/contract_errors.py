"""Why a provider's capability contract cannot be used; the server does not start (contract §7.2)."""

from typing import ClassVar

from decision_gate.core.errors import ConfigurationError


class CapabilityContractError(ConfigurationError):
    """A contract cannot be had or contradicts itself."""

    code: ClassVar[str] = "capability_contract"

    def __init__(self, text: str) -> None:
        super().__init__(f"init error: {text}")


class ContractPathInvalidError(CapabilityContractError):
    """The path of the file cannot be one."""

    code = "contract_path_invalid"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"provider capability contract path invalid: {path}: {reason}")


class ContractReadFailedError(CapabilityContractError):
    """The file cannot be read."""

    code = "contract_read_failed"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"provider capability contract read failed: {path}: {reason}")


class ContractParseFailedError(CapabilityContractError):
    """The text is no contract; ``source`` is the path, or the provider whose plug-in brought it."""

    code = "contract_parse_failed"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"provider capability contract parse failed: {source}: {reason}")


class ContractInvalidError(CapabilityContractError):
    """The contract contradicts itself or the configuration."""

    code = "contract_invalid"

    def __init__(self, provider_id: str, reason: str) -> None:
        super().__init__(f"provider capability contract invalid: {provider_id}: {reason}")


class ContractSchemaError(CapabilityContractError):
    """A schema in the contract is none."""

    code = "schema_compile_failed"

    def __init__(self, provider_id: str, check_id: str, reason: str) -> None:
        super().__init__(f"schema compilation failed for {provider_id}.{check_id}: {reason}")


class ContractHashError(CapabilityContractError):
    """The contract is too large to be hashed."""

    code = "contract_hash_failed"

    def __init__(self, provider_id: str, reason: str) -> None:
        super().__init__(f"contract hash failed for {provider_id}: {reason}")
