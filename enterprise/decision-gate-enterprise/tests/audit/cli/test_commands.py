"""The commands of ``cloud audit`` on a deployment's file, and on what was taken out of it."""

import json
from contextlib import ExitStack
from hashlib import sha256

import pytest
from click.testing import CliRunner

from decision_gate.core.codec import encode
from decision_gate.core.json import canonical
from decision_gate.core.ports import RunKey
from decision_gate.core.testing.runs import start_commit
from decision_gate.enterprise.audit import (
    PACK_PROOF_NAME,
    EventClass,
    Sealer,
    SqliteOutboxTable,
    Told,
    leaf_rider,
)
from decision_gate.enterprise.audit.cli import audit
from decision_gate.enterprise.database import now_ms
from decision_gate.mcp.cli import configuration
from decision_gate.mcp.opening.built_in import BUILT_IN
from decision_gate.mcp.plugins import Offer, Offers
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database

KEY = """\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
-----END PRIVATE KEY-----
"""
CONFIG = """
[run_state_store]
type = "sqlite"
path = "gate.db"
[audit_sink]
type = "hash_chain"
path = "gate.db"
origin = "audit.example.org"
signing_keys = [{ file = "audit.pem" }]
snapshots = "snapshots"
"""
ORIGIN = "audit.example.org/t/7"
COMMIT = start_commit(RunKey(7, 12, "run-1"))
RUN = {"digest": COMMIT.head.digest, "namespace_id": "12", "run_id": "run-1", "version": 1}


def offers(plugins):
    """Return the look-up of plug-ins with the entry point of the sink, whether this project is installed or not."""

    def installed(group):
        reference = "decision_gate.enterprise.audit:open_hash_chain"
        offer = Offer(
            group=group,
            name="hash_chain",
            reference=reference,
            distribution="decision-gate-enterprise",
            version="0.1.0",
        )
        return (offer,) if group == "decision_gate.audit_sinks" else ()

    return Offers(plugins, built_in=BUILT_IN, installed=installed)


