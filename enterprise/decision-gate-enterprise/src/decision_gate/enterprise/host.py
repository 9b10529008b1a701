"""The production server in one call: the open host, and a posture that must hold before it starts.

No second code path: what is enterprise about the server is which offers its configuration chooses.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from decision_gate.core.errors import ConfigurationError
from decision_gate.enterprise.admin.tools import AdminsOnly
from decision_gate.enterprise.audit.leaf import AUDIT
from decision_gate.enterprise.audit.settings import HashChainSettings
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.server import ToolListMode
from decision_gate.mcp.config.stores import StoreType
from decision_gate.mcp.config.time import TimeSource
from decision_gate.mcp.hooks.tool_authorizer import ConfiguredVisibility
from decision_gate.mcp.hooks.usage_meter import USAGE
from decision_gate.mcp.host import Host, Seams, open_host
from decision_gate.mcp.plugins import Offers


class ProductionProfileError(ConfigurationError):
    """The configuration does not keep tenants apart, count or audit; the message names everything and how to fix it."""

    code = "production_profile"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("not fit for production: " + "; ".join(problems))
        self.problems = problems


@contextmanager
def open_server(
    config: Config,
    environment: Mapping[str, str] = os.environ,
    seams: Seams | None = None,
    offers: Offers | None = None,
) -> Iterator[Host]:
    """Open a server for several organisations, or say why this configuration must not serve them.

    The arguments are those of ``open_host``. *seams* that an embedder brings are trusted to be what the configuration
    would otherwise have to choose.

    Raises:
        ProductionProfileError: An open tenant authorizer, no meter, a ledger in memory, no audit log, unbounded time of
            callers, folders of run packs that tenants share, or stores that keep none of their riders.
        ConfigurationError: Something cannot work as configured.
        StoreError: A store cannot be opened.
    """
    given = attrs.evolve(seams or Seams(), tool_visibility=_admins_only(config, seams or Seams()))
    if problems := tuple(problem for check in _CHECKS if (problem := check(config, given)) is not None):
        raise ProductionProfileError(problems)
    with open_host(config, environment, given, offers) as host:
        _demand_tables(host)
        yield host


def _open_tenants(config: Config, given: Seams) -> str | None:
    if given.tenant_authorizer is not None or _is_other_than(config.tenant_authorizer, "local"):
        return None
    return 'every caller may use every tenant: set [tenant_authorizer] type = "grants"'


def _no_meter(config: Config, given: Seams) -> str | None:
    if given.usage_meter is not None or _is_other_than(config.usage_meter, "none"):
        return None
    return 'nothing is counted or limited: set [usage_meter] type = "ledger"'


def _ledger_in_memory(config: Config, given: Seams) -> str | None:
    """Name a ledger that is gone with the process; SQLite would take such a path for a database of its own."""
    path = getattr(config.usage_meter.settings, "path", None) if config.usage_meter else None
    if given.usage_meter is not None or path is None or not (path == "" or path.startswith((":memory:", "file:"))):
        return None
    return "the ledger is gone with the process: set path of [usage_meter] to the file of [run_state_store]"


def _unbounded_time(config: Config, given: Seams) -> str | None:
    del given
    if config.time_source is not TimeSource.CALLER:
        return None
    return 'callers say what time it is: set [time] source = "bounded" or "server"'


def _no_audit_chain(config: Config, given: Seams) -> str | None:
    chosen = config.audit_sink
    if given.audit_sink is not None:
        return None
    if chosen is not None and _is_other_than(chosen, "stderr", "file", "none"):
        if isinstance(chosen.settings, HashChainSettings) and not chosen.settings.is_sequencing:
            return "nobody signs the audit: set path or dsn, origin and signing_keys of [audit_sink]"
        return None
    return 'the audit can be changed unnoticed: set [audit_sink] type = "hash_chain"'


def _forgetful_store(config: Config, given: Seams) -> str | None:
    store = config.run_state_store
    if given.stores is not None or isinstance(store, Chosen) or store.type is not StoreType.MEMORY:
        return None
    return 'runs are gone with the process: set [run_state_store] type = "postgres" or "sqlite"'


def _scattered(config: Config, given: Seams) -> str | None:
    """Name the tables that point to another database than the runs; a crash could then keep one and lose the other."""
    if given.stores is not None:
        return None
    runs = _place(config.run_state_store)
    tables: dict[str, object] = {
        "scenario_store": config.scenario_store,
        "schema_registry": config.schema_registry,
        "usage_meter": config.usage_meter,
        "audit_sink": config.audit_sink,
        "authenticator": config.authenticator,
        "tenant_authorizer": config.tenant_authorizer,
        "namespace_authority": config.namespace_authority,
        **{f"http_routes {chosen.type}": chosen for chosen in config.http_routes},
        **{f"tool_families {chosen.type}": chosen for chosen in config.tool_families},
    }
    elsewhere = [name for name, table in tables.items() if (place := _place(table)) is not None and place != runs]
    if not elsewhere:
        return None
    return f"not in the database of [run_state_store]: {', '.join(elsewhere)}; give them its dsn or path"


def _place(table: object) -> object:
    """Return what a table says about its database; none when it says nothing."""
    settings = table.settings if isinstance(table, Chosen) else table
    path = getattr(settings, "path", None)
    return getattr(settings, "dsn", None) or (Path(path).absolute() if path else None)


def _shared_packs(config: Config, given: Seams) -> str | None:
    """Name folders in which a tenant could verify, and write over, the run packs of another (deviation X4)."""
    del given
    if config.runpacks.per_tenant or config.runpacks.roots == () or config.runpack_storage is not None:
        return None
    return "tenants share the folders of run packs: set [runpacks] per_tenant = true"


def _permissive(config: Config, given: Seams) -> str | None:
    del given
    return "asserted evidence is believed: remove dev_permissive" if config.is_permissive else None


_CHECKS: tuple[Callable[[Config, Seams], str | None], ...] = (
    _open_tenants,
    _no_meter,
    _ledger_in_memory,
    _no_audit_chain,
    _forgetful_store,
    _scattered,
    _unbounded_time,
    _shared_packs,
    _permissive,
)


def _is_other_than(chosen: Chosen | None, *open_types: str) -> bool:
    return chosen is not None and chosen.type not in open_types


def _admins_only(config: Config, given: Seams) -> AdminsOnly:
    """Return the configured visibility, in which tools of administration exist for administrators alone."""
    tools = config.server.tools
    return AdminsOnly(
        given.tool_visibility
        or ConfiguredVisibility(tools.allowlist, tools.denylist, is_listing_filtered=tools.mode is ToolListMode.FILTER)
    )


def _demand_tables(host: Host) -> None:
    """Refuse stores that were opened without the tables of meter and audit, which every commit would then miss."""
    kinds = {
        "runs": host.stores.runs.rider_kinds,
        "scenarios": host.stores.scenarios.rider_kinds,
        "data shapes": host.stores.shapes.rider_kinds,
    }
    problems = tuple(
        f"the store of {name} keeps no {kind}: let it live in the database of the runs"
        for name, kept in kinds.items()
        for kind in (USAGE, AUDIT)
        if kind not in kept
    )
    if problems:
        raise ProductionProfileError(problems)
