"""Canonical JSON against ``rfc8785``, the reference implementation in Python, and ``orjson``, the floor.

Ordinary documents are held to a goal; the last ones show where the exact path costs what it costs.
"""

from collections.abc import Iterator
from typing import Any

import attrs
import orjson

from benching import AtMost, Faster, Goal, Outcome, Result, Skipped, Unit, alternate, peer_module
from benching.policies import policy
from decision_gate.core.json import canonical, canonical_finite, parse

ORDINARY = Faster(10)
FLOATS = Faster(2.5)
FLOOR = AtMost(8)


@attrs.frozen(kw_only=True)
class Document:
    """One document; a goal of none means that it is only shown."""

    name: str
    value: Any
    goal: Goal | None = ORDINARY


def trigger() -> dict[str, Any]:
    return {
        "correlation_id": "corr-7f1e",
        "kind": "agent_request_next",
        "namespace_id": 1,
        "payload": None,
        "run_id": "run-20260105-0001-release-candidate",
        "source_id": "agent-release-manager@example",
        "tenant_id": 1,
        "time": {"kind": "unix_millis", "value": 1_767_600_000_000},
        "trigger_id": "trigger-0001",
    }


def evidence() -> dict[str, Any]:
    return {
        "condition_id": "coverage_at_least_80",
        "result": {
            "content_type": "application/json",
            "error": None,
            "evidence_anchor": {"anchor_type": "file_path", "anchor_value": '{"path":"reports/coverage.json"}'},
            "evidence_hash": {"algorithm": "sha256", "value": "9f86d081884c7d659a2feaa0c55ad015" * 2},
            "evidence_ref": {"uri": "file:///srv/evidence/reports/coverage.json"},
            "lane": "verified",
            "signature": None,
            "value": {"kind": "json", "value": 87},
        },
        "status": "True",
        "trigger_id": None,
        "stage_id": "release-candidate",
    }


def ascii_only() -> dict[str, Any]:
    return {f"field_{number}": f"value number {number} of an ordinary report" for number in range(16)}


def other_scripts() -> dict[str, Any]:
    return {f"поле_{number}": "решение принято・承認済み" for number in range(10)}


def run_state() -> dict[str, Any]:
    return {"gate_evals": [evidence() | {"seq": number} for number in range(1_200)]}


def documents() -> tuple[Document, ...]:
    return (
        Document(name="trigger", value=trigger()),
        Document(name="evidence", value=evidence()),
        Document(name="scenario spec", value=policy(10)),
        Document(name="ASCII", value=ascii_only()),
        Document(name="Cyrillic and Japanese", value=other_scripts()),
        Document(
            name="ordinary floats", value={f"m{n}": n * 0.37 if n % 7 else float(n) for n in range(60)}, goal=FLOATS
        ),
        Document(name="every float needs repair", value=[float(n) for n in range(40)], goal=FLOATS),
        Document(name="run of 1,200 evaluations", value=run_state()),
        Document(name="astral keys", value={f"🔑{n}": n for n in range(20)} | {"\ue000": 0}, goal=None),
    )


def bench_canonical_json() -> Iterator[Outcome]:
    rfc8785 = peer_module("rfc8785")
    if rfc8785 is None:
        yield Skipped(case="canonical JSON", reason="rfc8785 is not installed")
        return
    for document in documents():
        value = parse(orjson.dumps(document.value))
        text = canonical(value)
        assert text == rfc8785.dumps(value) == canonical_finite(value)
        case = f"canonical JSON: {document.name}, {len(text):,} B"
        pair = alternate(lambda value=value: canonical(value), lambda value=value: rfc8785.dumps(value))
        yield _result(case, "rfc8785", pair, document.goal, len(text))
    value = evidence()
    pair = alternate(lambda: canonical(value), lambda: orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
    yield _result("canonical JSON: evidence, to the floor", "orjson, sorted", pair, FLOOR, len(canonical(value)))


def _result(case, peer, pair, goal, size):
    return Result(case=case, unit=Unit.NANOSECONDS, peer=peer, goal=goal, n=size, **attrs.asdict(pair))
