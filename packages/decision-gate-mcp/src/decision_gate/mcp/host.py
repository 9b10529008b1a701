"""Composition root: a configuration becomes a server (architecture §3, contract §3.6).

Everything is opened on one stack, in this order, and closed in the other: audit sink, usage meter, stores
(with the rider tables of both), evidence, the other seams, engine, tools, router, pipeline. A failure on the
way closes what is open. What an embedder hands over is used as it is and stays the embedder's to close.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar, cast

import attrs

from decision_gate.core.control_plane import ControlPlane
from decision_gate.core.memory import ReceiptDispatcher
from decision_gate.core.ports import EvidenceCollector
from decision_gate.mcp.clock import Clock, SystemClock
from decision_gate.mcp.config.namespace import AuthorityMode
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.server import ToolListMode
from decision_gate.mcp.disclosure_policy import disclosure_policy
from decision_gate.mcp.evidence.circuit import Circuits, circuits_of
from decision_gate.mcp.exchanges import Exchanges
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.authenticator import Authenticator
from decision_gate.mcp.hooks.metrics import Metrics, NoMetrics
from decision_gate.mcp.hooks.namespace_authority import NamespaceAuthority
from decision_gate.mcp.hooks.rate_limiter import RateLimiter
from decision_gate.mcp.hooks.request_counters import RequestCounters
from decision_gate.mcp.hooks.tenant_authorizer import LocalTenantAuthorizer, TenantAuthorizer
from decision_gate.mcp.hooks.tool_authorizer import (
    ConfiguredVisibility,
    ToolAllowList,
    ToolAuthorizer,
    ToolVisibility,
)
from decision_gate.mcp.hooks.usage_meter import NoMeter, UsageMeter
from decision_gate.mcp.mcp_pipeline import McpPipeline
from decision_gate.mcp.opening import seams
from decision_gate.mcp.opening.built_in import offers_of
from decision_gate.mcp.opening.engine import anchor_policy, engine_settings, security_context
from decision_gate.mcp.opening.evidence import open_evidence, raw_value_rule
from decision_gate.mcp.opening.known import KnownTools, hidden_tools, open_known
from decision_gate.mcp.opening.runpacks import open_runpack_store, runpack_roots
from decision_gate.mcp.opening.stores import Stores, open_stores
from decision_gate.mcp.pipeline import Pipeline
from decision_gate.mcp.plugins import OfferBrokenError, Offers, demand_protocol
from decision_gate.mcp.runpacks.store import RunpackStore
from decision_gate.mcp.tools.call import Tool
from decision_gate.mcp.tools.docs import WithoutTools
from decision_gate.mcp.tools.family import ToolFamily
from decision_gate.mcp.tools.feedback import FeedbackRule
from decision_gate.mcp.tools.guards import Policies
from decision_gate.mcp.tools.namespaces import DefaultNamespaceRule
from decision_gate.mcp.tools.router import Router
from decision_gate.mcp.tools.run_documents import RunDocuments
from decision_gate.mcp.tools.runpacks import RunpackTools
from decision_gate.mcp.tools.runs import RunTools
from decision_gate.mcp.tools.scenarios import ScenarioTools
from decision_gate.mcp.tools.times import TimeRule
from decision_gate.mcp.turns import RunTurns

_T = TypeVar("_T")


@attrs.frozen(kw_only=True)
class Seams:
    """What an embedder replaces; an absent one is opened from the configuration (contract §11.5)."""

    audit_sink: AuditSink | None = None
    usage_meter: UsageMeter | None = None
    stores: Stores | None = None
    evidence: EvidenceCollector | None = None
    runpack_store: RunpackStore | None = None
    authenticator: Authenticator | None = None
    tool_authorizer: ToolAuthorizer | None = None
    tool_visibility: ToolVisibility | None = None
    tenant_authorizer: TenantAuthorizer | None = None
    rate_limiter: RateLimiter | None = None
    namespace_authority: NamespaceAuthority | None = None
    metrics: Metrics | None = None
    clock: Clock | None = None


@attrs.frozen(kw_only=True)
class Host:
    """An opened server, without a transport.

    Attributes:
        config: What it was built from.
        clock: Its clock.
        pipeline: Answers requests.
        mcp: Answers requests of MCP.
        router: Calls tools, for transports that speak another envelope.
        policies: Whom the guards ask.
        stores: Where everything lives.
        plane: The engine.
        sink: Its audit.
        metrics: Its measurements.
        circuits: Which of its evidence providers rest.
        offers: The look-up of plug-ins, for what a transport opens.
    """

    config: Config
    clock: Clock
    pipeline: Pipeline
    mcp: McpPipeline
    router: Router
    policies: Policies
    stores: Stores
    plane: ControlPlane
    sink: AuditSink
    metrics: Metrics
    circuits: Circuits
    offers: Offers

    def ready_checks(self) -> tuple[Callable[[], None], ...]:
        """Return what ``/readyz`` asks, in the order of contract §1.5."""
        return (self.stores.runs.ready, self.stores.shapes.ready, self.stores.scenarios.ready)


@contextmanager
def open_host(
    config: Config,
    environment: Mapping[str, str],
    seams_given: Seams | None = None,
    offers: Offers | None = None,
) -> Iterator[Host]:
    """Open a server.

    Args:
        config: A configuration; it is checked again, for it may not come from a file.
        environment: Where secrets named by ``env`` are looked up.
        seams_given: What the embedder brings.
        offers: The look-up of plug-ins that read the configuration; a new one when absent.

    Raises:
        ConfigurationError: Something cannot work as configured.
        StoreError: A store cannot be opened.
    """
    config.check()
    with ExitStack() as stack:
        opening = _Opening(
            config=config,
            environment=environment,
            given=seams_given or Seams(),
            offers=offers or offers_of(config.plugins),
            stack=stack,
        )
        yield opening.host()


@attrs.frozen(kw_only=True)
class _Opening:
    """The opening of one server; every method opens one thing on the stack."""

    config: Config
    environment: Mapping[str, str]
    given: Seams
    offers: Offers
    stack: ExitStack

    def host(self) -> Host:
        clock = self.given.clock or SystemClock()
        sink = self.sink()
        meter = self.meter()
        stores = self.given.stores or self.stack.enter_context(
            open_stores(self.config, self.offers, lambda engine: _tables(engine, meter, sink), clock)
        )
        evidence = self.given.evidence or self.stack.enter_context(
            open_evidence(self.config, self.offers, self.environment)
        )
        policies = self.policies(clock)
        plane = ControlPlane(
            runs=stores.runs,
            scenarios=stores.scenarios,
            evidence=evidence,
            dispatcher=ReceiptDispatcher(),
            policy=disclosure_policy(self.config.policy),
            settings=engine_settings(self.config),
            clock=clock.now_ms,
            turn=RunTurns(),
        )
        families = self.families()
        runpacks = self.runpacks(plane)
        known = open_known(self.config, self.offers, plane, evidence, stores)
        tools = (*self.tools(plane, stores, runpacks, known), *(tool for family in families for tool in family.tools()))
        _demand_distinct(tools)
        self.config.check(tool.name for tool in tools)
        texts = tuple(text for family in families for text in family.texts())
        router = Router(policies=policies, tools=tools, meter=meter, sink=sink, methods=known.methods, texts=texts)
        metrics = self.metrics()
        exchanges = Exchanges(runs=stores.runs, sink=sink, metrics=metrics, clock=clock)
        pipeline = Pipeline(
            router=router,
            limiter=policies.limiter,
            exchanges=exchanges,
            max_body_bytes=self.config.server.max_body_bytes,
        )
        mcp = McpPipeline(
            router=router,
            authenticator=policies.authenticator,
            limiter=policies.limiter,
            exchanges=exchanges,
            documents=RunDocuments(runpacks=runpacks),
            max_body_bytes=self.config.server.max_body_bytes,
        )
        self.tell_start(sink, clock.now_ms())
        return Host(
            config=self.config,
            clock=clock,
            pipeline=pipeline,
            mcp=mcp,
            router=router,
            policies=policies,
            stores=stores,
            plane=plane,
            sink=sink,
            metrics=metrics,
            circuits=circuits_of(evidence),
            offers=self.offers,
        )

    def sink(self) -> AuditSink:
        if self.given.audit_sink is not None:
            return self.given.audit_sink
        return self.stack.enter_context(seams.opened_sink(self.config, self.offers))

    def metrics(self) -> Metrics:
        if self.given.metrics is not None:
            return self.given.metrics
        return RequestCounters() if self.config.server.metrics else NoMetrics()

    def meter(self) -> UsageMeter:
        if self.given.usage_meter is not None:
            return self.given.usage_meter
        if self.config.usage_meter is not None:
            return self.plugged("decision_gate.usage_meters", self.config.usage_meter, UsageMeter)
        return NoMeter()

    def policies(self, clock: Clock) -> Policies:
        config = self.config
        server = config.server
        return Policies(
            authenticator=self.authenticator(),
            tools=self.given.tool_authorizer or ToolAllowList(server.auth.allowed_tools),
            visibility=WithoutTools(
                inner=self.given.tool_visibility
                or ConfiguredVisibility(
                    server.tools.allowlist,
                    server.tools.denylist,
                    is_listing_filtered=server.tools.mode is ToolListMode.FILTER,
                ),
                hidden=hidden_tools(config),
            ),
            tenants=self.tenants(),
            limiter=self.limiter(),
            time=TimeRule(
                source=config.time_source,
                max_skew_ms=config.time.max_skew_ms,
                clock_roles=config.triggers.clock_roles,
            ),
            default_namespace=DefaultNamespaceRule(
                is_allowed=config.namespace.allow_default,
                tenants=config.namespace.default_tenants,
            ),
            authority=self.authority(),
            monotonic_ms=clock.monotonic_ms,
        )

    def authenticator(self) -> Authenticator:
        if self.given.authenticator is not None:
            return self.given.authenticator
        if self.config.authenticator is not None:
            return self.plugged("decision_gate.authenticators", self.config.authenticator, Authenticator)
        return seams.configured_authenticator(self.config.server.auth, self.environment)

    def tenants(self) -> TenantAuthorizer:
        if self.given.tenant_authorizer is not None:
            return self.given.tenant_authorizer
        if self.config.tenant_authorizer is not None:
            return self.plugged("decision_gate.tenant_authorizers", self.config.tenant_authorizer, TenantAuthorizer)
        return LocalTenantAuthorizer()

    def limiter(self) -> RateLimiter:
        if self.given.rate_limiter is not None:
            return self.given.rate_limiter
        if self.config.rate_limiter is not None:
            return self.plugged("decision_gate.rate_limiters", self.config.rate_limiter, RateLimiter)
        return seams.configured_limiter(self.config.server.limits)

    def authority(self) -> NamespaceAuthority:
        if self.given.namespace_authority is not None:
            return self.given.namespace_authority
        if self.config.namespace_authority is not None:
            return self.plugged(
                "decision_gate.namespace_authorities",
                self.config.namespace_authority,
                NamespaceAuthority,
            )
        return self.stack.enter_context(seams.configured_authority(self.config.namespace.authority, self.environment))

    def families(self) -> tuple[ToolFamily, ...]:
        return tuple(
            self.plugged("decision_gate.tool_families", chosen, ToolFamily) for chosen in self.config.tool_families
        )

    def runpack_store(self) -> RunpackStore | None:
        if self.given.runpack_store is not None:
            return self.given.runpack_store
        return self.stack.enter_context(open_runpack_store(self.config, self.offers))

    def runpacks(self, plane: ControlPlane) -> RunpackTools:
        return RunpackTools(
            plane=plane,
            roots=runpack_roots(self.config),
            store=self.runpack_store(),
            anchor_policy=anchor_policy(self.config),
            security=security_context(self.config),
        )

    def tools(self, plane: ControlPlane, stores: Stores, runpacks: RunpackTools, known: KnownTools) -> tuple[Tool, ...]:
        config = self.config
        runs = RunTools(
            plane=plane,
            # Half of the threads at most wait for one run; the others stay for everybody else.
            turn=RunTurns(max_callers=max(1, config.server.limits.max_inflight // 2)),
            feedback=FeedbackRule(table=config.server.feedback.scenario_next),
            raw_allowed=raw_value_rule(config),
        )
        scenarios = ScenarioTools(scenarios=stores.scenarios, checks=known.spec_checks)
        return (*scenarios.tools(), *runs.tools(), *runpacks.tools(), *known.tools)

    def plugged(self, group: str, chosen: Chosen, protocol: Callable[..., _T]) -> _T:
        """Open the offer that a pluggable table chose, and hold it to its contract."""
        value: _T = self.stack.enter_context(self.offers.open(group, chosen))
        demand_protocol(value, cast("type", protocol), chosen.type)
        return value

    def tell_start(self, sink: AuditSink, at_ms: int) -> None:
        config = self.config
        plugins = {
            f"{offer.group}:{offer.name}": f"{offer.distribution} {offer.version}".strip()
            for offer in self.offers.chosen()
        }
        events = [
            audit_events.server_started(
                dict(plugins),
                {
                    "transport": config.server.transport.value,
                    "auth": config.authenticator.type if config.authenticator else config.server.auth.mode.value,
                    "time": config.time_source.value,
                    "dev_permissive": config.is_permissive,
                },
                at_ms,
            )
        ]
        if config.is_permissive:
            is_own = config.namespace.authority.mode is AuthorityMode.NONE
            posture = audit_events.Posture(
                dev_permissive=True, authority="dg_registry" if is_own else "assetcore_catalog"
            )
            events.append(
                audit_events.security(None, "dev_permissive_enabled", "dev-permissive mode enabled", posture, at_ms)
            )
        sink.record(events)


def _demand_distinct(tools: Sequence[Tool]) -> None:
    seen: set[str] = set()
    for tool in tools:
        if tool.name in seen:
            raise OfferBrokenError(f"two families offer the tool {tool.name}")
        seen.add(tool.name)


def _tables(engine: str, meter: UsageMeter, sink: AuditSink) -> tuple[Any, ...]:
    tables = (meter.rider_table(engine), sink.rider_table(engine))
    return tuple(table for table in tables if table is not None)
