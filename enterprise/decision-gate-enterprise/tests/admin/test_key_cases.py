"""Keys: issued once, rotated with an overlap, revoked, recovered."""

import pytest

from decision_gate.core.errors import DecisionGateError

OVERLAPS = {"now": 0, "15m": 900_000, "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000}


@pytest.fixture
def key(made):
    return made["api_key"]


def refusal(desk, use_case, **request):
    with pytest.raises(DecisionGateError) as refused:
        desk.do(use_case, **request)
    return refused.value.code


def test_key_is_shown_when_it_is_issued_and_never_again(desk, made, tenant, key):
    shown = desk.do("key.get", tenant_id=tenant, key_id=key["key_id"])

    assert shown == key
    assert "key" not in shown
    assert made["key"] not in repr(desk.do("key.list", tenant_id=tenant))


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_replaced_key_lives_for_the_overlap_and_its_successor_has_its_scope(desk, made, tenant, overlap):
    issued = desk.do(
        "key.issue",
        tenant_id=tenant,
        principal_id=made["principal"]["principal_id"],
        label="ci",
        tools=["scenario_next"],
        namespaces=[made["namespace"]["namespace_id"]],
        environment="test",
    )

    rotated = desk.do("key.rotate", tenant_id=tenant, key_id=issued["key_id"], overlap=overlap)

    old = desk.do("key.get", tenant_id=tenant, key_id=issued["key_id"])
    assert (old["expires_at"], old["replaced_by"]) == (desk.clock.now_ms() + OVERLAPS[overlap], rotated["key_id"])
    same = ("label", "tools", "namespaces", "principal_id", "environment", "is_spanning")
    assert [rotated[name] for name in same] == [issued[name] for name in same]
    assert rotated["key"] != issued["key"]


def test_overlap_does_not_outlive_an_expiry(desk, made, tenant):
    principal = made["principal"]["principal_id"]
    issued = desk.do("key.issue", tenant_id=tenant, principal_id=principal, label="short", expires_in_s=60)

    rotated = desk.do("key.rotate", tenant_id=tenant, key_id=issued["key_id"], overlap="7d")

    assert desk.do("key.get", tenant_id=tenant, key_id=issued["key_id"])["expires_at"] == issued["expires_at"]
    assert rotated["expires_at"] == desk.clock.now_ms() + 60_000


def test_replaced_expired_or_revoked_key_is_not_rotated(desk, tenant, key):
    rotated = desk.do("key.rotate", tenant_id=tenant, key_id=key["key_id"], overlap="1h")
    replaced = refusal(desk, "key.rotate", tenant_id=tenant, key_id=key["key_id"])
    desk.clock.advance(3_600_000)
    expired = refusal(desk, "key.rotate", tenant_id=tenant, key_id=key["key_id"])
    desk.do("key.revoke", tenant_id=tenant, key_id=rotated["key_id"])

    assert [replaced, expired, refusal(desk, "key.rotate", tenant_id=tenant, key_id=rotated["key_id"])] == (
        ["conflict"] * 3
    )


def test_revoking_twice_keeps_the_first_time(desk, tenant, key):
    first = desk.do("key.revoke", tenant_id=tenant, key_id=key["key_id"])
    desk.clock.advance(1_000)

    assert desk.do("key.revoke", tenant_id=tenant, key_id=key["key_id"]) == first


def test_console_recovers_a_key_of_an_administrator_audited(desk, made, tenant):
    nobody = refusal(desk, "key.recover")
    boss = made["principal"]["principal_id"]
    desk.do("principal.set-roles", tenant_id=tenant, principal_id=boss, roles=["PlatformAdmin"])
    desk.sink.events.clear()

    recovered = desk.do("key.recover")

    assert nobody == "not_found"
    assert (recovered["principal_id"], recovered["label"]) == (boss, "recovered")
    [event] = desk.sink.events
    assert (event.members["action"], event.members["principal_id"]) == ("key.recover", "console:me")
    assert recovered["key"] not in repr(event)
