"""Run packs in a real S3 server (contract §9.4)."""

import contextlib
import itertools

import attrs
import pytest

from decision_gate.core.ports import ArtifactError
from decision_gate.mcp.config.runpacks import ObjectStorageTable, StorageProvider, StorageType
from decision_gate.mcp.runpacks.object_store import open_object_store
from decision_gate.mcp.testing import RunpackStoreConformance, open_test_server
from decision_gate.mcp.testing.calls import SPEC_HASH, TIME_PROVIDER, ask, define, export, start
from decision_gate.mcp.testing.runpack_stores import JSON, NAME, content

pytestmark = pytest.mark.services

BUCKET = "packs"
PREFIXES = itertools.count()
ARTIFACTS = (
    "decisions",
    "gate_evals",
    "packets",
    "scenario_spec",
    "submissions",
    "tool_calls",
    "triggers",
)


@pytest.fixture(scope="module")
def server(s3):
    with contextlib.closing(s3.client()) as client:
        client.create_bucket(Bucket=BUCKET)
    return s3


@pytest.fixture
def table(server, monkeypatch):
    """Return the settings of a place of its own, with credentials where the AWS chain looks for them."""
    for name, value in server.credentials.items():
        monkeypatch.setenv(name, value)
    return ObjectStorageTable(
        type=StorageType.OBJECT_STORE,
        provider=StorageProvider.S3,
        bucket=BUCKET,
        region=server.region,
        endpoint=server.endpoint,
        prefix=f"test-{next(PREFIXES)}/",
        force_path_style=True,
        allow_http=True,
    )


@pytest.fixture
def objects(table):
    with open_object_store(table) as opened:
        yield opened


class TestObjectStore(RunpackStoreConformance):
    """See the suite."""

    @pytest.fixture
    def store(self, objects):
        return objects


def toml(table):
    return (
        f'{TIME_PROVIDER}[runpack_storage]\ntype = "object_store"\nprovider = "s3"\nbucket = "{table.bucket}"\n'
        f'region = "{table.region}"\nendpoint = "{table.endpoint}"\nprefix = "{table.prefix}"\n'
        "force_path_style = true\nallow_http = true\n"
    )


def test_a_server_exports_to_the_keys_of_the_contract_and_says_where(server, table):
    with open_test_server(toml(table)) as gate:
        gate.call("scenario_define", define())
        gate.call("scenario_start", start())
        gate.call("scenario_next", ask("poll", 5000))
        exported = gate.call("runpack_export", export(None, include_verification=True))

    place = f"{table.prefix}tenant/7/namespace/12/scenario/ship-it/run/run-a/spec/sha256/{SPEC_HASH}/"
    assert exported["storage_uri"] == f"s3://{table.bucket}/{place}"
    assert exported["report"]["status"] == "pass"
    assert server.keys(BUCKET, table.prefix) == sorted(
        [
            *(f"{place}artifacts/{name}.json" for name in (*ARTIFACTS, "verifier_report")),
            f"{place}manifest.json",
        ]
    )


def test_ids_that_are_no_path_become_one_segment(server, table, objects):
    with objects.open(attrs.evolve(NAME, scenario_id="org/repo", run_id="refs/heads/a b%..")) as pack:
        pack.sink.write("artifacts/a.json", [b"1"], content_type=JSON)

    [key] = server.keys(BUCKET, table.prefix)
    assert key.startswith(f"{table.prefix}tenant/42/namespace/7/scenario/org%2Frepo/run/refs%2Fheads%2Fa b%25../spec/")


def test_objects_are_typed_as_what_they_are(server, table, objects):
    with objects.open(NAME) as pack:
        pack.sink.write("artifacts/a.json", [b"1"], content_type=JSON)

    [key] = server.keys(BUCKET, table.prefix)
    assert server.client().head_object(Bucket=BUCKET, Key=key)["ContentType"] == JSON


def test_a_path_with_backslashes_is_refused_in_the_words_of_the_contract(objects):
    with objects.open(NAME) as pack, pytest.raises(ArtifactError) as refused:
        content(pack.reader, "a\\b")

    assert str(refused.value) == "artifact error: object store invalid: path must not contain backslashes"


def test_a_store_that_refuses_is_told_by_its_code_and_nothing_else(objects, monkeypatch, table):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with open_object_store(table) as denied, denied.open(NAME) as pack:
        with pytest.raises(ArtifactError) as written:
            pack.sink.write("artifacts/a.json", [b"1"], content_type=JSON)
        with pytest.raises(ArtifactError) as read:
            content(pack.reader, "artifacts/a.json")
        with pytest.raises(ArtifactError) as listed:
            pack.reader.paths()

    texts = {str(refusal.value) for refusal in (written, read, listed)}
    assert texts == {"artifact error: object store backend error: SignatureDoesNotMatch"}
    with objects.open(NAME) as pack:
        assert pack.reader.paths() == frozenset()


def test_a_bucket_that_is_not_there_is_told_by_the_code_of_the_store(table):
    with (
        open_object_store(attrs.evolve(table, bucket="none")) as missing,
        missing.open(NAME) as pack,
        pytest.raises(ArtifactError) as refused,
    ):
        content(pack.reader, "artifacts/a.json")

    assert str(refused.value) == "artifact error: object store backend error: NoSuchBucket"
