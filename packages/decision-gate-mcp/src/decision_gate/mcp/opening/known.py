"""The families about what the server knows: evidence, providers, data shapes, prechecks, documentation.

They are opened together because they share the contracts of the providers and the rules made of them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from decision_gate.core.control_plane import ControlPlane
from decision_gate.core.model import EvidenceQuery
from decision_gate.core.ports import EvidenceCollector
from decision_gate.mcp.config.acl import AclTable
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.stores import SchemaRegistryTable
from decision_gate.mcp.docs.catalogue import read_catalogue
from decision_gate.mcp.docs.search import DocsSearch
from decision_gate.mcp.evidence.capability_contract import ProviderContracts
from decision_gate.mcp.evidence.circuit import circuits_of
from decision_gate.mcp.evidence.discovery import ProviderDiscovery
from decision_gate.mcp.opening.contracts import read_contracts
from decision_gate.mcp.opening.engine import engine_settings
from decision_gate.mcp.opening.evidence import raw_value_rule
from decision_gate.mcp.opening.stores import Stores
from decision_gate.mcp.plugins import Offers
from decision_gate.mcp.registry_acl import RegistryAcl, SigningRule
from decision_gate.mcp.tools.call import Tool
from decision_gate.mcp.tools.data_shapes import DataShapeTools
from decision_gate.mcp.tools.docs import SEARCH_TOOL, DocsTools
from decision_gate.mcp.tools.evidence import EvidenceTools
from decision_gate.mcp.tools.precheck import PrecheckTools
from decision_gate.mcp.tools.providers import ProviderTools
from decision_gate.mcp.tools.router import Method
from decision_gate.mcp.tools.scenarios import SpecCheck
from decision_gate.mcp.validation import CapabilityRule, ScenarioRules, StrictRule


@attrs.frozen(kw_only=True)
class KnownTools:
    """What the host makes a server of.

    Attributes:
        tools: The tools of all these families.
        methods: The methods that are no tools.
        spec_checks: What a scenario is held against when it is defined, in order.
    """

    tools: tuple[Tool, ...]
    methods: Mapping[str, Method]
    spec_checks: tuple[SpecCheck, ...]


def open_known(
    config: Config, offers: Offers, plane: ControlPlane, evidence: EvidenceCollector, stores: Stores
) -> KnownTools:
    """Read contracts and documents, and make the families.

    Raises:
        ConfigurationError: A contract does not hold, a key or a document cannot be had.
    """
    contracts = read_contracts(config, offers)
    rules = scenario_rules(config, contracts, lambda query: evidence.missing([query]) is None)
    providers = ProviderTools(
        discovery=ProviderDiscovery(
            providers=tuple(table.name for table in config.providers),
            contracts=contracts,
            table=config.provider_discovery,
            circuits=circuits_of(evidence),
        )
    )
    precheck = PrecheckTools(
        lookup=plane.lookup,
        shapes=stores.shapes,
        rules=rules,
        settings=engine_settings(config),
        keeps_payloads=config.server.audit.log_precheck_payloads,
    )
    queries = EvidenceTools(evidence=evidence, capabilities=rules.capabilities, raw_allowed=raw_value_rule(config))
    docs = _docs(config)
    return KnownTools(
        tools=(
            *queries.tools(),
            *providers.tools(),
            *_data_shapes(config, stores).tools(),
            *precheck.tools(),
            *docs.tools(),
        ),
        methods=docs.methods() if config.docs.enabled and config.docs.enable_resources else {},
        spec_checks=(rules.check_capabilities, rules.check_comparators),
    )


def scenario_rules(
    config: Config, contracts: ProviderContracts, is_registered: Callable[[EvidenceQuery], bool]
) -> ScenarioRules:
    """Return what a configuration holds scenarios against; *is_registered* as in ``CapabilityRule``."""
    return ScenarioRules(
        capabilities=CapabilityRule(contracts=contracts, is_registered=is_registered), strict=_strict_rule(config)
    )


def hidden_tools(config: Config) -> frozenset[str]:
    """Return the tools that switches of their own hide (contract §2.18)."""
    return frozenset() if config.docs.enabled and config.docs.enable_search else frozenset({SEARCH_TOOL})


def _strict_rule(config: Config) -> StrictRule | None:
    validation = config.validation
    if not validation.strict:
        return None
    return StrictRule(allows_lexical=validation.enable_lexicographic, allows_deep=validation.enable_deep_equals)


def _docs(config: Config) -> DocsTools:
    documents = read_catalogue(config.docs)
    return DocsTools(documents=documents, search_engine=DocsSearch(documents, config.docs.max_sections))


def _data_shapes(config: Config, stores: Stores) -> DataShapeTools:
    table = config.schema_registry
    own = table if isinstance(table, SchemaRegistryTable) else None
    # The settings of a plugged-in registry may hold the same table; without it the role table decides.
    found = getattr(table.settings, "acl", None) if isinstance(table, Chosen) else table.acl
    acl = found if isinstance(found, AclTable) else AclTable()
    return DataShapeTools(
        shapes=stores.shapes,
        acl=RegistryAcl(table=acl),
        signing=_signing_rule(acl),
        max_schema_bytes=None if own is None else own.max_schema_bytes,
        max_entries=None if own is None else own.max_entries,
    )


def _signing_rule(acl: AclTable) -> SigningRule:
    if not acl.signing_keys:
        return SigningRule(required=acl.require_signing, keys=None)
    # Imported here: only a server that verifies signatures needs cryptography.
    from decision_gate.mcp.signing.pinned_keys import PinnedKeys  # noqa: PLC0415 - lazy

    keys = PinnedKeys.load(Path(path) for path in acl.signing_keys)
    return SigningRule(required=acl.require_signing, keys=keys)
