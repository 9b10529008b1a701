"""Exports hold the rows of a time, and whoever changes one is found out without the server."""

import hashlib
import json

import pytest

from decision_gate.enterprise.usage import Entry, Span, export_usage, verify_usage
from decision_gate.enterprise.usage.errors import UsageExportError
from decision_gate.mcp.hooks.usage_meter import Metric

ROWS = [
    Entry(
        metric=Metric.TOOL_CALLS,
        key=f"7/tool_calls/{at_ms}",
        units=2,
        period="2026-11",
        details=b'{"at_ms":%d,"tool":"x"}' % at_ms,
        namespace_id=12,
        namespace_period="2026-11-24",
    )
    for at_ms in (10, 20, 30)
]


@pytest.fixture
def exported(tmp_path):
    folder = tmp_path / "usage"
    manifest = export_usage(ROWS, 7, folder, Span(from_ms=10, to_ms=30), exported_at_ms=99)
    return folder, manifest


def test_an_export_holds_the_rows_of_the_time_and_a_manifest_that_any_tool_can_check(exported):
    folder, manifest = exported
    content = (folder / "usage.jsonl").read_bytes()

    assert [json.loads(line) for line in content.splitlines()] == [
        {
            "tenant_id": "7",
            "namespace_id": "12",
            "metric": "tool_calls",
            "key": f"7/tool_calls/{at_ms}",
            "units": 2,
            "period": "2026-11",
            "namespace_period": "2026-11-24",
            "reference": None,
            "details": {"at_ms": at_ms, "tool": "x"},
        }
        for at_ms in (10, 20)
    ]
    assert manifest == {
        "version": 1,
        "tenant_id": "7",
        "from_ms": 10,
        "to_ms": 30,
        "exported_at_ms": 99,
        "file": "usage.jsonl",
        "count": 2,
        "units": {"tool_calls": 4},
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert json.loads((folder / "manifest.json").read_bytes()) == manifest == verify_usage(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("usage.jsonl", b'"units":2', b'"units":1', "units of usage.jsonl"),
        ("usage.jsonl", b"tool_calls/20", b"tool_calls/21", "sha256 of usage.jsonl"),
        ("usage.jsonl", b'"tenant_id":"7"', b'"tenant_id":"8"', "line 1 is of another tenant"),
        ("usage.jsonl", b"{", b"", "line 1 is no JSON"),
        ("usage.jsonl", b'"metric":"tool_calls"', b'"metric":1', "line 1 is no row"),
        ("manifest.json", b'"count":2', b'"count":3', "count of usage.jsonl"),
        ("manifest.json", b'"version":1', b'"version":2', "another version"),
        ("manifest.json", b"{", b"[", "is no JSON"),
    ],
)
def test_whatever_is_changed_is_named(exported, name, old, new, problem):
    folder, _ = exported
    content = (folder / name).read_bytes()
    assert old in content
    (folder / name).write_bytes(content.replace(old, new, 1))

    with pytest.raises(UsageExportError, match=problem) as damaged:
        verify_usage(folder)

    assert damaged.value.code == "usage_export_damaged"


def test_a_row_that_is_cut_off_is_missed(exported):
    folder, _ = exported
    lines = (folder / "usage.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "usage.jsonl").write_bytes(lines[0])

    with pytest.raises(UsageExportError, match="count of"):
        verify_usage(folder)


def test_an_export_never_overwrites(exported):
    folder, _ = exported

    with pytest.raises(FileExistsError):
        export_usage(ROWS, 7, folder, Span(), exported_at_ms=99)


def test_a_whole_ledger_is_exported_with_its_corrections_from_each_engine(accounts, tmp_path):
    for number in range(1100):  # more than one page
        accounts.execute(
            "INSERT INTO usage_ledger (tenant, metric, key, units, period, details) VALUES (?, ?, ?, ?, ?, ?)",
            (bytes(7) + b"\x07", "tool_calls", b"%d" % number, 1, "total", b'{"at_ms":1}'),
        )

    manifest = export_usage(accounts.books.entries(7), 7, tmp_path / "usage", Span(), exported_at_ms=1)

    assert (manifest["count"], manifest["units"]) == (1100, {"tool_calls": 1100})
    assert verify_usage(tmp_path / "usage") == manifest
