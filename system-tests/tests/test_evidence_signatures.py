"""Evidence of a provider whose answers must be signed counts when a configured key has signed it (contract §7.7)."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from harness import documents
from harness.external import answering, as_service
from harness.rpc import Client
from harness.stand_in import standing_in

TRUE_SHA256 = hashlib.sha256(b"true").hexdigest()
FALSE = {"kind": "json", "value": False}


def hash_record(value):
    return {"algorithm": "sha256", "value": value}


def message(value):
    """Return what is signed: the canonical JSON of the hash record."""
    return b'{"algorithm":"sha256","value":"%b"}' % value.encode()


@pytest.fixture(scope="module")
def keys():
    return {name: Ed25519PrivateKey.generate() for name in ("ours", "theirs")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, keys):
    made = tmp_path_factory.mktemp("signed")
    for name, key in keys.items():
        (made / name).write_bytes(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    return made


@pytest.fixture(scope="module")
def server(shared_serve, folder):
    """A server that takes the evidence of one service as it comes, and that of the other when it is signed."""
    policy = {"require_signature": {"keys": [str(folder / "ours")]}}
    with standing_in(answering) as service:
        providers = [
            as_service(folder, "signed", service.url, 30_000, trust=policy),
            as_service(folder, "plain", service.url, 30_000),
            {"name": "time", "type": "builtin"},
        ]
        yield shared_serve({"providers": providers})


@pytest.fixture(scope="module")
def cases(keys, folder):
    """What a provider may say about its signature, and what is told of it; none where the evidence counts."""
    name = str(folder / "ours")

    def signature(value=TRUE_SHA256, **changes):
        signed = list(keys["ours"].sign(message(value)))
        return {"signature": {"scheme": "ed25519", "key_id": name, "signature": signed, **changes}}

    by_stranger = list(keys["theirs"].sign(message(TRUE_SHA256)))
    other = hashlib.sha256(b"false").hexdigest()
    return {
        "signed": (signature(), None),
        "signed, with its hash": (signature() | {"evidence_hash": hash_record(TRUE_SHA256)}, None),
        "unsigned": ({}, "missing evidence signature"),
        "other scheme": (signature(scheme="rsa"), "unsupported signature scheme"),
        "unknown key": (signature(key_id=str(folder / "theirs")), "signature key not authorized"),
        "other spelling of the key": (signature(key_id=f"{folder}/./ours"), "signature key not authorized"),
        "no value": (signature() | {"value": None}, "missing evidence hash for signature verification"),
        "wrong hash": (signature() | {"evidence_hash": hash_record(other)}, "evidence hash mismatch"),
        "other value": (signature() | {"value": FALSE}, "signature verification failed"),
        "other value, its hash signed": (signature(other) | {"value": FALSE}, None),
        "signed by a stranger": (signature(signature=by_stranger), "signature verification failed"),
        "too short": (signature(signature=by_stranger[:63]), "invalid signature bytes"),
    }


def asked(client, provider, params):
    context = {**documents.run_of("run-1"), "scenario_id": "s", "stage_id": "open", "trigger_id": "t"}
    query = {"provider_id": provider, "check_id": "says", "params": params}
    arguments = {"query": query, "context": {**context, "trigger_time": documents.at()}}
    error = client.call("evidence_query", arguments)["result"]["error"]
    return None if error is None else error["message"].removeprefix("evidence provider error: ")


def test_evidence_counts_when_a_configured_key_has_signed_its_value(client_of, server, cases):
    client = client_of(server)

    assert {name: asked(client, "signed", said) for name, (said, _) in cases.items()} == {
        name: refusal for name, (_, refusal) in cases.items()
    }


def test_where_nothing_must_be_signed_the_same_answers_count(client_of, server, cases):
    client = client_of(server)

    assert {asked(client, "plain", said) for said, _ in cases.values()} == {None}


def test_a_gate_on_evidence_that_is_not_signed_as_it_must_be_is_unknown(server, cases):
    names = ["signed", "unsigned", "signed by a stranger"]
    conditions = [
        documents.condition(name, query={"provider_id": "signed", "check_id": "says", "params": cases[name][0]})
        for name in names
    ]
    with Client(server.port) as client:
        spec = documents.scenario("s", [documents.stage("open", None, *names)], *conditions)
        client.call("scenario_define", {"spec": spec})
        client.call("scenario_start", documents.start("s", "run-1"))
        held = client.call("scenario_next", documents.step("s", "run-1", "t-1"))

    gates = [gate["status"] for gate in held["feedback"]["gate_evaluations"]]
    assert gates == ["True", "Unknown", "Unknown"]
