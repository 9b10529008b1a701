"""What an operator reads beside the wire: ledger and audit, by the command line."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from deployment.deployment import Deployment


@attrs.frozen(kw_only=True)
class Usage:
    """The ledger of a tenant.

    Attributes:
        rows: Its rows, as an export has them.
        billed: How often each operation was billed; keys are without the tenant and metric they begin with.
        used: What the counter of each metric says.
    """

    rows: list[dict[str, Any]]
    billed: Mapping[tuple[str, str], int]
    used: Mapping[str, int]

    def of(self, metric: str) -> int:
        """Return how many rows a metric has."""
        return sum(count for (name, _), count in self.billed.items() if name == metric)


def usage(deployment: Deployment, tenant_id: int) -> Usage:
    """Export and show the ledger of a tenant. Raise ``CommandFailedError`` when they do not agree."""
    with tempfile.TemporaryDirectory() as folder:
        deployment.cloud("usage", "export", Path(folder) / "usage", "--tenant", tenant_id)
        rows = _lines(Path(folder) / "usage" / "usage.jsonl")
    shown = deployment.cloud_json("usage", "show", "--tenant", tenant_id)["items"]
    used: Counter[str] = Counter()
    for item in shown:
        if item["namespace_id"] is None:
            used[item["metric"]] += item["used"]
    billed = Counter((row["metric"], row["key"].removeprefix(f"{tenant_id}/{row['metric']}/")) for row in rows)
    return Usage(rows=rows, billed=billed, used=used)


def audited(deployment: Deployment, log: int | str) -> list[dict[str, Any]]:
    """Return the events of a log, those that just came included."""
    with tempfile.TemporaryDirectory() as folder:
        return [line["body"] for line in exported(deployment, log, Path(folder) / "log")]


def exported(deployment: Deployment, log: int | str, folder: Path) -> list[dict[str, Any]]:
    """Export a log into a new folder, events that just came included, and return its lines."""
    deployment.cloud("audit", "sequence")
    deployment.cloud("audit", "export", folder, "--log", log)
    return _lines(folder / "events.jsonl")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
