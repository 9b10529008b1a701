"""Who may register, list and read data shapes (contract §4.8, deviation X12)."""

import pytest

from decision_gate.mcp.config.acl import AclAction, AclEffect, AclMode, AclRule, AclTable
from decision_gate.mcp.hooks.principal import LOCAL, Principal, Role
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.registry_acl import RegistryAcl
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import listing, shape, shape_name

ROLES = [
    # role, may read, may register, may register outside prod
    ("TenantAdmin", True, True, True),
    ("NamespaceOwner", True, True, True),
    ("NamespaceAdmin", True, True, True),
    ("NamespaceWriter", True, False, False),
    ("NamespaceReader", True, False, False),
    ("SchemaManager", True, False, True),
    ("schemamanager", False, False, False),
    ("Stranger", False, False, False),
]
CLASSES = [
    (None, True),
    ("prod", True),
    ("PROD", True),
    ("project", False),
    ("Scratch", False),
    ("dev", True),
    ("", True),
    ("production", True),
]


def principal(*roles, policy_class=None, method="bearer_token", name="p"):
    return Principal(id=name, method=method, roles=roles, policy_class=policy_class)


def judged(acl, who, action=AclAction.REGISTER, tenant_id=7, namespace_id=12):
    return acl.judge(who, action, tenant_id, namespace_id)


@pytest.mark.parametrize(("policy_class", "is_prod"), CLASSES)
@pytest.mark.parametrize(("role", "reads", "registers", "registers_elsewhere"), ROLES)
def test_the_role_table_decides(role, reads, registers, registers_elsewhere, policy_class, is_prod):
    acl = RegistryAcl(table=AclTable())
    who = principal(Role(name=role), policy_class=policy_class)
    read = Verdict(allowed=reads, reason=f"builtin_{'allow' if reads else 'deny'}_read")
    may = registers if is_prod else registers_elsewhere
    write = Verdict(allowed=may, reason=f"builtin_{'allow' if may else 'deny'}_write")

    assert judged(acl, who, AclAction.LIST) == read
    assert judged(acl, who, AclAction.GET) == read
    assert judged(acl, who) == write


@pytest.mark.parametrize(
    ("tenant_id", "namespace_id", "covers"),
    [(None, None, True), (7, None, True), (7, 12, True), (None, 12, True), (8, None, False), (7, 13, False)],
)
def test_a_role_counts_only_where_it_is_held(tenant_id, namespace_id, covers):
    who = principal(Role(name="TenantAdmin", tenant_id=tenant_id, namespace_id=namespace_id))

    assert judged(RegistryAcl(table=AclTable()), who).allowed is covers


def test_local_callers_pass_only_where_they_are_allowed_to():
    local = principal(method=LOCAL)

    assert not judged(RegistryAcl(table=AclTable()), local).allowed
    allowing = RegistryAcl(table=AclTable(allow_local_only=True))
    assert judged(allowing, local) == Verdict(allowed=True, reason="builtin_allow_local_only")
    assert not judged(allowing, principal()).allowed
    custom = RegistryAcl(table=AclTable(mode=AclMode.CUSTOM, allow_local_only=True))
    assert judged(custom, local) == Verdict(allowed=False, reason="default_deny")


RULES = [
    ({}, True),
    ({"actions": (AclAction.REGISTER,)}, True),
    ({"actions": (AclAction.GET, AclAction.LIST)}, False),
    ({"tenants": (6, 7)}, True),
    ({"tenants": (6,)}, False),
    ({"namespaces": (12,)}, True),
    ({"namespaces": (13,)}, False),
    ({"subjects": ("p",)}, True),
    ({"subjects": ("P",)}, False),
    ({"roles": ("Stranger", "Editor")}, True),
    ({"roles": ("Elsewhere",)}, False),
    ({"policy_classes": ("team",)}, True),
    ({"policy_classes": ("Team",)}, False),
    ({"tenants": (7,), "subjects": ("q",)}, False),
]


