"""The statements of the run store; ``migrations/0001_runs.sql`` has the tables and functions that they name."""
# ruff: noqa: S608 - only constants of this file are put together, every value is a parameter

from collections.abc import Sequence

_OF_RUN = "tenant = %b AND namespace = %b AND run_id = %b"
_ARRAYS = "%b::smallint[], %b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[], %b::text[], %b::bytea[], %b::bytea[]"

CREATE = f"SELECT decision_gate.create_run(%b, %b, %b, %b, %s, %s, %s, %b, %s, {_ARRAYS})"
APPEND = f"SELECT moved, current FROM decision_gate.append_run(%b, %b, %b, %s, %s, %s, %s, %b, %s, {_ARRAYS})"
RECORD = "SELECT decision_gate.record_riders(%b::text[], %b::bytea[], %b::bytea[])"
ERASE = "SELECT decision_gate.erase_records(%b, %b, %b, %b::smallint[], %b::bigint[], %b, %b)"

HEAD = f"SELECT head FROM decision_gate.runs WHERE {_OF_RUN}"
COLUMNS = f"SELECT head, scenario_id, status, version, decided_at FROM decision_gate.runs WHERE {_OF_RUN}"
BY_KEY = f"SELECT body FROM decision_gate.run_log WHERE {_OF_RUN} AND log = %s AND key = %b"

_STEP = (
    f"SELECT log, body FROM decision_gate.run_log WHERE {_OF_RUN} AND log = ANY(%b::smallint[]) "
    "AND version = ({version}) ORDER BY position"
)
LAST_STEP = _STEP.format(version=f"SELECT decided_at FROM decision_gate.runs WHERE {_OF_RUN}")
STEP_OF_TRIGGER = _STEP.format(
    version=f"SELECT version FROM decision_gate.run_log WHERE {_OF_RUN} AND log = %s AND key = %b"
)

# A page ends at 64 rows or with the row that passes 4 MiB: memory stays bounded whatever the size of a record.
_PAGE = (
    "SELECT {columns} FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY {order}) - octet_length(body) AS before "
    f"FROM (SELECT {{columns}} FROM decision_gate.run_log WHERE {_OF_RUN} AND {{which}} ORDER BY {{order}} LIMIT 64) "
    "AS page) AS summed WHERE before < 4194304 ORDER BY {order}"
)
PAGE_OF_LOG = _PAGE.format(
    columns="seq, sha256, erased, body", which="log = %s AND seq > %s AND seq <= %s", order="seq"
)
PAGE_OF_RUN = _PAGE.format(
    columns="version, position, log, seq, key, sha256, erased, body",
    which="(version, position) > (%s, %s)",
    order="version, position",
)


def listing(conditions: Sequence[str]) -> str:
    """Return the statement that lists the runs for which all of *conditions* (constants, one parameter each) hold."""
    return (
        "SELECT head, saved_at, namespace, run_id FROM decision_gate.runs "
        f"WHERE {' AND '.join(conditions)} ORDER BY namespace, run_id LIMIT %s"
    )
