"""Pages of a tenant's runs."""

from typing import Any, Final

from decision_gate.core.ports import (
    MAX_PAGE,
    CursorError,
    PageLimitError,
    RunPage,
    RunQuery,
    RunSummary,
    decode_cursor,
    decode_head,
    encode_cursor,
)
from decision_gate.mcp.stores.sqlite.cells import demand
from decision_gate.mcp.stores.sqlite.database import SqliteDatabase
from decision_gate.mcp.stores.sqlite.ids import U64_BYTES, u64_bytes

_CURSOR_PARTS: Final = 2


def list_runs(database: SqliteDatabase, query: RunQuery, cursor: str | None, limit: int) -> RunPage:
    """See ``RunStore.runs``."""
    if not 1 <= limit <= MAX_PAGE:
        raise PageLimitError(limit)
    conditions: list[tuple[str, tuple[Any, ...]]] = [("tenant = ?", (u64_bytes(query.tenant_id),))]
    if query.namespace_id is not None:
        conditions.append(("namespace = ?", (u64_bytes(query.namespace_id),)))
    if query.scenario_id is not None:
        conditions.append(("scenario_id = ?", (query.scenario_id.encode(),)))
    if query.status is not None:
        conditions.append(("status = ?", (query.status.value,)))
    if cursor is not None:
        conditions.append(("(namespace, run_id) > (?, ?)", _position(cursor)))
    where = " AND ".join(condition for condition, _ in conditions)
    values = [value for _, bound in conditions for value in bound]
    statement = (
        f"SELECT namespace, run_id, head, saved_at FROM runs WHERE {where}"  # noqa: S608 - values are bound
        " ORDER BY namespace, run_id LIMIT ?"
    )
    with database.reading() as connection:
        rows = connection.execute(statement, (*values, limit + 1)).fetchall()
    page = rows[:limit]
    for row in page:
        demand(row, bytes, bytes, bytes, int)
    items = tuple(RunSummary(head=decode_head(head), saved_at=saved_at) for _, _, head, saved_at in page)
    more = len(rows) > limit
    return RunPage(items=items, next_cursor=encode_cursor(*page[-1][:_CURSOR_PARTS]) if more else None)


def _position(cursor: str) -> tuple[bytes, ...]:
    position = decode_cursor(cursor, _CURSOR_PARTS)
    if len(position[0]) != U64_BYTES:
        raise CursorError
    return position
