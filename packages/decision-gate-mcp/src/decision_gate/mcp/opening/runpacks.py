"""Open where run packs go: the server's own store, or the folders that callers may name (contract §9.1, X4)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.plugins import Offers, demand_protocol
from decision_gate.mcp.runpacks.roots import Roots
from decision_gate.mcp.runpacks.store import RunpackStore


@contextmanager
def open_runpack_store(config: Config, offers: Offers) -> Iterator[RunpackStore | None]:
    """Open the store of ``[runpack_storage]``; none without the table.

    Raises:
        ConfigurationError: The store cannot be opened, or its extra is not installed.
    """
    table = config.runpack_storage
    if table is None:
        yield None
        return
    name = table.type if isinstance(table, Chosen) else table.type.value
    loaded = offers.load("decision_gate.runpack_stores", name)
    with loaded.opener(table.settings if isinstance(table, Chosen) else table) as store:
        demand_protocol(store, RunpackStore, name)
        yield store


def runpack_roots(config: Config) -> Roots:
    """Return the folders that callers may name.

    An open server that names none has ``./runpacks`` and the system's temporary folder, because published examples
    export there (deviation X4). An empty list permits none.
    """
    table = config.runpacks
    roots = ("./runpacks", tempfile.gettempdir()) if table.roots is None else table.roots
    return Roots(roots, is_per_tenant=table.per_tenant)
