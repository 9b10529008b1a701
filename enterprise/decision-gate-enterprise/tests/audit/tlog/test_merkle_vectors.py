"""The vectors of transparency-dev/merkle, which every verifier of RFC 6962 proofs is held to."""

import base64
import json
from pathlib import Path

import pytest

from decision_gate.enterprise.audit.tlog import ProofError, verify_consistency, verify_inclusion

VECTORS = json.loads((Path(__file__).parent / "merkle_vectors.json").read_text(encoding="utf-8"))
HASH_BYTES = 32


def cases(kind):
    return [pytest.param(vector, id=f"{n} {vector['desc']}") for n, vector in enumerate(VECTORS[kind])]


def raw(text):
    return base64.b64decode(text)


def refuses(check, *arguments):
    try:
        check(*arguments)
    except ProofError:
        return True
    return False


@pytest.mark.parametrize("vector", cases("inclusion"))
def test_inclusion_is_judged_as_the_vectors_say(vector):
    path = [raw(step) for step in vector["proof"]]

    is_refused = refuses(
        verify_inclusion, vector["leafIdx"], vector["treeSize"], raw(vector["leafHash"]), path, raw(vector["root"])
    )

    assert is_refused == vector["wantErr"]


@pytest.mark.parametrize("vector", cases("consistency"))
def test_consistency_is_judged_as_the_vectors_say_or_more_strictly(vector):
    """Three vectors accept roots that are no hashes because sizes of 0, or equal ones, prove nothing; ours refuses."""
    roots = raw(vector["root1"]), raw(vector["root2"])
    path = [raw(step) for step in vector["proof"]]

    is_refused = refuses(verify_consistency, vector["size1"], vector["size2"], *roots, path)

    is_stricter = any(len(root) != HASH_BYTES for root in roots)
    assert is_refused == (vector["wantErr"] or is_stricter)


def test_vectors_are_all_there():
    assert (len(VECTORS["inclusion"]), len(VECTORS["consistency"])) == (98, 97)
