"""Exporting and verifying long runs: how far from the cheapest that touches every byte, and in how much memory.

A run of 25,000 steps of ten conditions in SQLite holds 100,000 records. The floor of the export hashes the same rows
and writes them to the same kind of file. The straightforward verifier makes the same checks as ours
(``benching.straightforward``) and refuses the same alterations. A held run mostly repeats its evidence, which ours
makes use of; so two more runs are verified in which one, and eight, of ten conditions have new evidence in every step.
Files are not synchronised here: that is the disk's price and not ours.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from benching import AtMost, Faster, Goal, Outcome, Result, Skipped, Unit, Within, alternate, peer_module, scratch
from benching.engines import Driven, driven
from benching.straightforward import RefusedError, straightforward
from decision_gate.core.codec import DecodeError, canonical_record
from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.model import VerificationStatus
from decision_gate.core.ports import ArtifactError, RunKey
from decision_gate.core.runpack import Export, ExportRequest, export, verify
from decision_gate.core.timestamps import UnixMillis

RECORDS_A_STEP = 4
SIZES = (2_500, 25_000)
STEPS_TO_ALTER = 20
MIB = 2**20
ROUNDS = 9


@attrs.frozen
class Files:
    """A folder as sink and reader."""

    folder: Path

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        del content_type
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.writelines(chunks)

    def finalize(self, manifest: bytes) -> None:
        (self.folder / "manifest.json").write_bytes(manifest)

    def paths(self) -> frozenset[str]:
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return frozenset(path for path in found if path != "manifest.json")

    def chunks(self, path: str) -> Iterator[bytes]:
        try:
            file = (self.folder / path).open("rb")
        except OSError as error:
            raise ArtifactError("unable to read artifact") from error
        with file:
            while chunk := file.read(262_144):
                yield chunk

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


@attrs.frozen
class Altered:
    """The same files but for one."""

    files: Files
    path: str
    content: bytes

    def paths(self) -> frozenset[str]:
        return self.files.paths()

    def chunks(self, path: str) -> Iterator[bytes]:
        return iter([self.content]) if path == self.path else self.files.chunks(path)

    def read(self, path: str) -> bytes:
        return self.content if path == self.path else self.files.read(path)


def bench_runpack() -> Iterator[Outcome]:
    with scratch() as folder, driven(folder / "runs.db", 10, "normal") as engine:
        growths = []
        for steps in SIZES:
            run = engine.run(f"run-{steps}")
            while run.steps < steps:
                run()
            files = Files(folder / f"pack-{steps}")
            exported = _export(engine, run.name, files)
            verified = verify(exported.manifest_bytes, files)
            assert verified.status is VerificationStatus.PASS, verified.errors
            growths.append(
                (
                    _growth(lambda name=run.name, files=files: _export(engine, name, files)),
                    _growth(lambda exported=exported, files=files: verify(exported.manifest_bytes, files)),
                )
            )
        yield _export_to_the_floor(engine, f"run-{SIZES[-1]}", folder)
        _assert_both_refuse_alterations(engine, Files(folder / "pack-altered"))
        yield _verify_to_the_straightforward("verify", Files(folder / f"pack-{SIZES[0]}"), Faster(5))
        for changing in (("c8",), tuple(CHANGING)):
            files = Files(folder / f"pack-changing-{len(changing)}")
            _export_changing(engine, changing, files)
            yield _verify_to_the_straightforward(f"verify, {len(changing)} of 10 changing,", files, Faster(5))
    for name, (few, many) in zip(("export", "verify"), zip(*growths, strict=True), strict=True):
        yield Result.counted(
            f"{name} {SIZES[-1] * RECORDS_A_STEP:,} records: peak memory",
            many,
            f"{SIZES[0] * RECORDS_A_STEP:,} records",
            few,
            Within(16 * MIB, "16 MiB"),
            Unit.BYTES,
        )


def _verify_to_the_straightforward(name: str, files: Files, goal: Goal) -> Outcome:
    rfc8785 = peer_module("rfc8785")
    if rfc8785 is None:
        return Skipped(case=name, reason="rfc8785 is not installed")
    manifest = (files.folder / "manifest.json").read_bytes()
    assert verify(manifest, files).status is VerificationStatus.PASS
    straightforward(manifest, files, rfc8785.dumps)
    pair = alternate(
        lambda: verify(manifest, files),
        lambda: straightforward(manifest, files, rfc8785.dumps),
        rounds=ROUNDS,
        calls=1,
    )
    return _result(name, "the straightforward way", pair, goal, SIZES[0])


CHANGING: dict[str, Callable[[int], JsonValue]] = {
    "c1": lambda step: 80 + step,
    "c2": lambda step: f"branch-{step}",
    "c3": lambda step: f"colour-{step}",
    "c5": lambda step: 2 + step,
    "c6": lambda step: f"approved by {step}",
    "c7": lambda step: 0.01 + step / 1_000_000,
    "c8": lambda step: {"attempt": step, "url": f"https://ci.example/{step}"},
    "c9": lambda step: f"passed {step}",
}
"""Evidence that is new in every step: of all conditions but those that know only true and false."""


def _export_changing(engine: Driven, conditions: tuple[str, ...], files: Files) -> None:
    """Export a run of the smaller size in which the evidence of some *conditions* never repeats."""
    run = engine.run(f"run-changing-{len(conditions)}")
    while run.steps < SIZES[0]:
        engine.world.facts.answers.update({name: CHANGING[name](run.steps) for name in conditions})
        run()
    _export(engine, run.name, files)


ALTERATIONS = (
    ("triggers", b'"seq":7}', b'"seq":8}'),
    ("triggers", b'"seq":7}', b'"seq": 7}'),
    ("triggers", b'"source_id":"agent"', b'"source_id":"other"'),
    ("gate_evals", b'"kind":"json","value":"', b'"kind":"json","value":"un'),
    ("gate_evals", b'"status":"True"', b'"status":"False"'),
    ("gate_evals", b'"signature":null', b'"signature":null,"unknown":null'),
    ("gate_evals", b'"trigger_id":"trigger-3"', b'"trigger_id":"trigger-4"'),
    ("decisions", b'"decision-9"', b'"decision-8"'),
    ("decisions", b'"kind":"hold"', b'"kind":"halt"'),
    ("decisions", b'"value":1005', b'"value":1004'),
    ("tool_calls", b'"called_at":{"kind":"unix_millis","value":1002}', b'"called_at":{"kind":"logical","value":1002}'),
    (
        "tool_calls",
        b'"request_hash":{"algorithm":"sha256","value":"',
        b'"request_hash":{"algorithm":"sha256","value":"0',
    ),
    (
        "tool_calls",
        b'"response_hash":{"algorithm":"sha256","value":"',
        b'"response_hash":{"algorithm":"sha256","value":"0',
    ),
)
"""A log, what stands in it, and what an attacker writes instead who then makes every hash of the manifest fit."""


def _assert_both_refuse_alterations(engine: Driven, files: Files) -> None:
    run = engine.run("run-altered")
    while run.steps < STEPS_TO_ALTER:
        run()
    manifest = _export(engine, run.name, files).manifest_bytes
    for log, found, instead in ALTERATIONS:
        path = f"artifacts/{log}.json"
        content = files.read(path)
        assert found in content, found
        altered = Altered(files, path, content.replace(found, instead, 1))
        forged = _resealed(manifest, path, altered.content)
        assert verify(forged, altered).status is VerificationStatus.FAIL, (log, instead)
        try:
            straightforward(forged, altered, canonical)  # ours, which agrees with the peer's on what was exported
        except (RefusedError, DecodeError):
            continue
        raise AssertionError(f"the peer accepts {instead!r} in {log}")


def _resealed(manifest: bytes, path: str, content: bytes) -> bytes:
    """Return the manifest with the hash of one file, and the hash over all, made to fit."""
    value = json.loads(manifest)
    for entry in (*value["artifacts"], *value["integrity"]["file_hashes"]):
        if entry["path"] == path:
            entry["hash"]["value"] = hashlib.sha256(content).hexdigest()
    value["integrity"]["root_hash"]["value"] = hashlib.sha256(canonical(value["integrity"]["file_hashes"])).hexdigest()
    return canonical(value)


def _export(engine: Driven, name: str, files: Files) -> Export:
    world = engine.world
    head = world.engine.runs.head(RunKey(1, 1, name))
    assert head is not None
    spec = canonical_record(world.spec)
    return export(ExportRequest(spec=spec, head=head, generated_at=UnixMillis(0)), world.engine.runs, files)


def _export_to_the_floor(engine: Driven, name: str, folder: Path) -> Outcome:
    files, floor = Files(folder / "ours"), Files(folder / "floor")
    _export(engine, name, files)
    rows = {
        path: [part + b"," for part in b"".join(files.chunks(path)).split(b"},{")] for path in sorted(files.paths())
    }

    def hash_and_write() -> None:
        for path, parts in rows.items():
            digest = hashlib.sha256()

            def hashed(parts: list[bytes] = parts, digest: Any = digest) -> Iterator[bytes]:
                for part in parts:
                    digest.update(part)
                    yield part

            floor.write(path, hashed(), content_type="")

    pair = alternate(lambda: _export(engine, name, files), hash_and_write, rounds=ROUNDS, calls=1)
    return _result("export", "hash and write the rows", pair, AtMost(3.5), SIZES[-1])


def _growth(work: Callable[[], object]) -> int:
    """Return by how many bytes the process grows at most while *work* runs."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = _status("VmRSS")
    work()
    return _status("VmHWM") - before


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [line] = [line for line in lines if line.startswith(f"{field}:")]
    return int(line.split()[1]) * 1024


def _result(what, peer, pair, goal, steps):
    return Result(
        case=f"{what} {steps * RECORDS_A_STEP:,} records",
        unit=Unit.NANOSECONDS,
        peer=peer,
        goal=goal,
        n=steps * RECORDS_A_STEP,
        **attrs.asdict(pair),
    )