@pytest.mark.parametrize("effect", AclEffect)
@pytest.mark.parametrize(("dimensions", "matches"), RULES)
def test_a_custom_rule_matches_when_every_dimension_it_names_does(dimensions, matches, effect):
    default = AclEffect.DENY if effect is AclEffect.ALLOW else AclEffect.ALLOW
    table = AclTable(mode=AclMode.CUSTOM, default=default, rules=(AclRule(effect=effect, **dimensions),))
    who = principal(Role(name="Editor"), Role(name="Elsewhere", tenant_id=8), policy_class="team")

    found = judged(RegistryAcl(table=table), who)

    decided, origin = (effect, "custom") if matches else (default, "default")
    assert found == Verdict(allowed=decided is AclEffect.ALLOW, reason=f"{origin}_{decided.value}")


def test_a_principal_without_class_matches_no_rule_about_classes():
    rule = AclRule(effect=AclEffect.ALLOW, policy_classes=("prod",))

    assert not judged(RegistryAcl(table=AclTable(mode=AclMode.CUSTOM, rules=(rule,))), principal()).allowed


def test_the_first_rule_that_matches_decides():
    rules = (
        AclRule(effect=AclEffect.DENY, tenants=(7,)),
        AclRule(effect=AclEffect.ALLOW),
    )
    acl = RegistryAcl(table=AclTable(mode=AclMode.CUSTOM, rules=rules))

    assert not judged(acl, principal()).allowed
    assert judged(acl, principal(), tenant_id=8).allowed


CONFIG = """
[[server.auth.principals]]
subject = "loopback"
policy_class = "CLASS"
roles = [{ name = "SchemaManager", tenant_id = 7 }]
"""


def denied(server, tool, arguments):
    with pytest.raises(RpcError) as refused:
        server.call(tool, arguments)
    return refused.value.code, refused.value.status, refused.value.message


def test_a_schema_manager_registers_in_a_project_and_not_in_an_unknown_class():
    with open_test_server(CONFIG.replace("CLASS", "project")) as server:
        server.call("schemas_register", shape())
    with open_test_server(CONFIG.replace("CLASS", "staging")) as server:
        assert denied(server, "schemas_register", shape()) == (-32003, 403, "unauthorized")
        server.call("schemas_list", listing())


def test_every_judgement_is_audited_with_roles_class_and_name():
    with open_test_server(CONFIG.replace("CLASS", "project")) as server:
        server.call("schemas_register", shape())
        server.call("schemas_list", listing())
        assert denied(server, "schemas_get", shape_name() | {"tenant_id": 8})[0] == -32003

        events = server.sink.named("registry_audit")

    told = [
        (event.members["action"], event.members["allowed"], event.members["reason"], event.members["schema_id"])
        for event in events
    ]
    assert told == [
        ("register", True, "builtin_allow_write", "deploy-facts"),
        ("list", True, "builtin_allow_read", None),
        ("get", False, "builtin_deny_read", "deploy-facts"),
    ]
    assert list(events[0].members) == [
        "timestamp_ms",
        "request_id",
        "unsafe_client_correlation_id",
        "server_correlation_id",
        "tenant_id",
        "namespace_id",
        "action",
        "allowed",
        "reason",
        "principal_id",
        "roles",
        "policy_class",
        "schema_id",
        "schema_version",
    ]
    assert (events[0].members["roles"], events[0].members["policy_class"]) == (["SchemaManager"], "project")
    assert [event.is_denial for event in events] == [False, False, True]


def test_access_is_judged_before_anything_about_the_arguments():
    with open_test_server("") as server:
        for tool, arguments in (
            ("schemas_list", listing(limit=0)),
            ("schemas_get", shape_name()),
            ("schemas_register", shape(schema={"type": "nonsense"}, schema_id="")),
        ):
            assert denied(server, tool, arguments) == (-32003, 403, "unauthorized")
