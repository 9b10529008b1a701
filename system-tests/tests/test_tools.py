"""Every tool by its whole answer: the examples of the contract, and what the tools say about each other (contract §2).

Runs, evidence, schemas and prechecks are the contract's own examples, hashes included. What the server knows about its
providers and its documents is compared with itself: each tool must say what the others say.
"""

import hashlib
import json
from pathlib import Path

import pytest
from harness import documents, pack
from harness.config import scripted
from harness.rpc import Client

EXAMPLES = json.loads((Path(documents.__file__).parent / "tool_examples.json").read_bytes())
SECOND_RUN = {"run_id": "run-b"}
PLACE = {"tenant_id": 7, "namespace_id": 12}
BUILTIN = {"env": ["get"], "http": ["body_hash", "status"], "json": ["path"], "time": ["after", "before", "now"]}


def canonical(value):
    """Return the bytes that are hashed; good for values whose keys and numbers are plain."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(value):
    return {"algorithm": "sha256", "value": hashlib.sha256(canonical(value)).hexdigest()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("settings")
    (made / "evidence").mkdir()
    (made / "script.json").write_text(documents.text(documents.SCRIPT), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def server(shared_serve, folder):
    json_config = {"root": str(folder / "evidence"), "root_id": "evidence", "max_bytes": 1000, "allow_yaml": True}
    http_config = {"allow_http": False, "timeout_ms": 5000, "max_response_bytes": 1000, "user_agent": "x"}
    named = [{"name": name, "type": "builtin"} for name in ("time", "env")]
    named += [{"name": "json", "type": "builtin", "config": json_config}]
    named += [{"name": "http", "type": "builtin", "config": http_config}]
    return shared_serve(
        {
            "trust": None,
            "providers": [*scripted(folder / "script.json", "facts")["providers"], *named],
            "schema_registry": {"acl": {"allow_local_only": True}},
        }
    )


@pytest.fixture(scope="module")
def answers(server):
    """The answers to all examples, in their order; a second run is started for the one that triggers it."""
    [start] = [example["arguments"] for example in EXAMPLES if example["tool"] == "scenario_start"]
    second = start | {"run_config": start["run_config"] | SECOND_RUN, "issue_entry_packets": False}
    told = {}
    with Client(server.port) as client:
        for example in EXAMPLES:
            if example["tool"] == "scenario_trigger":
                client.call("scenario_start", second)
            told[example["tool"]] = client.call(example["tool"], example["arguments"])
    return told


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["tool"])
def test_a_tool_answers_its_example_as_the_contract_says(answers, example):
    assert answers[example["tool"]] == example["result"]


def test_an_export_tells_the_manifest_that_is_on_the_disk_and_a_verification_reads_it(answers, client_of, server):
    client, target = client_of(server), server.folder.parent / "example-pack"
    where = {"scenario_id": "ship-it", **PLACE, "run_id": "run-a", "output_dir": str(target)}
    exported = client.call(
        "runpack_export",
        {**where, "generated_at": {"kind": "unix_millis", "value": 9000}, "include_verification": True},
    )
    verified = client.call("runpack_verify", {"runpack_dir": str(target), "manifest_path": "manifest.json"})

    manifest = exported["manifest"]
    assert exported == {"manifest": manifest, "report": {"status": "pass", "checked_files": 7, "errors": []}}
    assert (target / "manifest.json").read_bytes() == canonical(manifest)
    hashed = {entry["path"]: entry["hash"]["value"] for entry in manifest["integrity"]["file_hashes"]}
    assert hashed == {path: hashlib.sha256((target / path).read_bytes()).hexdigest() for path in hashed}
    assert manifest["integrity"]["root_hash"] == sha256(manifest["integrity"]["file_hashes"])
    assert manifest["spec_hash"] == answers["scenario_define"]["spec_hash"]
    assert [decision["decision_id"] for decision in pack.log(target, "decisions")] == ["decision-1", "decision-2"]
    assert verified == {"status": "pass", "report": {"status": "pass", "checked_files": 8, "errors": []}}


def test_every_provider_is_listed_by_id_with_its_checks_by_name(client_of, server):
    listed = client_of(server).call("providers_list", {})["providers"]

    built_in = [entry for entry in listed if entry["provider_id"] in BUILTIN]
    assert [entry["provider_id"] for entry in listed] == ["env", "facts", "http", "json", "time"]
    assert built_in == [
        {"provider_id": name, "transport": "builtin", "checks": checks} for name, checks in BUILTIN.items()
    ]


@pytest.mark.parametrize("provider", BUILTIN)
def test_the_contract_of_a_provider_has_the_hash_that_it_says_and_the_checks_that_are_told_one_by_one(
    client_of, server, provider
):
    client = client_of(server)

    told = client.call("provider_contract_get", {"provider_id": provider})
    contract = told["contract"]
    checks = {
        check["check_id"]: client.call(
            "provider_check_schema_get", {"provider_id": provider, "check_id": check["check_id"]}
        )
        for check in contract["checks"]
    }

    assert told == {
        "provider_id": provider,
        "contract": contract,
        "contract_hash": sha256(contract),
        "source": "builtin",
        "version": None,
    }
    assert sorted(checks) == BUILTIN[provider]
    common = {"provider_id": provider, "contract_hash": sha256(contract)}
    assert checks == {
        check["check_id"]: common | {name: value for name, value in check.items() if name != "description"}
        for check in contract["checks"]
    }


def test_documents_are_found_listed_and_read_alike(client_of, server):
    client = client_of(server)

    resources = client.request("resources/list").json["result"]["resources"]
    found = client.call("decision_gate_docs_search", {"query": "trust evidence", "max_sections": 10})
    texts = {
        entry["uri"]: client.request("resources/read", {"uri": entry["uri"]}).json["result"]["contents"]
        for entry in resources
    }

    assert [content for content in texts.values() if len(content) != 1] == []
    titles = {entry["name"] for entry in resources}
    assert {entry["doc_title"] for entry in found["docs_covered"]} <= titles
    assert [section["rank"] for section in found["sections"]] == list(range(len(found["sections"])))
    bodies = [content[0]["text"] for content in texts.values()]
    assert [section for section in found["sections"] if not any(section["content"] in body for body in bodies)] == []
    assert all(content[0] == {**content[0], "uri": uri, "mimeType": "text/markdown"} for uri, content in texts.items())


@pytest.mark.parametrize(("wished", "most"), [(None, 3), (0, 1), (1, 1), (2, 2), (10, 10), (10_000, 10)])
def test_a_search_tells_as_many_sections_as_are_wished_within_its_limits(client_of, server, wished, most):
    told = client_of(server).call("decision_gate_docs_search", {"query": "evidence", "max_sections": wished})

    assert 0 < len(told["sections"]) <= most
    assert len(told["sections"]) == most or wished > 2


def test_scenarios_are_listed_by_id_in_pages_and_only_those_of_the_place(client_of, server):
    client = client_of(server)
    place = {"tenant_id": 7, "namespace_id": 31}
    names = ["b/1", "a", "ä", "Z", "b"]
    owners = dict.fromkeys(names, 7) | {"nobodys": None, "another": 8}
    for name, owner in owners.items():
        spec = documents.two_stages(name) | {"namespace_id": 31, "default_tenant_id": owner}
        client.call("scenario_define", {"spec": spec})
    client.call("scenario_define", {"spec": documents.two_stages("elsewhere") | {"namespace_id": 32}})

    whole = client.call("scenarios_list", place)
    pages, cursor = [], None
    while (page := client.call("scenarios_list", {**place, "limit": 2, "cursor": cursor}))["items"]:
        pages.append([entry["scenario_id"] for entry in page["items"]])
        cursor = page["next_token"]

    assert [entry["scenario_id"] for entry in whole["items"]] == ["Z", "a", "b", "b/1", "nobodys", "ä"]
    assert pages == [["Z", "a"], ["b", "b/1"], ["nobodys", "ä"]]
    assert whole["next_token"] == cursor == "ä"
