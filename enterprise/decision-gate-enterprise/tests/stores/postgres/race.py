"""One of several processes that append to the same run: says that it is ready, waits, prints the versions it won."""

import sys

from decision_gate.core.ports import ConflictError, RunKey
from decision_gate.core.testing.runs import step_commit
from decision_gate.enterprise.stores.postgres import PostgresSettings, open_run_store
from decision_gate.mcp.config.secrets import LiteralSecret


def main(dsn: str, run_id: str, until: int) -> None:
    """Append until the run is at version *until*."""
    with open_run_store(PostgresSettings(dsn=LiteralSecret(text=dsn))) as store:
        head = store.head(RunKey(1, 1, run_id))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        while head is not None and head.version < until:
            try:
                head = store.append(step_commit(head, f"trigger-{head.version}"))
            except ConflictError as conflict:
                head = conflict.head
            else:
                sys.stdout.write(f"{head.version}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
