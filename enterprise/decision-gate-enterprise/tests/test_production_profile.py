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


def fit(folder, **changes):
    """Return the configuration of a server that is fit for production, with other tables; none leaves one out."""
    file = f'path = "{folder}/runs.db"'
    tables = {
        "runpacks": "per_tenant = true",
        "run_state_store": f'type = "sqlite"\n{file}',
        "schema_registry": f'type = "sqlite"\n{file}',
        "time": 'source = "server"',
        "tenant_authorizer": f'type = "grants"\n{file}',
        "usage_meter": f'type = "ledger"\n{file}',
        "audit_sink": (
            f'type = "hash_chain"\n{file}\nlog_path = "{folder}/requests.log"\norigin = "audit.example.org"\n'
            f'signing_keys = [{{ file = "{folder}/audit.pem" }}]'
        ),
    }
    return configuration("\n".join(f"[{name}]\n{table}" for name, table in (tables | changes).items() if table))


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
    config = fit(
        tmp_path,
        schema_registry=f'type = "sqlite"\npath = "{tmp_path}/shapes.db"',
        usage_meter=f'type = "ledger"\npath = "{tmp_path}/usage.db"',
    )

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(config, offers=offers()):
        pass

    assert refused.value.problems == (
        "not in the database of [run_state_store]: schema_registry, usage_meter; give them its dsn or path",
    )


def test_audit_that_nobody_signs_is_refused(tmp_path):
    config = fit(tmp_path, schema_registry=None, audit_sink='type = "hash_chain"')

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(config, offers=offers()):
        pass

    assert refused.value.problems == (
        "nobody signs the audit: set path or dsn, origin and signing_keys of [audit_sink]",
    )


def test_registry_in_memory_keeps_no_riders_and_is_refused(tmp_path):
    (tmp_path / "audit.pem").write_bytes(audit_key())
    config = fit(tmp_path, schema_registry=None)

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
    config = fit(tmp_path, time='source = "caller"', usage_meter='type = "ledger"\npath = ":memory:"')

    with pytest.raises(Exception, match="not fit for production") as refused, open_server(config, offers=offers()):
        pass

    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "the ledger is gone with the process",
        "not in the database of [run_state_store]",
        "callers say what time it is",
    ]
    assert not (tmp_path / "runs.db").exists()
