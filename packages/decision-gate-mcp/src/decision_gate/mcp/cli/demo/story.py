"""What happens in the demonstration, without a word of how it is shown.

INVARIANT: nothing is staged. Every chapter is the answer of the same engine, stores, providers and verifier that
``gate`` and ``serve`` use; the story only changes the reports between the questions, as a team would.
"""

import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.analysis import DisclosureLevel, GateExplanation, explain
from decision_gate.core.model import (
    DecisionOutcome,
    GateEvalRecord,
    RunStatus,
    ScenarioSpec,
)
from decision_gate.core.ports import RunKey
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.authoring import read_scenario_file
from decision_gate.mcp.cli.evidence import evidence_below
from decision_gate.mcp.cli.packs import PackCheck, PackPlace, check_pack, sign_pack
from decision_gate.mcp.cli.workbench import Workbench, open_workbench
from decision_gate.mcp.signing import KeyFileSigner, PinnedKeys, new_key

RUN_ID: Final = "release-2.4.0"
SCENARIO: Final = "release.yaml"
REPORTS: Final = "reports"
PACK: Final = "runpack"
STORE: Final = "runs.db"
KEY: Final = "release-key.pem"
PUBLIC_KEY: Final = "release-key.pub.pem"

_GATE_EVALS: Final = "artifacts/gate_evals.json"


@attrs.frozen(kw_only=True)
class Opened:
    """The folder is laid out and the run has started."""

    folder: Path
    spec: ScenarioSpec
    spec_hash: str


@attrs.frozen(kw_only=True)
class Asked:
    """The engine was asked whether the release may go on."""

    stage_id: str
    outcome: DecisionOutcome
    status: RunStatus
    gates: tuple[GateEvalRecord, ...]
    explanations: tuple[GateExplanation, ...]


@attrs.frozen(kw_only=True)
class Changed:
    """Reports were replaced; each line says what somebody did."""

    done: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Packed:
    """The run pack was written."""

    folder: Path
    root_hash: str
    size_bytes: int


@attrs.frozen(kw_only=True)
class Checked:
    """The pack was verified as it lies there; ``forgery`` says what had been edited in it before, none for nothing."""

    check: PackCheck
    forgery: str | None = None


Chapter = Opened | Asked | Changed | Packed | Checked


def tell(folder: Path) -> Iterator[Chapter]:
    """Play the release in *folder*, which exists and is empty, chapter by chapter."""
    _lay_out(folder, "before")
    spec = read_scenario_file(folder / SCENARIO).spec
    with open_workbench(evidence_below(folder / REPORTS, spec, {}), store=folder / STORE) as bench:
        definition = bench.define(spec)
        key = bench.start(spec, RUN_ID)
        yield Opened(folder=folder, spec=spec, spec_hash=definition.spec_hash)
        yield _ask(bench, spec, key, "ask-1")
        _lay_out(folder, "after")
        yield Changed(
            done=(
                "three failing tests mended",
                "tests added for the new refund path",
                "libtls upgraded from 3.1.4 to 3.1.9",
            )
        )
        yield _ask(bench, spec, key, "ask-2")
        yield _ask(bench, spec, key, "ask-3")
        _approve(folder / REPORTS / "reviews.json", "bob")
        yield Changed(done=("bob read the change and approved it",))
        yield _ask(bench, spec, key, "ask-4")
        pack = folder / PACK
        export = bench.export(definition, key, pack)
    size = sum(path.stat().st_size for path in pack.rglob("*.json"))
    yield Packed(folder=pack, root_hash=export.root_hash, size_bytes=size)
    place = PackPlace.of(pack, None)
    made = new_key(folder / KEY)
    sign_pack(place, KeyFileSigner.load(made.private_path), UnixMillis(bench.clock.now_ms()))
    keys = PinnedKeys.load([made.public_path])
    yield Checked(check=check_pack(place, keys=keys, is_replayed=True))
    yield Checked(check=_forged(pack, keys), forgery="coverage 82.3 → 92.3 in the recorded evidence")


def _ask(bench: Workbench, spec: ScenarioSpec, key: RunKey, trigger_id: str) -> Asked:
    asked = bench.evaluate(spec, key, trigger_id)
    return Asked(
        stage_id=asked.stage_id,
        outcome=asked.result.decision.outcome,
        status=asked.result.status,
        gates=asked.gates,
        explanations=explain(spec, asked.gates, DisclosureLevel.EVIDENCE),
    )


def _lay_out(folder: Path, act: str) -> None:
    """Copy the files of one act over what is there."""
    with as_file(files("decision_gate.mcp.cli.demo") / "release" / act) as bundled:
        shutil.copytree(bundled, folder, dirs_exist_ok=True)


def _approve(reviews: Path, who: str) -> None:
    text = reviews.read_text(encoding="utf-8")
    reviews.write_text(
        text.replace(f'"{who}": {{"approved": false}}', f'"{who}": {{"approved": true}}'), encoding="utf-8"
    )


def _forged(pack: Path, keys: PinnedKeys) -> PackCheck:
    """Edit one number in a copy of the pack and verify the copy."""
    copy = pack.with_name(f"{pack.name}-forged")
    shutil.copytree(pack, copy)
    evidence = copy / _GATE_EVALS
    evidence.write_bytes(evidence.read_bytes().replace(b"82.3", b"92.3"))
    check = check_pack(PackPlace.of(copy, None), keys=keys, is_replayed=True)
    shutil.rmtree(copy)
    return check
