"""Run packs: the same bytes whoever told the run; altered ones and those of a stranger are refused (contract §9)."""

import json

import pytest
from harness import documents, story, worked_example
from harness.command import decision_gate
from harness.config import configuration, scripted, sqlite
from harness.framed import framed_session
from harness.mcp import LEGACY, MODERN, McpClient, ModernClient, line_session
from harness.rpc import Client

STDIO = {"server": {"transport": "stdio", "bind": None}}


@pytest.fixture(scope="module")
def told(shared_serve):
    """The run that others are compared with: told over HTTP to a server on a file. Its folder, and its pack."""
    server = shared_serve(sqlite("gate.db"))
    with Client(server.port) as client:
        story.tell(client.call)
        pack = story.exported(client.call, server.folder / "pack")
    server.stop()
    return server.folder, pack


@pytest.mark.parametrize("dialect", [Client, McpClient, ModernClient])
@pytest.mark.parametrize("transport", ["http", "sse"])
def test_a_run_that_is_told_over_a_network_has_the_same_pack(serve, told, tmp_path, transport, dialect):
    server = serve({"server": {"transport": transport}})

    with dialect(server.port) as client:
        story.tell(client.call)

        assert story.exported(client.call, tmp_path / "pack") == told[1]


@pytest.mark.parametrize("dialect", ["frames", LEGACY, MODERN])
def test_a_run_that_is_told_over_standard_input_has_the_same_pack(told, tmp_path, plugins, dialect):
    script = tmp_path / "script.json"
    script.write_text(documents.text(documents.SCRIPT), encoding="utf-8")
    config = configuration(scripted(script, "facts"), STDIO, {"runpacks": {"roots": [str(tmp_path)]}})
    opened = framed_session if dialect == "frames" else lambda *where: line_session(*where, dialect)

    with opened(tmp_path / "stdio", config, plugins) as session:
        story.tell(session.call)

        assert story.exported(session.call, tmp_path / "pack") == told[1]


def test_the_command_line_writes_the_same_artifacts_from_the_file_alone(told, tmp_path):
    folder, pack = told
    where = ("--store-path", "gate.db", "--run-id", "run-1", "--tenant-id", "42", "--namespace-id", "7")

    written = decision_gate("run", "export", *where, "--output-dir", str(tmp_path / "pack"), folder=folder)

    assert written.returncode == 0, written.stderr
    by_command = story.files(tmp_path / "pack")
    manifests = [json.loads(files.pop("manifest.json")) for files in (by_command, dict(pack))]
    assert by_command == {path: body for path, body in pack.items() if path != "manifest.json"}
    # The command names its own time, and no posture of a server.
    assert [manifest["integrity"] for manifest in manifests] == [manifests[1]["integrity"]] * 2


ALTERATIONS = {
    "a decision": ("artifacts/decisions.json", b'"hold"', b'"fail"'),
    "evidence": ("artifacts/gate_evals.json", b'"value":true', b'"value":null'),
    "a trigger": ("artifacts/triggers.json", b'"agent"', b'"other"'),
    "a submission": ("artifacts/submissions.json", b'"n":1', b'"n":2'),
    "the transcript": ("artifacts/tool_calls.json", b"scenario.next", b"scenario.past"),
    "the scenario": ("artifacts/scenario_spec.json", b'"equals"', b'"exists"'),
    "the report": ("artifacts/verifier_report.json", b'"pass"', b'"fail"'),
    "the manifest's run": ("manifest.json", b'"run-1"', b'"run-2"'),
    "the manifest's time": ("manifest.json", b"1760000000000", b"1760000000001"),
    "the shape": ("manifest.json", b"{", b"{ "),
}


def copied(pack, folder, changes=None):
    """Write a pack, with other bytes for some of its files; none takes a file away."""
    for path, body in {**pack, **(changes or {})}.items():
        if body is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(body)
    return folder


def verdict(folder, *options):
    ended = decision_gate("runpack", "verify", str(folder), "--json", *options, folder=folder)
    return ended.returncode, json.loads(ended.stdout)["status"]


@pytest.fixture(scope="module")
def verifying(shared_serve):
    """A server that verifies packs below its folder."""
    return shared_serve()


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_pack_is_refused_by_server_and_command_alike(told, verifying, client_of, name):
    path, old, new = ALTERATIONS[name]
    body = told[1][path]
    assert old in body
    folder = copied(told[1], verifying.folder.parent / f"altered {name}", {path: body.replace(old, new, 1)})

    answer = client_of(verifying).send("runpack_verify", {"runpack_dir": str(folder), "manifest_path": "manifest.json"})
    ended = decision_gate("runpack", "verify", str(folder), folder=folder)

    is_told_apart = name != "the manifest's time"  # nothing but a signature vouches for it
    document = answer.json
    refused = "error" in document or document["result"]["content"][0]["json"]["status"] == "fail"
    assert (refused, ended.returncode) == ((True, 1) if is_told_apart else (False, 0))


@pytest.mark.parametrize("change", [{"artifacts/more.json": b"[]"}, {"artifacts/packets.json": None}])
def test_a_pack_with_a_file_more_or_less_is_refused(told, tmp_path, change):
    assert verdict(copied(told[1], tmp_path / "pack", change)) == (1, "fail")


def test_a_signed_pack_passes_for_those_who_know_the_key_and_only_as_it_was_signed(told, tmp_path):
    folder = copied(told[1], tmp_path / "pack")
    for name in ("ours", "theirs"):
        assert decision_gate("key", "new", f"{name}.pem", folder=tmp_path).returncode == 0
    ours, theirs = (("--key", str(tmp_path / f"{name}.pub.pem")) for name in ("ours", "theirs"))

    unsigned = verdict(folder, *ours)
    signed = decision_gate("runpack", "sign", str(folder), "--key", str(tmp_path / "ours.pem"), folder=tmp_path)
    known, unknown = verdict(folder, "--replay", *ours), verdict(folder, *theirs)
    manifest = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").write_bytes(manifest.replace(b"1760000000000", b"1760000000001", 1))
    later = verdict(folder, *ours)

    assert signed.returncode == 0, signed.stderr
    assert (unsigned[0], known, unknown[0], later[0]) == (1, (0, "pass"), 1, 1)


def test_a_pack_in_the_layout_of_the_reference_passes_whatever_its_manifest_is_called(verifying, client_of):
    """The files of the worked example, written by nobody here."""
    paths = ["manifest.json", *(f"artifacts/{name}.json" for name in worked_example.ARTIFACTS)]
    files = {path: (worked_example.FILES / path).read_bytes() for path in paths}
    manifest = files.pop("manifest.json")
    folder = copied({**files, "runpack.json": manifest}, verifying.folder.parent / "reference layout")

    by_server = client_of(verifying).call(
        "runpack_verify", {"runpack_dir": str(folder), "manifest_path": "runpack.json"}
    )

    assert by_server == {"status": "pass", "report": {"status": "pass", "checked_files": 8, "errors": []}}
    assert verdict(folder, "--replay") == (0, "pass")
