"""The whole configuration: every table, and the order in which they are checked (contract §3.2)."""

from collections.abc import Iterable

import attrs

from decision_gate.mcp.config.anchors import AnchorsTable
from decision_gate.mcp.config.auth import AuthMode
from decision_gate.mcp.config.client import ClientTable
from decision_gate.mcp.config.dispatch_policy import PolicyTable
from decision_gate.mcp.config.docs import DocsTable, ProviderDiscoveryTable
from decision_gate.mcp.config.kinds import Array
from decision_gate.mcp.config.namespace import AuthorityMode, NamespaceTable
from decision_gate.mcp.config.pluggable import Chosen, Pluggable, PluginsTable
from decision_gate.mcp.config.providers import ProviderTable, check_provider_names
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.runpacks import ObjectStorageTable, RunpacksTable, StorageType
from decision_gate.mcp.config.server import ServerMode, ServerTable
from decision_gate.mcp.config.stores import RunStateStoreTable, SchemaRegistryTable, StoreType
from decision_gate.mcp.config.table import Table, key
from decision_gate.mcp.config.time import TimeSource, TimeTable, TriggersTable
from decision_gate.mcp.config.trust import DevTable, EvidenceTable, TrustTable, ValidationTable
from decision_gate.mcp.tool_names import TOOL_NAMES

_STORE_TYPES = tuple(StoreType)


