"""Usage: counted with the work or not at all, limited before and by the same transaction."""

from decision_gate.enterprise.usage.accounts import open_accounts, usage_tables
from decision_gate.enterprise.usage.books import EVERY_TENANT, Entry, Limit, Standing, UsageBooks
from decision_gate.enterprise.usage.corrections import Correction, correct
from decision_gate.enterprise.usage.export import Span, export_usage, verify_usage
from decision_gate.enterprise.usage.meter import LedgerMeter, LedgerSettings, open_books, open_ledger
from decision_gate.enterprise.usage.periods import Period
from decision_gate.enterprise.usage.postgres_ledger import PostgresBooks, PostgresLedgerTable
from decision_gate.enterprise.usage.quotas import Quota, quotas_of, set_quota
from decision_gate.enterprise.usage.reconciliation import Reconciliation, reconcile
from decision_gate.enterprise.usage.sqlite_ledger import SqliteBooks, SqliteLedgerTable

__all__ = [
    "EVERY_TENANT",
    "Correction",
    "Entry",
    "LedgerMeter",
    "LedgerSettings",
    "Limit",
    "Period",
    "PostgresBooks",
    "PostgresLedgerTable",
    "Quota",
    "Reconciliation",
    "Span",
    "SqliteBooks",
    "SqliteLedgerTable",
    "Standing",
    "UsageBooks",
    "correct",
    "export_usage",
    "open_accounts",
    "open_books",
    "open_ledger",
    "quotas_of",
    "reconcile",
    "set_quota",
    "usage_tables",
    "verify_usage",
]
