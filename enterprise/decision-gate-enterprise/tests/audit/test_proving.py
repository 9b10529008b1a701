"""A proof is one file; it is found by run, lies beside a run pack and needs nothing but a key."""

import pytest

from decision_gate.core.json import canonical, parse
from decision_gate.core.ports import RunKey
from decision_gate.enterprise.audit import (
    PACK_PROOF_NAME,
    EventClass,
    LeafMissingError,
    Told,
    leaf_rider,
    prove,
    prove_pack,
    prove_run,
    put_beside,
    tenant_log,
)
from decision_gate.enterprise.audit.proving import proved_root_hash
from decision_gate.enterprise.audit.tlog import LogProof, UntrustedNoteError

TENANT = 7
LOG = tenant_log(TENANT)
KEY = RunKey(TENANT, 12, "run-1")


def commit(audit, version, run_id="run-1", namespace_id=12):
    run = {"digest": "00" * 32, "namespace_id": str(namespace_id), "run_id": run_id, "version": version}
    audit.tell(f"{namespace_id} {run_id} {version}", tenant_id=TENANT, event_class=EventClass.DECISION, run=run)


@pytest.fixture
def filled(audit):
    for version in (1, 2, 3):
        commit(audit, version)
        commit(audit, version, run_id="run-2")
        commit(audit, version, namespace_id=13)
    audit.tell(*(str(n) for n in range(300)), tenant_id=TENANT)
    audit.sequence()
    return audit


def test_every_entry_of_a_log_is_proved(filled):
    verifiers = filled.names.verifiers(LOG)

    for leaf in filled.store.leaves(LOG):
        proof = LogProof.parse(prove(filled.store, LOG, leaf.index).text())
        assert (proof.index, proof.entry) == (leaf.index, leaf.entry)
        assert proof.verify(verifiers).size == 309


@pytest.mark.parametrize(("version", "proved"), [(None, 3), (1, 1), (2, 2)])
def test_commit_is_found_by_its_run(filled, version, proved):
    proof = prove_run(filled.store, KEY, version)

    proof.verify(filled.names.verifiers(LOG))
    assert parse(proof.entry)["run"] == {
        "digest": "00" * 32,
        "namespace_id": "12",
        "run_id": "run-1",
        "version": proved,
    }


@pytest.mark.parametrize(
    ("key", "version"), [(KEY, 4), (RunKey(TENANT, 12, "run-9"), None), (RunKey(8, 12, "run-1"), None)]
)
def test_commit_that_is_not_there_is_not_proved(filled, key, version):
    with pytest.raises(LeafMissingError):
        prove_run(filled.store, key, version)


@pytest.mark.parametrize("index", [-1, 309, 10**12])
def test_entry_that_is_not_there_is_not_proved(filled, index):
    with pytest.raises(LeafMissingError):
        prove(filled.store, LOG, index)


def test_proof_lies_beside_the_manifest_of_a_run_pack(filled, tmp_path):
    path = put_beside(prove_run(filled.store, KEY), tmp_path)

    assert path == tmp_path / PACK_PROOF_NAME
    LogProof.parse(path.read_text(encoding="utf-8")).verify(filled.names.verifiers(LOG))


def test_export_of_a_pack_is_proved_by_its_root_hash_and_is_no_commit(filled, pack_manifest):
    one, two, never = (pack_manifest(number * 32) for number in ("01", "02", "03"))
    run = {"digest": "00" * 32, "namespace_id": "12", "run_id": "run-1", "version": 3}
    for manifest in (one, two):
        told = Told(
            event="runpack_exported",
            event_class=EventClass.CALL,
            tenant_id=TENANT,
            at_ms=1,
            run=run,
            root_hash=manifest.integrity.root_hash.value,
        )
        filled.runs.record([leaf_rider(filled.sealer.seal(told, canonical({"pack": told.root_hash})))])
    filled.sequence()

    for manifest in (one, two):
        proof = prove_pack(filled.store, manifest)
        proof.verify(filled.names.verifiers(LOG))
        assert proved_root_hash(proof) == parse(proof.entry)["root_hash"] == manifest.integrity.root_hash.value
    with pytest.raises(LeafMissingError):
        prove_pack(filled.store, never)
    assert proved_root_hash(prove_run(filled.store, KEY)) is None


def test_proof_of_one_log_says_nothing_under_the_key_of_another(filled):
    with pytest.raises(UntrustedNoteError):
        prove(filled.store, LOG, 0).verify(filled.names.verifiers(tenant_log(8)))
