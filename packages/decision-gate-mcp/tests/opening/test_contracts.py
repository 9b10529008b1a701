"""Reading capability contracts: files, plug-ins, and every way to be wrong (contract §7.2, §7.3)."""

import copy
import hashlib
import json
from contextlib import contextmanager

import pytest

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.json import canonical
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.evidence.contract import builtin_contract
from decision_gate.mcp.opening.contracts import CONTRACT_OFFERS, read_contracts
from decision_gate.mcp.plugins import Offer, Offers

CONTRACT = {
    "provider_id": "ci",
    "name": "CI",
    "description": "Builds.",
    "transport": "mcp",
    "config_schema": {},
    "checks": [
        {
            "check_id": "failed",
            "description": "Failed tests.",
            "determinism": "external",
            "params_required": False,
            "params_schema": {"type": "object"},
            "result_schema": {"type": "integer"},
            "allowed_comparators": ["equals", "exists"],
            "anchor_types": [],
            "content_types": [],
            "examples": [{"description": "none", "params": {}, "result": 0}],
        }
    ],
    "notes": [],
}


@contextmanager
def open_ci():
    yield object()


@contextmanager
def open_contract():
    yield copy.deepcopy(CONTRACT) | {"provider_id": "whatever", "transport": "builtin"}


def installed(group):
    plain = {"described": "open_ci", "bare": "open_ci"}
    names = {"described": "open_contract"} if group == CONTRACT_OFFERS else plain
    return [
        Offer(group=group, name=name, reference=f"{__name__}:{target}", distribution="ci-plugin", version="1")
        for name, target in names.items()
    ]


def contracts_of(toml):
    made = []

    def settings_of(plugins):
        made.append(Offers(plugins, built_in={}, installed=installed))
        return made[0].settings_of

    config = parse_config(toml.encode(), settings_of)
    return read_contracts(config, made[0])


def external(path, name="ci"):
    return f"[[providers]]\nname = '{name}'\ntype = 'mcp'\ncommand = ['x']\ncapabilities_path = '{path}'\n"


def plugged(offer, rest=""):
    return f"[plugins]\ntrusted = ['ci-plugin']\n[[providers]]\nname = 'ci'\ntype = '{offer}'\n{rest}"


@pytest.fixture
def refused(tmp_path):
    """Return a function that gives the code and text with which a contract's text is refused."""

    def refuse(text):
        path = tmp_path / "contract.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        with pytest.raises(ConfigurationError) as error:
            contracts_of(external(path))
        return error.value.code, str(error.value).replace(str(path), "PATH")

    return refuse


def with_check(**changes):
    return CONTRACT | {"checks": [CONTRACT["checks"][0] | changes]}


def test_a_file_is_read_checked_and_hashed_without_its_unknown_members(tmp_path):
    path = tmp_path / "ci.json"
    path.write_text(json.dumps(CONTRACT | {"extra": 1}), encoding="utf-8")

    contract = contracts_of(external(path))["ci"]

    assert contract.value == CONTRACT
    assert contract.digest.value == hashlib.sha256(canonical(CONTRACT)).hexdigest()
    assert (contract.transport, contract.source.value, list(contract.checks)) == ("mcp", "file", ["failed"])


@pytest.mark.parametrize("provider_id", ["time", "env", "json", "http", "report"])
def test_every_built_in_contract_holds_and_hashes_to_itself(provider_id):
    contract = contracts_of(f"[[providers]]\nname = '{provider_id}'\ntype = 'builtin'\n")[provider_id]

    assert contract.value == builtin_contract(provider_id)
    assert contract.digest.value == hashlib.sha256(canonical(builtin_contract(provider_id))).hexdigest()
    assert (contract.transport, contract.source.value) == ("builtin", "builtin")


INVALID = "init error: provider capability contract invalid: ci: "
BROKEN = [
    ("{", "contract_parse_failed", "init error: provider capability contract parse failed: PATH: "),
    ("[]", "contract_parse_failed", "init error: provider capability contract parse failed: PATH: "),
    (
        {name: value for name, value in CONTRACT.items() if name != "notes"},
        "contract_parse_failed",
        "init error: provider capability contract parse failed: PATH: missing field `notes`",
    ),
    (CONTRACT | {"provider_id": "x"}, "contract_invalid", f"{INVALID}provider id mismatch (expected ci, got x)"),
    (
        CONTRACT | {"transport": "builtin"},
        "contract_invalid",
        f"{INVALID}external providers must declare transport=mcp",
    ),
    (with_check(allowed_comparators=[]), "contract_invalid", f"{INVALID}check failed missing allowed_comparators"),
    (
        with_check(allowed_comparators=["exists", "equals"]),
        "contract_invalid",
        f"{INVALID}check failed comparators not in canonical order",
    ),
    (
        with_check(result_schema={"type": "nonsense"}),
        "schema_compile_failed",
        "init error: schema compilation failed for ci.failed: ",
    ),
    (
        with_check(params_schema={"$ref": "https://example.org/"}),
        "schema_compile_failed",
        "init error: schema compilation failed for ci.failed: $ref must stay within the schema",
    ),
    ("x" * 1_048_577, "contract_invalid", f"{INVALID}capability contract exceeds size limit"),
]


@pytest.mark.parametrize(("text", "code", "said"), BROKEN)
def test_a_contract_that_does_not_hold_stops_the_server(refused, text, code, said):
    found, told = refused(text)

    assert found == code
    assert told.startswith(said)


def test_duplicate_comparators_empty_checks_and_repeated_ids_pass(tmp_path):
    path = tmp_path / "ci.json"
    first, last = CONTRACT["checks"][0], CONTRACT["checks"][0] | {"result_schema": {"type": "string"}}
    last["allowed_comparators"] = ["equals", "equals"]

    path.write_text(json.dumps(CONTRACT | {"checks": []}), encoding="utf-8")
    assert contracts_of(external(path))["ci"].checks == {}
    path.write_text(json.dumps(CONTRACT | {"checks": [first, last]}), encoding="utf-8")
    doubled = contracts_of(external(path))["ci"]

    assert doubled.checks["failed"].result_schema == {"type": "string"}
    assert len(doubled.value["checks"]) == 2


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("x" * 256, "contract_path_invalid", "path component too long"),
        ("x/" * 2049, "contract_path_invalid", "path exceeds max length"),
        ("/nonexistent/contract.json", "contract_read_failed", "No such file"),
        ("/", "contract_read_failed", "directory"),
    ],
)
def test_a_file_that_cannot_be_had_stops_the_server(path, code, said):
    with pytest.raises(ConfigurationError) as error:
        contracts_of(external(path))

    assert error.value.code == code
    assert said in str(error.value)


def test_a_plug_in_may_offer_its_contract_under_the_name_that_the_configuration_chose():
    contract = contracts_of(plugged("described"))["ci"]

    assert contract.value == CONTRACT | {"transport": "builtin"}
    assert (contract.transport, contract.source.value) == ("builtin", "builtin")


def test_a_plug_in_without_a_contract_has_none():
    assert contracts_of(plugged("bare")) == {}


def test_the_operators_file_is_stronger_than_a_plug_ins_offer(tmp_path):
    path = tmp_path / "ci.json"
    path.write_text(json.dumps(CONTRACT | {"checks": []}), encoding="utf-8")

    contract = contracts_of(plugged("described", f"capabilities_path = '{path}'\n"))["ci"]

    assert (contract.checks, contract.source.value) == ({}, "file")
