"""SHA-256 over bytes and over canonical JSON (contract §7)."""

import pytest

from decision_gate.core.hashing import hash_json, sha256_hex
from decision_gate.core.json import CanonicalJsonError


def test_the_hash_of_nothing_is_the_published_one():
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_value_is_hashed_by_its_canonical_bytes():
    assert hash_json({"b": 1.0, "a": "é"}) == sha256_hex('{"a":"é","b":1}'.encode())


def test_true_has_the_hash_of_the_contract():
    """Contract §7.3."""
    assert hash_json(True).startswith("b5bea41b6c623f7c")


def test_what_is_no_json_has_no_hash():
    with pytest.raises(CanonicalJsonError):
        hash_json({"a": float("nan")})
