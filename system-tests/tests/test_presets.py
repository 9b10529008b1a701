"""The presets: each is laid out, starts as it is, answers, and refuses what it forbids (contract §6, deviation X14)."""

import re
import subprocess

import attrs
import pytest
from harness import documents
from harness.process import command_line
from harness.server import Server, running

LIMIT_S = 120
TOKENS = {"hardened": "dg-hardened-demo-token", "container-prod": "dg-container-demo-token"}
PRESETS = ("quickstart-dev", "default-recommended", "container-prod", "hardened", "ci-release-gate")
OPT_IN = {"DECISION_GATE_ALLOW_NON_LOOPBACK": "1"}
SHAPE = {
    "tenant_id": 1,
    "namespace_id": 2,
    "schema_id": "shape",
    "version": "1",
    "schema": {"type": "object"},
    "created_at": documents.at(),
}


def decision_gate(*arguments, cwd):
    return subprocess.run(
        [command_line(), *arguments], cwd=cwd, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
    )


@attrs.frozen
class Running:
    """A preset that serves, and the namespace that it leaves open."""

    preset: str
    server: Server

    @property
    def token(self):
        return TOKENS.get(self.preset)

    @property
    def namespace(self):
        return 2 if self.preset in TOKENS else 1


@pytest.fixture(scope="module", params=PRESETS)
def preset(request, tmp_path_factory):
    """Lay a preset out and serve it; only the port of its address is changed."""
    folder = tmp_path_factory.mktemp(request.param)
    laid_out = decision_gate("init", ".", "--preset", request.param, cwd=folder)
    assert laid_out.returncode == 0, laid_out.stderr
    text = (folder / "decision-gate.toml").read_text(encoding="utf-8")
    config = re.sub(r'^(bind = "[\d.]+):\d+"', r'\1:<port>"', text, count=1, flags=re.MULTILINE)
    with running(Server(folder=folder, config=config, environment=OPT_IN)) as server:
        yield Running(request.param, server)


def clock_scenario(namespace):
    """Return a scenario that holds until the trigger's time is after ``NOW``."""
    query = {"provider_id": "time", "check_id": "after", "params": {"timestamp": documents.NOW}}
    condition = documents.condition("late") | {"query": query}
    spec = documents.scenario("clock", [documents.stage("wait", None, "late")], condition)
    return spec | {"namespace_id": namespace, "default_tenant_id": 1}


def test_it_runs_a_scenario_by_the_callers_clock(preset, client_of):
    client = client_of(preset.server, token=preset.token)
    where = {"tenant_id": 1, "namespace_id": preset.namespace}

    client.call("scenario_define", {"spec": clock_scenario(preset.namespace)})
    client.call("scenario_start", documents.start("clock", "r", **where))
    early = client.call("scenario_next", documents.step("clock", "r", "t1", **where))
    late = client.call("scenario_next", documents.step("clock", "r", "t2", time=1, **where))

    assert (early["decision"]["outcome"]["kind"], late["decision"]["outcome"]["kind"]) == ("hold", "complete")


def test_namespace_1_is_open_to_tenant_1_only_where_the_preset_says_so(preset, client_of):
    client = client_of(preset.server, token=preset.token)
    first = clock_scenario(1) | {"scenario_id": "first"}
    stranger = first | {"scenario_id": "other", "default_tenant_id": 2}

    own, other = client.send("scenario_define", {"spec": first}), client.send("scenario_define", {"spec": stranger})

    assert own.status == (403 if preset.token else 200)
    assert other.status == 403


def test_without_its_token_it_answers_nobody_but_the_health_check(preset, client_of):
    client = client_of(preset.server)

    assert client.get("/readyz").status == 200
    assert client.request("tools/list").status == (401 if preset.token else 200)


def test_it_offers_the_five_built_in_providers(preset, client_of):
    listed = client_of(preset.server, token=preset.token).call("providers_list", {})

    assert {entry["provider_id"] for entry in listed["providers"]} == {"time", "env", "json", "http", "report"}


def test_schemas_are_registered_where_and_how_the_preset_says(preset, client_of):
    client = client_of(preset.server, token=preset.token)
    shape = SHAPE | {"namespace_id": preset.namespace}
    signed = shape | {"schema_id": "signed", "signing": {"key_id": "k", "signature": "s", "algorithm": None}}

    unsigned = client.send("schemas_register", {"record": shape})
    by_key = client.send("schemas_register", {"record": signed})

    assert unsigned.status == (403 if preset.preset == "hardened" else 200), unsigned.body
    assert by_key.status == 200, by_key.body


def test_the_posture_is_told_at_the_start(preset):
    log = preset.server.log()

    assert ("dev-permissive mode enabled" in log) == (preset.preset == "quickstart-dev")
    assert ("reachable from other machines" in log) == (preset.preset == "container-prod")


def test_a_container_is_not_exposed_without_the_opt_in(tmp_path):
    decision_gate("init", ".", "--preset", "container-prod", cwd=tmp_path)

    ended = decision_gate("serve", cwd=tmp_path)

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("Refusing to bind to non-loopback address 0.0.0.0:8080.")


def test_a_missing_evidence_folder_is_named_with_what_to_do(tmp_path):
    decision_gate("init", ".", "--preset", "default-recommended", cwd=tmp_path)
    (tmp_path / "evidence").rename(tmp_path / "elsewhere")

    ended = decision_gate("serve", cwd=tmp_path)

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "Failed to initialize MCP server: init error: evidence provider error: json provider root does not exist: "
        f"{tmp_path / 'evidence'}; make that folder, or name another"
    )
