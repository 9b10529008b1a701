"""A production server does not start in a way that breaks its promises; it says what is missing and how to mend it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from decision_gate.enterprise.host import open_server
from decision_gate.enterprise.testing.offers import offers_of_project
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import RecordingMeter, RecordingSink


def offers():
    return offers_of_project(Path(__file__).parents[1] / "pyproject.toml")


def audit_key():
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def configuration(toml):
    return parse_config(toml.encode(), lambda _: offers().settings_of)


def test_open_configuration_is_refused_with_everything_that_is_wrong_and_how_to_fix_it():
    with pytest.raises(Exception, match="not fit for production") as refused, open_server(configuration("")):
        pass

    assert refused.value.code == "production_profile"
    assert refused.value.problems == (
        'every caller may use every tenant: set [tenant_authorizer] type = "grants"',
        'nothing is counted or limited: set [usage_meter] type = "ledger"',
        'the audit can be changed unnoticed: set [audit_sink] type = "hash_chain"',
        'runs are gone with the process: set [run_state_store] type = "postgres" or "sqlite"',
        'callers say what time it is: set [time] source = "bounded" or "server"',
        "tenants share the folders of run packs: set [runpacks] per_tenant = true",
    )


def test_parts_that_live_elsewhere_are_named(tmp_path):
    config = configuration(f"""
        [runpacks]
        per_tenant = true
        [run_state_store]
        type = "sqlite"
        path = "{tmp_path}/runs.db"
        [schema_registry]
        type = "sqlite"
        path = "{tmp_path}/shapes.db"
        [time]
        source = "server"
        [tenant_authorizer]
        type = "grants"
        path = "{tmp_path}/runs.db"
        [usage_meter]
        type = "ledger"
        path = "{tmp_path}/usage.db"
        [audit_sink]
        type = "hash_chain"
        path = "{tmp_path}/runs.db"
        origin = "audit.example.org"
        signing_keys = ["not read"]
    """)

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(config, offers=offers()):
        pass

    assert refused.value.problems == (
        "not in the database of [run_state_store]: schema_registry, usage_meter; give them its dsn or path",
    )


def test_audit_that_nobody_signs_is_refused(tmp_path):
    config = configuration(f"""
        [runpacks]
        per_tenant = true
        [run_state_store]
        type = "sqlite"
        path = "{tmp_path}/runs.db"
        [tenant_authorizer]
        type = "grants"
        path = "{tmp_path}/runs.db"
        [usage_meter]
        type = "ledger"
        path = "{tmp_path}/runs.db"
        [audit_sink]
        type = "hash_chain"
        [time]
        source = "server"
    """)

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(config, offers=offers()):
        pass

    assert refused.value.problems == (
        "nobody signs the audit: set path or dsn, origin and signing_keys of [audit_sink]",
    )


def test_registry_in_memory_keeps_no_riders_and_is_refused(tmp_path):
    (tmp_path / "audit.pem").write_bytes(audit_key())
    config = configuration(f"""
        [runpacks]
        per_tenant = true
        [run_state_store]
        type = "sqlite"
        path = "{tmp_path}/runs.db"
        [time]
        source = "server"
        [tenant_authorizer]
        type = "grants"
        path = "{tmp_path}/runs.db"
        [usage_meter]
        type = "ledger"
        path = "{tmp_path}/runs.db"
        [audit_sink]
        type = "hash_chain"
        log_path = "{tmp_path}/requests.log"
        path = "{tmp_path}/runs.db"
        origin = "audit.example.org"
        signing_keys = [{{ file = "{tmp_path}/audit.pem" }}]
    """)

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(config, offers=offers()):
        pass

    assert refused.value.problems == (
        "the store of data shapes keeps no usage: let it live in the database of the runs",
        "the store of data shapes keeps no audit: let it live in the database of the runs",
    )


def test_embedder_may_bring_the_seams(tmp_path):
    seams = Seams(usage_meter=RecordingMeter(), audit_sink=RecordingSink(is_riding=True))

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(configuration(""), {}, seams):
        pass

    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "every caller may use every tenant",
        "runs are gone with the process",
        "callers say what time it is",
        "tenants share the folders of run packs",
    ]
    assert not list(tmp_path.iterdir())


def test_ledger_in_memory_and_a_clock_of_the_callers_are_refused(tmp_path):
    """Contract §4.10 IN-4, deviation X14."""
    config = configuration(f"""
        [runpacks]
        per_tenant = true
        [run_state_store]
        type = "sqlite"
        path = "{tmp_path}/runs.db"
        [schema_registry]
        type = "sqlite"
        path = "{tmp_path}/runs.db"
        [time]
        source = "caller"
        [tenant_authorizer]
        type = "grants"
        path = "{tmp_path}/runs.db"
        [usage_meter]
        type = "ledger"
        path = ":memory:"
        [audit_sink]
        type = "hash_chain"
        log_path = "{tmp_path}/requests.log"
        path = "{tmp_path}/runs.db"
        origin = "audit.example.org"
        signing_keys = [{{ file = "{tmp_path}/audit.pem" }}]
    """)

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(config, offers=offers()):
        pass

    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "the ledger is gone with the process",
        "not in the database of [run_state_store]",
        "callers say what time it is",
    ]
    assert not (tmp_path / "runs.db").exists()
