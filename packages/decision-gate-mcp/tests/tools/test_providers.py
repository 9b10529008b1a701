"""The discovery tools (contract §2.10 – §2.12, §7.5, §7.6)."""

import hashlib

import pytest

from decision_gate.core.json import canonical
from decision_gate.mcp.evidence.contract import builtin_contract
from decision_gate.mcp.testing import RpcError, open_test_server

CONFIG = """
[[providers]]
name = "time"
type = "builtin"
[[providers]]
name = "env"
type = "builtin"
[[providers]]
name = "report"
type = "builtin"
config = { root = "ROOT", root_id = "r" }
"""


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens a server with further configuration."""

    def open_with(more=""):
        return open_test_server(CONFIG.replace("ROOT", str(tmp_path)) + more)

    return open_with


@pytest.fixture
def known(opened):
    with opened() as server:
        yield server


def refusal(server, tool, arguments):
    with pytest.raises(RpcError) as refused:
        server.call(tool, arguments)
    return refused.value.code, refused.value.status, refused.value.message


def test_providers_and_checks_are_listed_in_order(known):
    listed = known.call("providers_list", {"anything": 1})["providers"]

    assert [(entry["provider_id"], entry["transport"]) for entry in listed] == [
        ("env", "builtin"),
        ("report", "builtin"),
        ("time", "builtin"),
    ]
    assert [entry["checks"] for entry in listed if entry["provider_id"] != "report"] == [
        ["get"],
        ["after", "before", "now"],
    ]
    assert all(entry["checks"] == sorted(entry["checks"]) for entry in listed)
    assert "tests.failed" in listed[1]["checks"]


def test_arguments_of_a_listing_are_an_object(known):
    assert refusal(known, "providers_list", None)[0] == -32602


@pytest.mark.parametrize("provider_id", ["time", "env", "report"])
def test_a_contract_comes_with_its_hash_and_source(known, provider_id):
    contract = builtin_contract(provider_id)

    assert known.call("provider_contract_get", {"provider_id": provider_id}) == {
        "provider_id": provider_id,
        "contract": contract,
        "contract_hash": {"algorithm": "sha256", "value": hashlib.sha256(canonical(contract)).hexdigest()},
        "source": "builtin",
        "version": None,
    }


def test_a_check_comes_without_its_description_and_with_the_hash_of_the_contract(known):
    [check] = [check for check in builtin_contract("time")["checks"] if check["check_id"] == "after"]
    whole = known.call("provider_contract_get", {"provider_id": "time"})

    found = known.call("provider_check_schema_get", {"provider_id": "time", "check_id": "after"})

    assert found == {name: value for name, value in check.items() if name != "description"} | {
        "provider_id": "time",
        "contract_hash": whole["contract_hash"],
    }


REFUSED = [
    ("provider_contract_get", {"provider_id": " "}, "provider_id must be non-empty"),
    ("provider_contract_get", {"provider_id": "x"}, "provider_missing: provider not registered: x"),
    ("provider_check_schema_get", {"provider_id": "", "check_id": ""}, "provider_id must be non-empty"),
    ("provider_check_schema_get", {"provider_id": "time", "check_id": " "}, "check_id must be non-empty"),
    (
        "provider_check_schema_get",
        {"provider_id": "x", "check_id": "y"},
        "provider_missing: provider not registered: x",
    ),
    (
        "provider_check_schema_get",
        {"provider_id": "time", "check_id": "noon"},
        "check_missing: check not supported: time.noon",
    ),
]


@pytest.mark.parametrize(("tool", "arguments", "text"), REFUSED)
def test_what_is_not_there_is_refused_with_its_name(known, tool, arguments, text):
    assert refusal(known, tool, arguments) == (-32602, 400, text)


@pytest.mark.parametrize(
    ("lists", "shown"),
    [
        ('allowlist = ["env"]', {"env"}),
        ('denylist = ["env"]', {"time"}),
        ('allowlist = ["env", "time"]\ndenylist = ["env"]', {"time"}),
        ('allowlist = ["ENV"]', set()),
    ],
)
def test_discovery_lists_hide_contracts_but_not_the_listing(opened, lists, shown):
    with opened(f"[provider_discovery]\n{lists}\n") as server:
        assert len(server.call("providers_list", {})["providers"]) == 3
        for provider_id in ("env", "time"):
            arguments = {"provider_id": provider_id, "check_id": "get" if provider_id == "env" else "now"}
            for tool in ("provider_contract_get", "provider_check_schema_get"):
                if provider_id in shown:
                    server.call(tool, arguments)
                else:
                    assert refusal(server, tool, arguments) == (-32003, 403, "unauthorized")


def test_a_hidden_provider_is_denied_before_it_is_missing_and_the_denial_is_audited(opened):
    with opened('[provider_discovery]\ndenylist = ["ghost"]\n') as server:
        assert refusal(server, "provider_contract_get", {"provider_id": "ghost"})[0] == -32003

        [event] = server.sink.named("guard_denial")

    assert (event.is_denial, event.members["guard"]) == (True, "discovery")


def test_an_answer_over_the_limit_is_refused_with_both_sizes(opened):
    with opened("[provider_discovery]\nmax_response_bytes = 100\n") as server:
        code, status, text = refusal(server, "provider_contract_get", {"provider_id": "env"})

    assert (code, status) == (-32070, 200)
    assert text.startswith("provider discovery response exceeds size limit (")
    assert text.endswith(" > 100)")
