"""HTTP, server-sent events and framed standard input carry the same answers (contract §1.2 to §1.4)."""

import json

import pytest
from harness import documents
from harness.config import configuration, scripted
from harness.framed import framed_session
from harness.rpc import RpcError

QUESTIONS = [
    documents.envelope("tools/list", None),
    documents.call("scenario_define", {"spec": documents.two_stages()}),
    documents.call("scenario_start", documents.start("tea", "run-1")),
    documents.call("scenario_next", documents.step("tea", "run-1", "too-early", 1)),
    documents.call("scenario_next", documents.step("tea", "run-1", "t-2", 2), id="é"),
    documents.call("scenario_trigger", documents.tick("tea", "run-1", "t-3", 3)),
    documents.call("scenario_status", documents.status("tea", "run-1")),
    documents.call("scenario_status", documents.status("tea", "run-2")),
    documents.call("scenario_define", {"spec": documents.two_stages()}),
    documents.envelope("initialize", {}),
    b"{",
]
STDIO = {"server": {"transport": "stdio", "bind": None}}


@pytest.fixture
def session(tmp_path, plugins):
    """A framed session with evidence."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps(documents.SCRIPT), encoding="utf-8")
    config = configuration(scripted(script, "facts"), STDIO, {"server": {"max_body_bytes": 10_000}})
    with framed_session(tmp_path / "stdio", config, plugins) as opened:
        yield opened


def test_all_transports_give_the_same_answers_byte_for_byte(serve, client_of, session):
    http = client_of(serve())
    events = client_of(serve({"server": {"transport": "sse"}}))

    for question in QUESTIONS:
        answer = http.post(question)
        event = events.post(question)

        assert session.exchange(question).body == answer.body
        assert event.body == b"data: " + answer.body + b"\n\n"
        assert event.status == answer.status
        assert event.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["content-type"] == "application/json"


def test_a_framed_session_takes_bare_line_feeds_and_other_headers_and_the_last_length(session):
    body = documents.envelope("tools/list", None)
    session.write(b"Content-Type: x\nContent-Length: 99999\nContent-Length: %d\n\n%b" % (len(body), body))

    assert json.loads(session.read())["id"] == 1


def test_the_end_of_input_ends_a_framed_session(session):
    session.exchange(documents.envelope("tools/list", None))

    status, errors = session.finish()

    assert status == 1
    assert "transport error: stdio closed" in errors


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (b"Content-Type: x\r\n\r\n", "missing content length"),
        (b"content-length: 2\r\n\r\n{}", "missing content length"),
        (b"Content-Length: two\r\n\r\n", "invalid content length"),
        (b"Content-Length: -1\r\n\r\n", "invalid content length"),
        (b"Content-Length: 10001\r\n\r\n", "payload too large"),
        (b"Content-Length: 10\r\n\r\n{}", "stdio read failed"),
    ],
)
def test_a_broken_frame_ends_the_session_without_an_answer(session, frame, text):
    session.write(frame)

    status, errors = session.finish()

    assert (status, f"transport error: {text}" in errors) == (1, True)


def test_a_frame_without_an_id_is_answered_as_a_request(session):
    answer = session.exchange(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')

    assert answer.json["error"]["code"] == -32600


def test_a_refusal_over_standard_input_has_the_text_of_the_catalogue(session):
    session.call("scenario_define", {"spec": documents.two_stages()})

    with pytest.raises(RpcError) as refused:
        session.call("scenario_define", {"spec": documents.two_stages()})

    assert refused.value.message == "scenario already defined"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"server": {"auth": {"mode": "bearer_token", "bearer_tokens": ["x"]}}}, "local_only"),
        ({"server": {"transport": "http", "bind": "0.0.0.0:4000"}}, "non-loopback"),
        ({"server": {"max_bodybytes": 1}}, "max_body_bytes"),
        ({"providers": [{"name": "facts", "type": "scripted", "config": {"skript": "x"}}]}, "script"),
        ({"plugins": {"trusted": []}}, "plugins.trusted"),
    ],
)
def test_a_configuration_that_can_not_work_ends_the_command_with_one_line(tmp_path, plugins, changes, text):
    config = configuration(scripted("script.json", "facts"), STDIO, changes)

    with framed_session(tmp_path / "stdio", config, plugins) as refused:
        status, errors = refused.finish()

    assert (status, len(errors.splitlines())) == (1, 1)
    assert text in errors
