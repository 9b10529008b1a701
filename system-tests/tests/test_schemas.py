"""The registry of data shapes: who may do what, in which order it is listed, what must be signed (contract §4.8)."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from harness import documents
from harness.config import sqlite
from harness.rpc import Client

PLACE = {"tenant_id": documents.TENANT, "namespace_id": documents.NAMESPACE}
UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
READERS = ("TenantAdmin", "NamespaceOwner", "NamespaceAdmin", "NamespaceWriter", "NamespaceReader", "SchemaManager")
WRITERS = ("TenantAdmin", "NamespaceOwner", "NamespaceAdmin")
STRANGE = ("Nobody", "tenantadmin")
NON_PROD = ("project", "Scratch")
CLASSES = (None, "prod", *NON_PROD, "sandbox")


def record(schema_id="shape", version="1", **changes):
    shape = {**PLACE, "schema_id": schema_id, "version": version, "schema": {"type": "object"}}
    return {"record": {**shape, "description": None, "created_at": documents.at(), **changes}}


def token(role, policy_class, elsewhere=""):
    return f"token-{role}-{policy_class}-{elsewhere}"


def principal(role, policy_class, elsewhere="", **scope):
    subject = "token:" + hashlib.sha256(token(role, policy_class, elsewhere).encode()).hexdigest()
    said = {} if policy_class is None else {"policy_class": policy_class}
    return {"subject": subject, "roles": [{"name": role, **scope}], **said}


EVERYBODY = [(role, policy_class) for role in (*READERS, *STRANGE) for policy_class in CLASSES]


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def server(request, shared_serve):
    """A server whose every caller has one role and one policy class, and some their role only elsewhere."""
    scopes = {"tenant": {"tenant_id": documents.TENANT + 1}, "namespace": {"namespace_id": documents.NAMESPACE + 1}}
    scopes["here"] = {"tenant_id": documents.TENANT, "namespace_id": documents.NAMESPACE}
    who = [principal(*each) for each in EVERYBODY]
    who += [principal("TenantAdmin", None, name, **scope) for name, scope in scopes.items()]
    names = [token(*each) for each in EVERYBODY] + [token("TenantAdmin", None, name) for name in scopes]
    auth = {"mode": "bearer_token", "bearer_tokens": names, "principals": who}
    return shared_serve(sqlite("gate.db") if request.param == "sqlite" else {}, {"server": {"auth": auth}})


def allowed(server, name, version):
    """Return which of the three actions a caller may do."""
    with Client(server.port, token=name) as client:
        answers = {
            "register": client.send("schemas_register", record(name, version)),
            "list": client.send("schemas_list", PLACE),
            "get": client.send("schemas_get", {**PLACE, "schema_id": name, "version": version}),
        }
    refused = {action for action, answer in answers.items() if answer.status == 403}
    assert all(answers[action].error == UNAUTHORIZED for action in refused)
    return answers.keys() - refused


def test_a_role_does_what_the_table_of_the_contract_lets_it(server):
    told = {each: allowed(server, token(*each), "1") for each in EVERYBODY}

    expected = {}
    for role, policy_class in EVERYBODY:
        may = {"list", "get"} if role in READERS else set()
        is_writer = role in WRITERS or (role == "SchemaManager" and policy_class in NON_PROD)
        expected[role, policy_class] = may | ({"register"} if is_writer else set())
    assert told == expected


def test_a_role_counts_where_it_was_given_only(server):
    told = {name: allowed(server, token("TenantAdmin", None, name), "1") for name in ("tenant", "namespace", "here")}

    assert told == {"tenant": set(), "namespace": set(), "here": {"register", "list", "get"}}


@pytest.mark.parametrize("store", [{}, sqlite("gate.db")], ids=["memory", "sqlite"])
def test_schemas_are_listed_by_id_and_version_in_pages_that_end_with_an_empty_one(serve, client_of, store):
    client = client_of(serve(store, {"schema_registry": {"acl": {"allow_local_only": True}}}))
    names = [("b", "1"), ("a", "10"), ("a", "2"), ("ä", "1"), ("B", "1"), ("a/b", "1")]
    kept = {name: client.call("schemas_register", record(*name, description="é"))["record"] for name in names}
    client.call("schemas_register", record("elsewhere", namespace_id=documents.NAMESPACE + 1))

    whole = client.call("schemas_list", PLACE)
    pages, cursor = [], None
    while (page := client.call("schemas_list", {**PLACE, "limit": 4, "cursor": cursor}))["items"]:
        pages.append(page["items"])
        cursor = page["next_token"]
    gone = client.call("schemas_list", {**PLACE, "cursor": '{"schema_id":"a","version":"11"}'})

    in_order = [("B", "1"), ("a", "10"), ("a", "2"), ("a/b", "1"), ("b", "1"), ("ä", "1")]
    assert whole["items"] == [kept[name] for name in in_order]
    assert pages == [whole["items"][:4], whole["items"][4:]]
    assert json.loads(cursor) == {"schema_id": "ä", "version": "1"}
    assert page == {"items": [], "next_token": None}
    assert gone["items"] == whole["items"][2:]


def test_rules_of_ones_own_are_asked_in_their_order(serve, client_of):
    rules = [
        {"effect": "deny", "actions": ["get"], "subjects": ["loopback"]},
        {"effect": "allow", "actions": ["register", "get"], "namespaces": [documents.NAMESPACE]},
    ]
    acl = {"mode": "custom", "default": "deny", "allow_local_only": True, "rules": rules}
    client = client_of(serve({"schema_registry": {"acl": acl}}))

    answers = [
        client.send("schemas_register", record()).status,
        client.send("schemas_register", record(namespace_id=documents.NAMESPACE + 1)).status,
        client.send("schemas_list", PLACE).status,
        client.send("schemas_get", {**PLACE, "schema_id": "shape", "version": "1"}).status,
    ]

    assert answers == [200, 403, 403, 403]


def signed(key, arguments, **changes):
    """Sign a record as its author would: ECDSA over its canonical JSON without the signature."""
    text = json.dumps(arguments["record"], sort_keys=True, separators=(",", ":")).encode()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = base64.b64encode(key.sign(text, ec.ECDSA(SHA256()))).decode()
    signing = {"key_id": hashlib.sha256(public).hexdigest(), "signature": signature, **changes}
    return {"record": arguments["record"] | {"signing": signing}}


def test_where_signing_is_required_a_schema_counts_that_a_known_key_has_signed(serve, client_of, tmp_path):
    key, stranger = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    path = tmp_path / "schemas.pub.pem"
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    acl = {"allow_local_only": True, "require_signing": True, "signing_keys": [str(path)]}
    client = client_of(serve({"schema_registry": {"acl": acl}}))
    good = signed(key, record())
    forged = [
        record(),
        signed(stranger, record()),
        signed(key, record(), signature="AAAA"),
        signed(key, record(), signature=" "),
        signed(key, record(), algorithm="none"),
        {"record": good["record"] | {"schema": True}},
    ]

    refused = [client.send("schemas_register", arguments).error for arguments in forged]
    kept = client.call("schemas_register", good)

    assert refused == [UNAUTHORIZED] * len(forged)
    assert kept == good
