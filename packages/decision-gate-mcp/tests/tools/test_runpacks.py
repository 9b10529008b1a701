"""The run-pack tools (contract §2.8, §2.9, deviations X4, X7)."""

import pytest

from decision_gate.core.json import parse
from decision_gate.core.ports import RunKey
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.hooks.usage_meter import Metric
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import SPEC_HASH, TIME_PROVIDER, ask, define, export, start
from decision_gate.mcp.tools.runpacks import REPORT_BYTES


@pytest.fixture
def root(tmp_path):
    return tmp_path / "packs"


@pytest.fixture
def server(root):
    with open_test_server(f'{TIME_PROVIDER}[runpacks]\nroots = ["{root}"]\n') as opened:
        opened.call("scenario_define", define())
        opened.call("scenario_start", start())
        opened.call("scenario_next", ask())
        yield opened


def refusal(server, tool, arguments):
    with pytest.raises(RpcError) as refused:
        server.call(tool, arguments)
    return refused.value.code, refused.value.message


def verify(server, folder, manifest="manifest.json"):
    return server.call("runpack_verify", {"runpack_dir": str(folder), "manifest_path": manifest})


def test_an_exported_pack_has_seven_artifacts_and_verifies(server, root):
    answer = server.call("runpack_export", export(str(root / "run-a")))

    assert list(answer) == ["manifest", "report"]
    assert answer["report"] is None
    manifest = answer["manifest"]
    assert manifest["spec_hash"]["value"] == SPEC_HASH
    assert manifest["security"] == {"dev_permissive": False, "namespace_authority": "dg_registry"}
    assert manifest["artifacts"][0]["path"] == "artifacts/scenario_spec.json"
    assert len(manifest["artifacts"]) == 7
    assert verify(server, root / "run-a") == {
        "report": {"status": "pass", "checked_files": 7, "errors": []},
        "status": "pass",
    }


def test_a_pack_with_verification_counts_seven_inside_and_eight_afterwards(server, root):
    answer = server.call("runpack_export", export(str(root / "v"), include_verification=True, manifest_name="m.json"))

    assert answer["report"] == {"status": "pass", "checked_files": 7, "errors": []}
    assert verify(server, root / "v", "m.json")["report"]["checked_files"] == 8


def test_a_changed_file_is_a_result_not_an_error(server, root):
    server.call("runpack_export", export(str(root / "t")))
    (root / "t" / "artifacts" / "triggers.json").write_bytes(b"[]")

    answer = verify(server, root / "t")

    assert answer["status"] == "fail"
    assert "hash mismatch for artifacts/triggers.json" in answer["report"]["errors"]


@pytest.mark.parametrize("outside", ["/etc", "..", "/", "", "relative"])
def test_a_folder_outside_the_roots_is_refused_by_the_name_of_the_setting(server, outside):
    expected = (-32602, "output_dir: outside every folder of runpacks.roots")

    assert refusal(server, "runpack_export", export(outside)) == expected
    assert refusal(server, "runpack_verify", {"runpack_dir": outside, "manifest_path": "m"}) == (
        -32602,
        "runpack_dir: outside every folder of runpacks.roots",
    )


def test_climbing_out_of_a_root_and_links_out_of_it_are_refused(server, root, tmp_path):
    root.mkdir()
    (tmp_path / "secret").mkdir()
    (root / "link").symlink_to(tmp_path / "secret")

    for path in (f"{root}/../secret", f"{root}/link", f"{root}/link/deeper"):
        assert refusal(server, "runpack_export", export(path))[0] == -32602
    assert list((tmp_path / "secret").iterdir()) == []


def test_a_file_that_is_a_link_is_neither_read_nor_written_through(server, root, tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text("{}", encoding="utf-8")
    (root / "p").mkdir(parents=True)
    (root / "p" / "manifest.json").symlink_to(secret)

    assert refusal(server, "runpack_verify", {"runpack_dir": str(root / "p"), "manifest_path": "manifest.json"})[0] == (
        -32040
    )
    server.call("runpack_export", export(str(root / "p")))

    assert secret.read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (export("x", scenario_id="other"), -32004, "scenario not defined"),
        (export("x", run_id="nowhere"), -32004, "run not found"),
        (export(None), -32040, "output_dir is required when runpack storage is not configured"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_the_order_of_the_contract(server, arguments, code, message):
    assert refusal(server, "runpack_export", arguments) == (code, message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "artifact error: manifest name missing filename"),
        ("/m.json", "artifact error: absolute artifact path not allowed"),
        ("../m.json", "artifact error: artifact path escapes runpack root"),
        ("x" * 256, "artifact error: runpack path component too long"),
    ],
)
def test_a_manifest_name_stays_below_the_pack(server, root, name, message):
    assert refusal(server, "runpack_export", export(str(root / "n"), manifest_name=name)) == (-32040, message)


