"""What an operator does beside the wire: grants, limits, reading ledger and audit.

There is no command and no administration tool for it yet (``gaps.toml``), so this one module imports the distribution
that it tests; a suite never does.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from decision_gate.core.json import parse
from decision_gate.enterprise.audit import HashChainSettings, Sequencer, examine, open_audit_store, tenant_log
from decision_gate.enterprise.database import DatabaseSettings, now_ms
from decision_gate.enterprise.testing.tenancy import admit
from decision_gate.enterprise.usage import Limit, Period, open_books
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.hooks.usage_meter import Metric
from deployment.database import AUDIT_KEY, AUDIT_ORIGIN, TENANT, Database


def grant(database: Database, principal: str = "loopback", tenant: int = TENANT) -> None:
    """Let a principal act in all namespaces of a tenant; makes the tables when they are missing."""
    admit(_settings(database), principal, [tenant])


def set_limit(database: Database, metric: str, units: int, tenant: int = TENANT) -> None:
    """Allow a tenant so many units of a metric, for ever."""
    with open_books(_settings(database)) as books:
        books.set_limit(tenant, Metric(metric), Limit(period=Period.TOTAL, units=units))


@attrs.frozen(kw_only=True)
class Usage:
    """The ledger of a tenant: how often each operation was billed, and what the counter of each metric says."""

    billed: Mapping[tuple[str, str], int]
    used: Mapping[str, int]

    def of(self, metric: str) -> int:
        """Return how many rows a metric has."""
        return sum(count for (name, _), count in self.billed.items() if name == metric)


def usage(database: Database, tenant: int = TENANT) -> Usage:
    """Read the ledger; keys are without the tenant and metric they begin with."""
    with open_books(_settings(database)) as books:
        entries = list(books.entries(tenant))
        used = {metric.value: books.standing(tenant, metric, now_ms()).used for metric in Metric}
    billed = Counter(
        (entry.metric.value, entry.key.removeprefix(f"{tenant}/{entry.metric.value}/")) for entry in entries
    )
    return Usage(billed=billed, used=used)


def audited(database: Database, tenant: int = TENANT) -> list[dict[str, Any]]:
    """Return the events of a tenant's audit log, those that just came included.

    Raise ``AssertionError`` when the log does not hold.
    """
    keys = HashChainSettings(origin=AUDIT_ORIGIN, signing_keys=(LiteralSecret(text=AUDIT_KEY),)).keys()
    with open_audit_store(_settings(database)) as store:
        Sequencer(store, keys).run()
        reports = list(examine(store, keys.names))
        leaves = list(store.leaves(tenant_log(tenant)))
    problems = [str(finding) for report in reports for finding in report.findings]
    assert not problems, problems  # noqa: S101 - a log that does not hold fails the test that reads it
    events: list[dict[str, Any]] = [parse(leaf.body or b"null") for leaf in leaves]  # type: ignore[misc] # objects all
    return events


def _settings(database: Database) -> DatabaseSettings:
    dsn = None if database.dsn is None else LiteralSecret(text=database.dsn)
    return DatabaseSettings(path=database.path, dsn=dsn)
