"""Every row of the error catalogue that a client can reach (contract §1.13): status, code, kind and text."""

import pytest
from harness import documents
from harness.rpc import Client

INVALID_REQUEST = (400, -32600, "invalid_request", "invalid json-rpc request")
UNKNOWN_TOOL = (400, -32601, "method_not_found", "unknown tool")
NO_PARAMS = (400, -32602, "invalid_params", "invalid tool params")
LIST = documents.envelope("tools/list", None)


@pytest.fixture(scope="module")
def server(shared_serve):
    """A server with one scenario and one run, on which nothing below changes anything."""
    started = shared_serve({"server": {"tools": {"denylist": ["scenarios_list"]}}})
    with Client(started.port) as client:
        client.call("scenario_define", {"spec": documents.two_stages()})
        client.call("scenario_define", {"spec": documents.two_stages("coffee")})
        client.call("scenario_start", documents.start("tea", "run-1"))
        client.call("scenario_submit", documents.submission("tea", "run-1", "s-1", {"n": 1}))
    return started


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"7",
        b"[]",
        b"[" + LIST + b"]",
        LIST + b" x",
        b'{"jsonrpc":"2.0","method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":2.0,"id":1,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":1,"method":7}',
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":NaN,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":' + b"[" * 127 + b"]" * 127 + b"}",
        b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":1,"a":2}}',
        b'{"jsonrpc":"2.0","id":"\\ud800","method":"tools/list"}',
    ],
)
def test_what_is_no_request_is_refused_without_an_id(client_of, server, body):
    answer = client_of(server).post(body)

    assert answer.error == INVALID_REQUEST
    assert answer.json["id"] is None
    assert answer.json["error"]["data"] == {"kind": "invalid_request", "retryable": False, "request_id": None}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (documents.envelope("tools/list", None, jsonrpc="1.0"), (*INVALID_REQUEST[:3], "invalid json-rpc version")),
        (documents.envelope("initialize", {}), (*UNKNOWN_TOOL[:3], "method not found")),
        (documents.envelope("ping", None), (*UNKNOWN_TOOL[:3], "method not found")),
        (documents.envelope("notifications/initialized", None), (*UNKNOWN_TOOL[:3], "method not found")),
        (documents.call("no_such_tool", {}), UNKNOWN_TOOL),
        (documents.call("scenarios_list", {}), UNKNOWN_TOOL),
        (documents.envelope("tools/call", None), NO_PARAMS),
        (documents.envelope("tools/call", {"name": "scenario_next"}), NO_PARAMS),
        (documents.envelope("tools/call", {"name": 7, "arguments": {}}), NO_PARAMS),
        (
            documents.call("scenario_status", documents.status("nothing", "run-1")),
            (200, -32004, "not_found", "scenario not defined"),
        ),
        (
            documents.call("runpack_export", documents.export("tea", "no-run", "x")),
            (200, -32004, "not_found", "run not found"),
        ),
        (
            documents.call("scenario_define", {"spec": documents.two_stages()}),
            (200, -32009, "conflict", "scenario already defined"),
        ),
        (
            documents.call("scenario_submit", documents.submission("tea", "run-1", "s-1", {"n": 2})),
            (200, -32009, "conflict", "submission_id conflict: s-1"),
        ),
        (
            documents.call("scenario_next", documents.step("tea", "no-run", "t")),
            (200, -32030, "control_plane", "run not found: no-run"),
        ),
        (
            documents.call("scenario_start", documents.start("tea", "run-1")),
            (200, -32030, "control_plane", "run already exists: run-1"),
        ),
        (
            documents.call("scenario_start", documents.start("coffee", "run-2") | {"scenario_id": "tea"}),
            (200, -32030, "control_plane", "scenario mismatch for run: coffee"),
        ),
        (
            documents.call("scenario_start", documents.start("tea", "run-2", namespace_id=8)),
            (200, -32004, "not_found", "scenario not defined"),  # definitions belong to a namespace (deviation S8)
        ),
        (
            documents.call("scenario_define", {"spec": documents.scenario("empty", [])}),
            (
                200,
                -32030,
                "control_plane",
                "invalid scenario spec: scenario spec must define at least one stage",
            ),
        ),
        (
            documents.call("scenario_define", {"spec": documents.two_stages() | {"namespace_id": 1}}),
            (403, -32003, "unauthorized", "unauthorized"),
        ),
        (
            documents.call("runpack_export", documents.export("tea", "run-1", None)),
            (
                200,
                -32040,
                "runpack",
                "output_dir is required when runpack storage is not configured",
            ),
        ),
    ],
)
def test_a_refusal_has_its_row_of_the_catalogue_and_echoes_the_id(client_of, server, body, error):
    answer = client_of(server).post(body)

    assert answer.error == error
    assert answer.json["id"] == 1
    assert answer.json["error"]["data"] == {"kind": error[2], "retryable": False, "request_id": "1"}


@pytest.mark.parametrize(
    ("tool", "arguments", "text"),
    [
        ("scenario_next", {}, "scenario_id"),
        ("scenario_next", None, ""),
        ("scenario_status", documents.status("tea", "run-1", tenant_id=0), ""),
        ("scenario_start", documents.start("tea", "run-2") | {"started_at": 7}, "started_at"),
        ("scenario_define", {"spec": documents.two_stages("bad\nname")}, ""),
        ("scenario_define", {"spec": documents.two_stages("x" * 256)}, ""),
        ("scenario_start", documents.start("tea", ""), ""),
        ("runpack_export", documents.export("tea", "run-1", "/etc"), "runpacks.roots"),
        ("runpack_export", documents.export("tea", "run-1", "../../elsewhere"), "runpacks.roots"),
        ("runpack_verify", {"runpack_dir": "/etc", "manifest_path": "passwd"}, "runpacks.roots"),
    ],
)
def test_arguments_that_cannot_be_are_invalid_params_and_the_text_names_the_place(
    client_of, server, tool, arguments, text
):
    answer = client_of(server).send(tool, arguments)

    assert answer.error[:3] == (400, -32602, "invalid_params")
    assert text in answer.error[3]


def test_refusals_leave_the_run_as_it_was(client_of, server):
    client = client_of(server)

    status = client.call("scenario_status", documents.status("tea", "run-1"))

    assert (status["status"], status["current_stage_id"], status["last_decision"]) == ("active", "open", None)
