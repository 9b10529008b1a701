"""The registry of data shapes (contract §2.13 – §2.15, deviations X5, X6, S11)."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from decision_gate.core.json import canonical
from decision_gate.mcp.hooks.usage_meter import Metric, NoMeter
from decision_gate.mcp.host import Seams
from decision_gate.mcp.signing.key_id import key_id
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import SHAPE, listing, shape, shape_name

OPEN = "[schema_registry.acl]\nallow_local_only = true\n"


@pytest.fixture
def registry():
    with open_test_server(OPEN) as server:
        yield server


def refusal(server, tool, arguments):
    with pytest.raises(RpcError) as refused:
        server.call(tool, arguments)
    return refused.value.code, refused.value.status, refused.value.message


def test_a_registered_version_is_echoed_and_read_back(registry):
    arguments = shape(description="facts")

    assert registry.call("schemas_register", arguments) == arguments
    assert registry.call("schemas_get", shape_name()) == arguments


def test_signing_is_kept_and_absent_signing_is_omitted(registry):
    signed = shape("3", signing={"key_id": "k", "signature": "s", "algorithm": "none"})

    assert "signing" not in registry.call("schemas_register", shape())["record"]
    assert registry.call("schemas_register", signed) == signed


def test_a_version_never_changes(registry):
    registry.call("schemas_register", shape())

    for again in (shape(), shape(schema={"type": "string"})):
        assert refusal(registry, "schemas_register", again) == (-32009, 200, "schema already registered")


def test_what_is_not_registered_is_not_found(registry):
    assert refusal(registry, "schemas_get", shape_name()) == (-32004, 200, "schema not found")


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (
            {"type": "unknown_type"},
            "invalid schema: \"unknown_type\" is not valid under any of the schemas listed in the 'anyOf' keyword",
        ),
        (5, 'invalid schema: 5 is not of types "boolean", "object"'),
        ('{"type": "string"}', 'invalid schema: "{\\"type\\": \\"string\\"}" is not of types "boolean", "object"'),
        ({"$ref": "file:///etc/passwd"}, "invalid schema: $ref must stay within the schema and start with #"),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "invalid schema: $schema must be https://json-schema.org/draft/2020-12/schema or absent",
        ),
    ],
)
def test_what_is_no_closed_schema_of_2020_12_is_refused(registry, schema, text):
    assert refusal(registry, "schemas_register", shape(schema=schema)) == (-32602, 400, text)


@pytest.mark.parametrize(
    ("member", "value"), [("schema_id", ""), ("version", ""), ("schema_id", "a\n"), ("version", "x" * 256)]
)
def test_ids_and_versions_are_identifiers(registry, member, value):
    code, _, text = refusal(registry, "schemas_register", shape(**{member: value}))

    assert (code, text.startswith(f"{member}: ")) == (-32602, True)


def test_pages_are_ordered_by_bytes_and_every_page_that_is_not_empty_has_a_token(registry):
    for schema_id, version in (("b", "1"), ("a", "2"), ("é", "1"), ("a", "10"), ("B", "1")):
        registry.call("schemas_register", shape(version, schema_id=schema_id))

    seen, tokens, cursor = [], [], None
    while True:
        page = registry.call("schemas_list", listing(limit=2, cursor=cursor))
        if not page["items"]:
            break
        seen += [(item["schema_id"], item["version"]) for item in page["items"]]
        cursor = page["next_token"]
        tokens.append(cursor)

    assert seen == [("B", "1"), ("a", "10"), ("a", "2"), ("b", "1"), ("é", "1")]
    assert tokens[0] == '{"schema_id":"a","version":"10"}'
    assert (len(tokens), page["next_token"]) == (3, None)


def test_a_cursor_that_names_nothing_seeks_and_one_that_is_none_is_refused(registry):
    registry.call("schemas_register", shape())

    after = registry.call("schemas_list", listing(cursor='{"schema_id":"a","version":"z"}'))
    assert [item["schema_id"] for item in after["items"]] == ["deploy-facts"]
    for cursor in ("", "deploy-facts", "{}", "[]", '{"schema_id":1,"version":"2"}'):
        assert refusal(registry, "schemas_list", listing(cursor=cursor)) == (-32602, 400, "invalid cursor")


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_1_to_1000_items(registry, limit):
    assert refusal(registry, "schemas_list", listing(limit=limit))[2] == "limit must be between 1 and 1000"


def test_another_namespace_and_tenant_see_nothing(registry):
    registry.call("schemas_register", shape())

    for place in ({"tenant_id": 8}, {"namespace_id": 13}):
        assert registry.call("schemas_list", listing(**place))["items"] == []
        assert refusal(registry, "schemas_get", shape_name() | place)[0] == -32004


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_size_and_number_are_limited_in_the_order_of_the_contract(tmp_path, store):
    table = f'[schema_registry]\ntype = "{store}"\nmax_schema_bytes = 100\nmax_entries = 1\n'
    if store == "sqlite":
        table += f'path = "{tmp_path / "shapes.sqlite"}"\n'
    large = {"type": "string", "description": "x" * 200}
    with open_test_server(table + OPEN, Seams(usage_meter=NoMeter())) as server:
        assert refusal(server, "schemas_register", shape(schema=large))[2].startswith("schema exceeds size limit: 2")
        server.call("schemas_register", shape(schema={"type": "string"}))

        full = (-32009, 200, "schema registry max entries exceeded")
        assert refusal(server, "schemas_register", shape("3", {"type": "string"})) == full
        assert refusal(server, "schemas_register", shape("2", {"type": "string"})) == full
        assert refusal(server, "schemas_register", shape("3", {"type": "nonsense"})) == full
        assert refusal(server, "schemas_register", shape("3", large))[0] == -32602


def test_the_four_metrics_are_asked_and_written_with_the_record(registry):
    registry.call("schemas_register", shape())

    size = len(canonical(SHAPE))
    expected = {Metric.TOOL_CALLS: 1, Metric.SCHEMAS_WRITTEN: 1, Metric.REGISTRY_ENTRIES: 1, Metric.STORAGE_BYTES: size}
    assert {charge.metric: charge.units for _, charge in registry.meter.admitted} == expected
    assert len(registry.meter.table.applied) == 4


def test_a_refused_registration_costs_nothing(registry):
    with pytest.raises(RpcError):
        registry.call("schemas_register", shape(schema={"type": "nonsense"}))

    assert registry.meter.table.applied == {}


def test_a_quota_that_runs_out_leaves_no_record(registry):
    registry.meter.table.is_refusing = True

    assert refusal(registry, "schemas_register", shape()) == (-32003, 403, "unauthorized")
    registry.meter.table.is_refusing = False
    assert refusal(registry, "schemas_get", shape_name())[0] == -32004


BLANK = [
    (None, "schema signing metadata required"),
    ({"key_id": " ", "signature": "s"}, "schema signing metadata invalid"),
    ({"key_id": "k", "signature": ""}, "schema signing metadata invalid"),
]


@pytest.mark.parametrize(("signing", "reason"), BLANK)
def test_required_signing_asks_for_its_presence_and_audits_the_refusal(signing, reason):
    with open_test_server(OPEN + "require_signing = true\n") as server:
        arguments = shape() if signing is None else shape(signing=signing)
        assert refusal(server, "schemas_register", arguments) == (-32003, 403, "unauthorized")
        server.call("schemas_register", shape(signing={"key_id": "k", "signature": "s"}))

        assert [event.members["reason"] for event in server.sink.named("guard_denial")] == [reason]
        assert [event.members["allowed"] for event in server.sink.named("registry_audit")] == [True, True]


@pytest.fixture
def key(tmp_path):
    """Return a private key whose public half lies in a file."""
    private = generate_private_key(SECP256R1())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "schemas.pub.pem").write_bytes(public)
    return private


def signed(key, arguments, **changes):
    """Sign a record as its author would: canonical JSON without the signature."""
    signature = base64.b64encode(key.sign(canonical(arguments["record"]), ECDSA(SHA256()))).decode()
    signing = {"key_id": key_id(key.public_key()), "signature": signature} | changes
    return {"record": arguments["record"] | {"signing": signing}}


@pytest.fixture
def verifying(tmp_path, key):  # noqa: ARG001 - the key's file
    with open_test_server(f'{OPEN}require_signing = true\nsigning_keys = ["{tmp_path}/schemas.pub.pem"]\n') as server:
        yield server


def test_a_signature_of_a_configured_key_is_accepted(verifying, key):
    for version, algorithm in (("1", None), ("2", "ecdsa-p256-sha256")):
        arguments = signed(key, shape(version), algorithm=algorithm)

        assert verifying.call("schemas_register", arguments)["record"]["schema"] == SHAPE


def test_a_signature_that_does_not_verify_is_refused(verifying, key):
    good = signed(key, shape())
    stranger = generate_private_key(SECP256R1())
    forged = [
        {"record": good["record"] | {"schema": True}},
        {"record": good["record"] | {"version": "9"}},
        signed(stranger, shape()),
        signed(stranger, shape(), key_id=key_id(key.public_key())),
        signed(key, shape(), algorithm="none"),
        signed(key, shape(), signature="not base64!"),
        signed(key, shape(), signature="AAAA"),
        shape(),
    ]

    for arguments in forged:
        assert refusal(verifying, "schemas_register", arguments) == (-32003, 403, "unauthorized")


def test_a_given_signature_is_verified_even_where_none_is_required(tmp_path, key):
    with open_test_server(f'{OPEN}signing_keys = ["{tmp_path}/schemas.pub.pem"]\n') as server:
        server.call("schemas_register", shape())
        assert refusal(server, "schemas_register", signed(key, shape("3"), signature="AAAA"))[0] == -32003
        server.call("schemas_register", signed(key, shape("3")))


def test_a_registry_whose_store_fails_is_internal_and_no_matter_of_runs(tmp_path):
    table = f'[schema_registry]\ntype = "sqlite"\npath = "{tmp_path}/gate.db"\n'
    with open_test_server(table + OPEN, Seams(usage_meter=NoMeter())) as server:
        (tmp_path / "gate.db").rename(tmp_path / "elsewhere.db")

        refused = refusal(server, "schemas_register", shape())

    assert refused == (-32050, 200, "the database file is gone (No such file or directory)")
