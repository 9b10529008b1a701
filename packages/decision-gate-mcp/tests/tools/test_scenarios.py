"""``scenario_define`` and ``scenarios_list`` (contract §2.1, §2.16, deviation S8)."""

import copy

import pytest

from decision_gate.mcp.testing import RpcError
from decision_gate.mcp.testing.calls import SPEC, SPEC_HASH, define, listing


def refusal(server, tool, arguments):
    with pytest.raises(RpcError) as refused:
        server.call(tool, arguments)
    return refused.value.code, refused.value.message


def test_a_definition_is_answered_with_its_hash(server):
    assert server.call("scenario_define", define()) == {
        "scenario_id": "ship-it",
        "spec_hash": {"algorithm": "sha256", "value": SPEC_HASH},
    }


def test_the_same_id_again_conflicts_whatever_it_says(server):
    server.call("scenario_define", define())

    assert refusal(server, "scenario_define", define()) == (-32009, "scenario already defined")
    assert refusal(server, "scenario_define", define(spec_version="4")) == (-32009, "scenario already defined")


def test_another_tenant_has_an_id_space_of_its_own(server):
    server.call("scenario_define", define())

    server.call("scenario_define", define(default_tenant_id=8))


def test_a_contradictory_scenario_is_refused_by_the_engine(server):
    stages = copy.deepcopy(SPEC["stages"]) * 2

    assert refusal(server, "scenario_define", define(stages=stages)) == (
        -32030,
        "invalid scenario spec: duplicate stage identifier: verify",
    )


def test_a_missing_member_is_named_with_its_place(server):
    code, message = refusal(server, "scenario_define", define(stages=[{"stage_id": "s"}]))

    assert code == -32602
    assert "missing field `entry_packets`" in message


def test_the_list_holds_the_tenants_own_and_nobodys_by_id_with_a_token_on_every_page(server):
    for scenario_id, tenant in (("b", 7), ("a", None), ("c", 8), ("d", None)):
        server.call("scenario_define", define(scenario_id=scenario_id, default_tenant_id=tenant))
    server.call("scenario_define", define(scenario_id="e", namespace_id=13))

    pages = []
    cursor = None
    while True:
        page = server.call("scenarios_list", listing(limit=2, cursor=cursor))
        pages.append(([item["scenario_id"] for item in page["items"]], page["next_token"]))
        if not page["items"]:
            break
        cursor = page["next_token"]

    assert pages == [(["a", "b"], "b"), (["d"], "d"), ([], None)]


def test_an_item_names_the_scenario_its_namespace_and_its_hash(server):
    server.call("scenario_define", define())

    assert server.call("scenarios_list", listing())["items"] == [
        {
            "scenario_id": "ship-it",
            "namespace_id": 12,
            "spec_hash": {"algorithm": "sha256", "value": SPEC_HASH},
        }
    ]


def test_an_unknown_cursor_starts_again(server):
    server.call("scenario_define", define())

    for cursor in ("zzz", "", "x" * 100_000):
        assert len(server.call("scenarios_list", listing(cursor=cursor))["items"]) == 1


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_1_to_1000_items(server, limit):
    assert refusal(server, "scenarios_list", listing(limit=limit)) == (
        -32602,
        "limit must be between 1 and 1000",
    )


def test_a_negative_limit_is_no_number_of_items(server):
    assert refusal(server, "scenarios_list", listing(limit=-1))[0] == -32602