@pytest.fixture
def deployment(tmp_path):
    """A deployment with three events of tenant 7: a call, a run, an old call."""
    folder = tmp_path / "gate"
    folder.mkdir()
    (folder / "decision-gate.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "audit.pem").write_text(KEY, encoding="utf-8")
    tell(folder, "call")
    tell(folder, "run", run=RUN, event_class=EventClass.DECISION, commit=COMMIT)
    tell(folder, "old", at_ms=1)
    return folder


def tell(folder, text, at_ms=None, event_class=EventClass.CALL, run=None, root_hash=None, commit=None):
    told = Told(
        event="probe",
        event_class=event_class,
        tenant_id=7,
        at_ms=at_ms or now_ms(),
        run=run,
        root_hash=root_hash,
    )
    settings = SqliteSettings(path=folder / "gate.db")
    with open_database(settings, rider_tables=[SqliteOutboxTable()], now_ms=lambda: 0) as database:
        riders = [leaf_rider(Sealer(b"secret").seal(told, canonical({"text": text})))]
        runs = SqliteRunStore(database)
        runs.record(riders) if commit is None else runs.create(commit, riders)


@pytest.fixture
def run(deployment, monkeypatch):
    """Run a command beside the deployment; the events have their places."""
    monkeypatch.chdir(deployment.parent)
    monkeypatch.setattr(configuration, "offers_of", offers)

    def command(*arguments, exits=0):
        done = CliRunner().invoke(audit, [str(each) for each in arguments])
        assert done.exit_code == exits, done.output
        return done.output

    assert command("sequence", "--dir", "gate") == "3 entries\n"
    return command


@pytest.fixture
def keys(run, tmp_path):
    path = tmp_path / "keys.txt"
    path.write_text(run("keys", "--dir", "gate"), encoding="utf-8")
    return path


def test_sound_deployment_is_found_sound(run):
    assert run("fsck", "--dir", "gate") == f"sound: audit.example.org/root, 1 entries\nsound: {ORIGIN}, 3 entries\n"


def test_events_that_wait_are_counted(run, deployment):
    tell(deployment, "late")

    assert run("fsck", "--dir", "gate").endswith("1 events wait for their places\n")


def test_damage_is_named_and_fails_the_command(run, deployment):
    with ExitStack() as stack:
        database = stack.enter_context(
            open_database(SqliteSettings(path=deployment / "gate.db"), rider_tables=[], now_ms=lambda: 0)
        )
        database.write(lambda connection: connection.execute("DELETE FROM audit_leaves WHERE idx = 1"))

    told = json.loads(run("fsck", "--dir", "gate", "--json", exits=1))

    assert told["logs"][1] == {
        "origin": ORIGIN,
        "size": 3,
        "erased": 0,
        "sound": False,
        "findings": [
            {"damage": "deleted", "index": 1, "text": "it is gone"},
            {"damage": "deleted", "index": None, "text": "run run-1 of namespace 12: commit 1 has no entry"},
        ],
    }


def test_keys_are_those_of_every_log(run):
    names = [line.partition("+")[0] for line in run("keys", "--dir", "gate").splitlines()]

    assert names == ["audit.example.org/deployment", ORIGIN, "audit.example.org/root"]


def test_export_is_verified_elsewhere_and_a_change_is_named(run, keys, tmp_path):
    assert run("export", "out", "--dir", "gate", "--log", "7") == "3 of 3 entries\n"
    assert run("verify", "out", "--keys", keys) == f"sound: {ORIGIN}, 3 entries\n"

    events = tmp_path / "out" / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"text":"run"', b'"text":"ran"'))

    assert run("verify", "out", "--keys", keys, exits=1) == (
        f"NOT SOUND: {ORIGIN}, 3 entries\n  edited: {ORIGIN} entry 1: its body is not the one that was logged\n"
    )


def test_stretch_of_a_time_is_exported(run, keys):
    assert run("export", "out", "--dir", "gate", "--log", "7", "--to", "2000-01-01") == "1 of 3 entries\n"
    run("verify", "out", "--keys", keys)

    assert run("export", "none", "--dir", "gate", "--log", "7", "--from", "2100-01-01", exits=1)


def test_verifier_remembers_what_it_saw_and_refuses_an_older_export(run, keys, deployment):
    run("export", "old", "--dir", "gate", "--log", "7")
    tell(deployment, "more")
    run("sequence", "--dir", "gate")
    run("export", "new", "--dir", "gate", "--log", "7")

    run("verify", "old", "--keys", keys, "--kept", "seen")
    run("verify", "new", "--keys", keys, "--kept", "seen")

    assert "rolled_back" in run("verify", "old", "--keys", keys, "--kept", "seen", exits=1)


def test_proof_beside_a_run_pack_is_verified_elsewhere(run, keys, tmp_path):
    pack = tmp_path / "pack"
    pack.mkdir()

    printed = run("prove", "--dir", "gate", "--log", "7", "--namespace", "12", "--run", "run-1", "--pack", "pack")

    proof = pack / PACK_PROOF_NAME
    assert printed.strip() == str(proof)
    assert run("verify", proof, "--keys", keys) == f"sound: {ORIGIN}, 3 entries\n"
    assert run("prove", "--dir", "gate", "--log", "7", "--index", "1") == proof.read_text(encoding="utf-8")


def test_pack_names_its_proof_itself_and_the_proof_is_refused_beside_another_pack(
    run, keys, tmp_path, deployment, pack_manifest
):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        manifest = pack_manifest(sha256(name.encode()).hexdigest())
        (tmp_path / name / "manifest.json").write_bytes(canonical(encode(manifest)))
        tell(deployment, name, run=RUN, root_hash=manifest.integrity.root_hash.value)
    run("sequence", "--dir", "gate")

    proof = tmp_path / "one" / PACK_PROOF_NAME
    assert run("prove", "--dir", "gate", "--pack", "one").strip() == str(proof)
    assert run("verify", proof, "--keys", keys) == f"sound: {ORIGIN}, 5 entries\n"

    moved = proof.replace(tmp_path / "two" / PACK_PROOF_NAME)
    assert "spliced" in run("verify", moved, "--keys", keys, exits=1)


def test_proof_under_a_key_that_is_not_trusted_is_refused(run, keys, tmp_path):
    run("prove", "--dir", "gate", "--log", "7", "--index", "0", "--output", "one.tlog-proof")
    keys.write_text(keys.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")

    assert "not signed" in run("verify", "one.tlog-proof", "--keys", keys, exits=1)
    assert (tmp_path / "one.tlog-proof").exists()


def test_log_is_exported_as_static_files(run, tmp_path):
    run("export", "tiles", "--dir", "gate", "--log", "root", "--tiles")

    assert (tmp_path / "tiles" / "tile" / "0" / "000.p" / "1").stat().st_size == 32


def test_hold_keeps_what_retention_would_forget(run):
    place = ("--dir", "gate", "--log", "7", "--reason", "case 12")
    run("hold", *place)
    assert run("forget", "--dir", "gate") == "0 bodies\n"
    run("release", *place)

    assert run("forget", "--dir", "gate") == "1 bodies\n"
    run("sequence", "--dir", "gate")
    assert "6 entries, 1 without a body" in run("fsck", "--dir", "gate")


@pytest.mark.parametrize(
    "arguments",
    [
        ("prove", "--log", "7"),
        ("prove", "--log", "0", "--index", "0"),
        ("prove", "--log", "everybody", "--index", "0"),
        ("hold", "--log", "7", "--run", "run-1", "--reason", "case"),
        ("hold", "--log", "root", "--reason", "case"),
        ("export", "out", "--log", "7", "--tiles", "--from", "2026-01-01"),
    ],
)
def test_command_that_cannot_be_understood_is_a_usage_error(run, arguments):
    run(*arguments, "--dir", "gate", exits=2)


def test_deployment_without_a_signed_log_is_refused(run, deployment):
    config = deployment / "decision-gate.toml"
    config.write_text(CONFIG.replace('type = "hash_chain"\npath = "gate.db"', 'type = "hash_chain"'), encoding="utf-8")

    assert "no signed audit log" in run("fsck", "--dir", "gate", exits=1)
