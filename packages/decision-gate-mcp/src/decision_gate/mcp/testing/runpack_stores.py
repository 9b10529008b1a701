"""The conformance suite of ``RunpackStore``."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Final

import attrs
import pytest

from decision_gate.core.model import RunStatus
from decision_gate.core.ports import ArtifactError, ArtifactReader, Log, LogCounts, RunHead, RunKey
from decision_gate.core.runpack import REPORT, ExportRequest, export, verify
from decision_gate.core.testing.worked_example import FILES
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.runpacks.store import PackName, RunpackStore

NAME: Final = PackName(
    tenant_id=42,
    namespace_id=7,
    scenario_id="harbor-release",
    run_id="run-1",
    spec_hash="0" * 64,
    manifest_name="manifest.json",
)
JSON: Final = "application/json"
PLACE: Final = "artifacts/triggers.json"
_LARGE_CHUNKS: Final = 48
_CHUNK: Final = bytes(262_144)


class RunpackStoreConformance:
    """What every ``RunpackStore`` must do; a plug-in overrides ``store``."""

    @pytest.fixture
    def store(self) -> RunpackStore:
        """Return a store without packs; a plug-in overrides this."""
        raise NotImplementedError

    def test_a_pack_verifies_again_and_again_and_nothing_of_an_earlier_one_remains(self, store: RunpackStore) -> None:
        for is_verified in (True, False, True):
            with store.open(NAME) as pack:
                exported = export(empty_run(), NoRows(), pack.sink, verify_with=pack.reader if is_verified else None)

                report = verify(exported.manifest_bytes, pack.reader)
                assert report.errors == ()
                assert (REPORT.path in pack.reader.paths()) is is_verified
                assert content(pack.reader, NAME.manifest_name) == exported.manifest_bytes

    def test_a_pack_is_there_when_it_is_opened_again(self, store: RunpackStore) -> None:
        with store.open(NAME) as pack:
            manifest = export(empty_run(), NoRows(), pack.sink).manifest_bytes

        with store.open(NAME) as again:
            assert verify(manifest, again.reader).errors == ()

    @pytest.mark.parametrize("manifest_name", ["m.json", "sub/m.json", "artifacts/m.json"])
    def test_a_manifest_is_no_artifact_wherever_it_is(self, store: RunpackStore, manifest_name: str) -> None:
        with store.open(attrs.evolve(NAME, manifest_name=manifest_name)) as pack:
            manifest = export(empty_run(), NoRows(), pack.sink).manifest_bytes

            assert verify(manifest, pack.reader).errors == ()
            assert manifest_name not in pack.reader.paths()

    def test_a_pack_that_was_not_finished_has_no_manifest(self, store: RunpackStore) -> None:
        with store.open(NAME) as pack:
            pack.sink.write(PLACE, [b"[]"], content_type=JSON)

        with store.open(NAME) as again, pytest.raises(ArtifactError):
            content(again.reader, NAME.manifest_name)

    def test_a_pack_whose_replacement_was_not_finished_does_not_verify(self, store: RunpackStore) -> None:
        with store.open(NAME) as pack:
            manifest = export(empty_run(), NoRows(), pack.sink).manifest_bytes
        with store.open(NAME) as pack:
            pack.sink.write(PLACE, [b"[1]"], content_type=JSON)

        with store.open(NAME) as again:
            assert verify(manifest, again.reader).errors != ()

    def test_a_write_that_fails_leaves_the_earlier_file(self, store: RunpackStore) -> None:
        def failing() -> Iterator[bytes]:
            yield b"new"
            raise LookupError

        with store.open(NAME) as pack:
            pack.sink.write(PLACE, [b"old"], content_type=JSON)
            with pytest.raises(LookupError):
                pack.sink.write(PLACE, failing(), content_type=JSON)

            assert content(pack.reader, PLACE) == b"old"

    def test_a_large_file_comes_back_as_it_was(self, store: RunpackStore) -> None:
        with store.open(NAME) as pack:
            pack.sink.write(PLACE, (_CHUNK for _ in range(_LARGE_CHUNKS)), content_type=JSON)

            assert content(pack.reader, PLACE) == _CHUNK * _LARGE_CHUNKS

    def test_a_file_that_is_not_there_is_refused(self, store: RunpackStore) -> None:
        with store.open(NAME) as pack, pytest.raises(ArtifactError):
            content(pack.reader, "artifacts/none.json")

    @pytest.mark.parametrize("path", ["/etc/passwd", "../x", "artifacts/../../x", ""])
    def test_a_path_that_leads_out_is_refused(self, store: RunpackStore, path: str) -> None:
        with store.open(NAME) as pack:
            with pytest.raises(ArtifactError):
                pack.sink.write(path, [b"x"], content_type=JSON)
            with pytest.raises(ArtifactError):
                content(pack.reader, path)

    def test_no_two_runs_share_a_place(self, store: RunpackStore) -> None:
        names = [
            NAME,
            attrs.evolve(NAME, tenant_id=4, namespace_id=27),
            attrs.evolve(NAME, namespace_id=8),
            attrs.evolve(NAME, spec_hash="1" * 64),
            *(
                attrs.evolve(NAME, run_id=run_id)
                for run_id in ("a/b", "a%2Fb", "a", "..", "%2E%2E", "\u00e9", "e\u0301")
            ),
            *(attrs.evolve(NAME, scenario_id=name, run_id="b") for name in ("a", "a/run", ".", "run-1")),
        ]
        for number, name in enumerate(names):
            with store.open(name) as pack:
                pack.sink.write(PLACE, [str(number).encode()], content_type=JSON)

        found = []
        for name in names:
            with store.open(name) as pack:
                found.append(content(pack.reader, PLACE))
        assert found == [str(number).encode() for number in range(len(names))]
        assert all(first != second for first, second in combinations(names, 2))

    def test_many_packs_are_written_at_once(self, store: RunpackStore) -> None:
        def exported(number: int) -> tuple[str, ...]:
            with store.open(attrs.evolve(NAME, run_id=f"run-{number}")) as pack:
                manifest = export(empty_run(), NoRows(), pack.sink).manifest_bytes
                return verify(manifest, pack.reader).errors

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(exported, range(16))) == [()] * 16


def content(reader: ArtifactReader, path: str) -> bytes:
    """Return the bytes of one file."""
    return b"".join(reader.chunks(path))


class NoRows:
    """A run store that holds an empty run."""

    def read(self, key: RunKey, log: Log, *, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        del key, log, after, upto
        return iter(())


def empty_run() -> ExportRequest:
    """Return the request to export a run of the worked example that has no records yet."""
    spec = FILES.joinpath("artifacts/scenario_spec.json").read_bytes()
    head = RunHead(
        key=RunKey(42, 7, "run-1"),
        scenario_id="harbor-release",
        owner=None,
        spec_hash=hashlib.sha256(spec).hexdigest(),
        current_stage_id="intake",
        stage_entered_at=UnixMillis(0),
        status=RunStatus.ACTIVE,
        version=1,
        state_version=1,
        counts=LogCounts(),
        digest="0" * 64,
    )
    return ExportRequest(spec=spec, head=head, generated_at=UnixMillis(1))
