"""Usage: counted with the work or not at all, limited before and by the same transaction."""

from decision_gate.enterprise.usage.books import Entry, Limit, Standing, UsageBooks
from decision_gate.enterprise.usage.meter import LedgerMeter, LedgerSettings, open_books, open_ledger
from decision_gate.enterprise.usage.periods import Period
from decision_gate.enterprise.usage.postgres_ledger import PostgresBooks, PostgresLedgerTable
from decision_gate.enterprise.usage.sqlite_ledger import SqliteBooks, SqliteLedgerTable

__all__ = [
    "Entry",
    "LedgerMeter",
    "LedgerSettings",
    "Limit",
    "Period",
    "PostgresBooks",
    "PostgresLedgerTable",
    "SqliteBooks",
    "SqliteLedgerTable",
    "Standing",
    "UsageBooks",
    "open_books",
    "open_ledger",
]