def test_a_pack_that_is_not_there_cannot_be_verified(server, root):
    root.mkdir()

    assert refusal(server, "runpack_verify", {"runpack_dir": str(root / "no"), "manifest_path": "m"}) == (
        -32040,
        "artifact error: unable to resolve runpack root",
    )
    (root / "no").mkdir()
    assert refusal(server, "runpack_verify", {"runpack_dir": str(root / "no"), "manifest_path": "m"}) == (
        -32040,
        "artifact error: unable to read artifact metadata",
    )


def test_a_manifest_that_is_none_is_refused(server, root):
    (root / "bad").mkdir(parents=True)
    (root / "bad" / "m").write_bytes(b"{}")

    assert refusal(server, "runpack_verify", {"runpack_dir": str(root / "bad"), "manifest_path": "m"}) == (
        -32040,
        "invalid manifest",
    )


def test_an_export_is_billed_by_its_root_hash_so_that_the_same_pack_costs_once(server, root):
    first = server.call("runpack_export", export(str(root / "a")))
    server.call("runpack_export", export(str(root / "b")))

    exports = [body for body in server.meter.table.bodies if b"runpack_exports" in body]
    assert len(exports) == 1
    assert any(first["manifest"]["integrity"]["root_hash"]["value"] in key for key in server.meter.table.applied)


def test_verifying_names_no_tenant_and_is_judged_under_the_callers_own(server, root):
    server.call("runpack_export", export(str(root / "x")))
    server.sink.events.clear()

    verify(server, root / "x")

    assert [event.event for event in server.sink.events] == [
        "mcp_tool_authz",
        "tenant_authz",
        "usage_audit",
        "mcp_request",
    ]


def test_the_default_roots_are_runpacks_here_and_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Config().runpacks.roots is None
    with open_test_server(TIME_PROVIDER) as opened:
        opened.call("scenario_define", define())
        opened.call("scenario_start", start())

        opened.call("runpack_export", export("runpacks/run-a"))

    assert (tmp_path / "runpacks" / "run-a" / "manifest.json").exists()


def test_an_empty_list_of_roots_permits_no_folder():
    with open_test_server(TIME_PROVIDER + "[runpacks]\nroots = []\n") as opened:
        opened.call("scenario_define", define())
        opened.call("scenario_start", start())

        assert refusal(opened, "runpack_export", export("/tmp/x"))[0] == -32602  # noqa: S108 - must be refused


@pytest.mark.parametrize("include_verification", [False, True])
def test_a_pack_is_billed_as_many_bytes_as_lie_there(server, root, include_verification):
    server.call("runpack_export", export(str(root / "sized"), include_verification=include_verification))

    (billed,) = [
        parse(body)["units"]
        for key, body in zip(server.meter.table.applied, server.meter.table.bodies, strict=True)
        if "runpack" in parse(key)[2] and "storage_bytes" in key
    ]
    files = [path for path in (root / "sized").rglob("*") if path.is_file()]
    assert billed == sum(path.stat().st_size for path in files) > 0


def test_a_pack_without_room_is_not_written(server, root):
    server.meter.denied.add(Metric.STORAGE_BYTES)

    assert refusal(server, "runpack_export", export(str(root / "late")))[0] == -32003

    assert not (root / "late").exists()
    event = server.sink.named("usage_audit")[-1]
    assert (event.members["metric"], event.members["allowed"]) == ("storage_bytes", False)


@pytest.mark.parametrize("include_verification", [False, True])
def test_as_much_room_is_reserved_as_the_pack_can_need(server, root, include_verification):
    server.call("runpack_export", export(str(root / "sized"), include_verification=include_verification))

    (reserved,) = server.meter.reserved
    lies_there = sum(path.stat().st_size for path in (root / "sized").rglob("*") if path.is_file())
    assert (reserved.metric, server.meter.released) == (Metric.STORAGE_BYTES, [])
    if include_verification:
        assert lies_there <= reserved.units <= lies_there + REPORT_BYTES
    else:
        assert reserved.units == lies_there


def test_a_pack_that_cannot_be_written_gives_its_room_back(server, root):
    root.mkdir()
    (root / "taken").write_bytes(b"a file in the place of the folder")

    refusal(server, "runpack_export", export(str(root / "taken")))

    assert len(server.meter.reserved) == 1
    assert server.meter.released == server.meter.reserved


def test_an_export_is_audited_with_the_root_hash_of_the_pack_and_the_state_it_shows(root):
    with open_test_server(f'{TIME_PROVIDER}[runpacks]\nroots = ["{root}"]\n', is_audit_riding=True) as opened:
        opened.call("scenario_define", define())
        opened.call("scenario_start", start())
        opened.call("runpack_export", export(str(root / "run-a")))
        head = opened.host.stores.runs.head(RunKey(7, 12, "run-a"))
        told = parse(opened.sink.table.bodies[-1])

    manifest = parse((root / "run-a" / "manifest.json").read_bytes())
    assert {name: told[name] for name in ("event", "tenant_id", "namespace_id", "run_id", "version", "digest")} == {
        "event": "runpack_exported",
        "tenant_id": "7",
        "namespace_id": "12",
        "run_id": "run-a",
        "version": head.version,
        "digest": head.digest,
    }
    assert told["root_hash"] == manifest["integrity"]["root_hash"]["value"]