@attrs.frozen(kw_only=True)
class Config:
    """A configuration whose shape is right; ``check`` says whether it can work."""

    server: ServerTable = key(Table(ServerTable), "The server.", default=ServerTable())
    namespace: NamespaceTable = key(Table(NamespaceTable), "Namespaces.", default=NamespaceTable())
    dev: DevTable = key(Table(DevTable), "Development mode.", default=DevTable())
    trust: TrustTable = key(Table(TrustTable), "Trust in evidence.", default=TrustTable())
    evidence: EvidenceTable = key(Table(EvidenceTable), "Disclosure.", default=EvidenceTable())
    validation: ValidationTable = key(Table(ValidationTable), "Validation of scenarios.", default=ValidationTable())
    policy: PolicyTable = key(Table(PolicyTable), "Packet dispatch policy.", default=PolicyTable())
    run_state_store: RunStateStoreTable | Chosen = key(
        Pluggable("decision_gate.run_stores", RunStateStoreTable, _STORE_TYPES),
        "Where runs live.",
        default=RunStateStoreTable(),
    )
    scenario_store: RunStateStoreTable | Chosen | None = key(
        Pluggable("decision_gate.scenario_stores", RunStateStoreTable, _STORE_TYPES),
        "Where definitions live; beside the runs when absent.",
        default=None,
    )
    schema_registry: SchemaRegistryTable | Chosen = key(
        Pluggable("decision_gate.data_shape_registries", SchemaRegistryTable, _STORE_TYPES),
        "Where data shapes live.",
        default=SchemaRegistryTable(),
    )
    anchors: AnchorsTable = key(Table(AnchorsTable), "Anchor requirements.", default=AnchorsTable())
    provider_discovery: ProviderDiscoveryTable = key(
        Table(ProviderDiscoveryTable), "Provider discovery.", default=ProviderDiscoveryTable()
    )
    docs: DocsTable = key(Table(DocsTable), "Documentation.", default=DocsTable())
    runpack_storage: ObjectStorageTable | Chosen | None = key(
        Pluggable("decision_gate.runpack_stores", ObjectStorageTable, tuple(StorageType)),
        "Where exported run packs are stored; a folder named by the call when absent.",
        default=None,
    )
    runpacks: RunpacksTable = key(Table(RunpacksTable), "Run-pack folders.", default=RunpacksTable())
    time: TimeTable = key(Table(TimeTable), "Time of triggers.", default=TimeTable())
    triggers: TriggersTable = key(Table(TriggersTable), "Kinds of triggers.", default=TriggersTable())
    providers: tuple[ProviderTable, ...] = key(Array(Table(ProviderTable)), "Evidence providers.", default=())
    tool_families: tuple[Chosen, ...] = key(
        Array(Pluggable("decision_gate.tool_families")), "Further tools, by plug-ins.", default=()
    )
    http_routes: tuple[Chosen, ...] = key(
        Array(Pluggable("decision_gate.http_routes")), "Further HTTP routes, by plug-ins.", default=()
    )
    client: ClientTable = key(Table(ClientTable), "For clients that share the file.", default=ClientTable())
    plugins: PluginsTable = key(Table(PluginsTable), "Plug-in trust.", default=PluginsTable())
    authenticator: Chosen | None = key(
        Pluggable("decision_gate.authenticators"), "Replaces server.auth.mode.", default=None
    )
    tenant_authorizer: Chosen | None = key(
        Pluggable("decision_gate.tenant_authorizers"), "Who may use which tenant.", default=None
    )
    usage_meter: Chosen | None = key(Pluggable("decision_gate.usage_meters"), "Metering and quotas.", default=None)
    rate_limiter: Chosen | None = key(
        Pluggable("decision_gate.rate_limiters"), "Replaces server.limits.rate_limit.", default=None
    )
    audit_sink: Chosen | None = key(
        Pluggable("decision_gate.audit_sinks"), "Replaces the choice of server.audit.", default=None
    )
    namespace_authority: Chosen | None = key(
        Pluggable("decision_gate.namespace_authorities"), "Replaces namespace.authority.", default=None
    )

    def check(self, further_tools: Iterable[str] | None = None) -> None:
        """Check every table in the order of contract §3.2; the first rule that does not hold is reported.

        Lists of tools may name the wire's and ``further_tools``. Without those, lists are judged only when no plug-in
        brings tools: their names are not known before the server is built, which judges them then.

        Raises:
            InvalidConfigError: A value is out of bounds, or two settings exclude each other.
        """
        known: frozenset[str] | None = frozenset((*TOOL_NAMES, *(further_tools or ())))
        if self.tool_families and further_tools is None:
            known = None
        self.server.check(is_local_only=self.is_local_only, recognises_stdio=self.recognises_stdio, known_tools=known)
        self._check_replacements()
        self.namespace.check()
        self.dev.check(
            is_permissive=self.is_permissive,
            has_authority=self.namespace.authority.mode is AuthorityMode.ASSETCORE_HTTP,
        )
        self.validation.check()
        self.policy.check()
        for store in (self.run_state_store, self.scenario_store, self.schema_registry):
            if not isinstance(store, Chosen | None):
                store.check()
        self.anchors.check()
        self.provider_discovery.check()
        self.docs.check()
        if isinstance(self.runpack_storage, ObjectStorageTable):
            self.runpack_storage.check()
        self.runpacks.check()
        self.triggers.check()
        for provider in self.providers:
            provider.check()
        check_provider_names(self.providers)

    @property
    def is_local_only(self) -> bool:
        """Whether callers are recognised by being on this machine and nothing else."""
        if self.authenticator is not None:
            return self.authenticator.type == AuthMode.LOCAL_ONLY
        return self.server.is_default_local

    @property
    def recognises_stdio(self) -> bool:
        """Whether the other end of standard input is known: it is local, or the plug-in's settings say who it is."""
        settings = None if self.authenticator is None else self.authenticator.settings
        return self.is_local_only or bool(getattr(settings, "recognises_stdio", False))

    @property
    def is_permissive(self) -> bool:
        """Whether asserted evidence is accepted, by either switch (contract §12)."""
        return self.dev.permissive or self.server.mode is ServerMode.DEV_PERMISSIVE

    @property
    def time_source(self) -> TimeSource:
        """Whose clock is believed; by default the caller's only where callers are local (deviation X14)."""
        if self.time.source is not None:
            return self.time.source
        return TimeSource.CALLER if self.is_local_only else TimeSource.BOUNDED

    def _check_replacements(self) -> None:
        server = self.server
        demand(
            self.authenticator is None or server.is_default_local,
            "authenticator and server.auth.mode exclude each other",
        )
        demand(
            self.rate_limiter is None or server.limits.rate_limit is None,
            "rate_limiter and server.limits.rate_limit exclude each other",
        )
        demand(
            self.audit_sink is None or (server.audit.path is None and server.audit.enabled),
            "audit_sink and server.audit.path or enabled=false exclude each other",
        )
        demand(
            self.namespace_authority is None or self.namespace.authority.mode is AuthorityMode.NONE,
            "namespace_authority and namespace.authority.mode exclude each other",
        )
