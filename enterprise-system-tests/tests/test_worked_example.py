"""The worked example of contract §15, through an open server on each engine and through a deployment."""

import json
from pathlib import Path

import pytest
from deployment import administration
from harness import worked_example
from harness.config import scripted
from harness.rpc import Client

ROOT_HASH = "433d57085099aa9215f0bd9e0353010e8e1db6553361181f89d543bc7ed2684e"
PLACE = {"tenant_id": worked_example.RUN["tenant_id"], "namespace_id": worked_example.RUN["namespace_id"]}


@pytest.fixture
def providers(tmp_path):
    """The table of the example's providers."""
    path = tmp_path / "example.json"
    path.write_text(json.dumps(worked_example.script()), encoding="utf-8")
    return scripted(path, *worked_example.PROVIDERS)


class PlacedClient(Client):
    """Makes the calls of the example in another tenant and namespace."""

    def __init__(self, port, place, **how):
        super().__init__(port, **how)
        self._place = place

    def send(self, tool, arguments):
        """Move the call, and make it."""
        return super().send(tool, moved(arguments, self._place))


def moved(value, place):
    """Return a wire value in which every tenant and namespace is that of *place*."""
    match value:
        case list():
            return [moved(item, place) for item in value]
        case dict():
            numbers = {**place, "default_tenant_id": place["tenant_id"]}
            return {name: numbers.get(name, moved(inner, place)) for name, inner in value.items()}
        case _:
            return value


def contents(folder: Path):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_open_server_on_each_engine_gives_the_answers_and_bytes_of_the_worked_example(
    serve, client_of, database, providers, tmp_path
):
    client = client_of(serve(providers, database.stores()))

    answers = worked_example.play(client)
    exported = worked_example.export(client, tmp_path / "pack")

    assert worked_example.differences(answers, tmp_path / "pack") == []
    assert exported["manifest"]["integrity"]["root_hash"]["value"] == ROOT_HASH


def test_a_production_server_changes_no_answer_and_no_byte_and_bills_and_audits_call_by_call(
    deployment, serve, providers, tmp_path
):
    """Contract §4.1 P0-1: numbers of tenants are random, so the open server is asked about the same ones."""
    own = deployment.boss
    trust = {"trust": {"min_lane": "asserted"}, "plugins": {"trusted": ["scripted-provider"]}}
    # Who is on the same machine is told more by an open server; whoever has a key is not.
    as_a_stranger = {"server": {"feedback": {"scenario_next": {"local_only_default": "summary"}}}}
    plugged, bare = deployment.serve(providers, trust), serve(providers, as_a_stranger)
    told = []
    for server, folder, how in ((bare, tmp_path / "pack", {}), (plugged, Path("pack"), {"token": own.key})):
        with PlacedClient(server.port, own.place, **how) as client:
            answers = worked_example.play(client)
            exported = worked_example.export(client, folder)
        told.append((answers, exported["manifest"]["integrity"]["root_hash"]))

    assert told[0] == told[1]
    assert contents(deployment.folder / "runpacks" / str(own.tenant_id) / "pack") == contents(tmp_path / "pack")
    used = administration.usage(deployment, own.tenant_id).used
    refused = 1  # the second submission under one id: recorded and audited, not billed
    assert used["tool_calls"] == len(
        ["define", "start", "tick", "submit", "next", "again", "event", "status", "export"]
    )
    assert (used["runs_started"], used["evidence_queries"], used["runpack_exports"]) == (1, 8, 1)
    events = [event["event"] for event in administration.audited(deployment, own.tenant_id)]
    assert events == ["admin_change", "scenario_defined", *["run_commit"] * (7 + refused), "runpack_exported"]
