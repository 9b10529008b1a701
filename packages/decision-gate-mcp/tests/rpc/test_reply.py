"""Replies (contract §1.11, §1.12)."""

from decision_gate.mcp.error_map import wire_error
from decision_gate.mcp.errors import NotFoundError
from decision_gate.mcp.hooks.rate_limiter import RateLimitedError
from decision_gate.mcp.rpc import error_reply, tool_reply, value_reply


def test_a_tool_result_is_the_one_content_item():
    reply = tool_reply(b"2", b'{"providers":[]}')

    assert reply.status == 200
    assert reply.body == b'{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"json","json":{"providers":[]}}]}}'


def test_another_result_stands_by_itself():
    assert value_reply(b"null", b'{"tools":[]}').body == b'{"jsonrpc":"2.0","id":null,"result":{"tools":[]}}'


def test_an_error_carries_the_text_of_the_id_and_its_members_in_order():
    reply = error_reply(b'"abc"', wire_error(NotFoundError("scenario not defined")), '"abc"')

    assert reply.status == 200
    assert reply.body == (
        b'{"jsonrpc":"2.0","id":"abc","error":{"code":-32004,"message":"scenario not defined",'
        b'"data":{"kind":"not_found","retryable":false,"request_id":"\\"abc\\""}}}'
    )


def test_a_known_wait_is_told_last():
    reply = error_reply(b"null", wire_error(RateLimitedError(250)), None)

    assert reply.status == 429
    assert reply.body.endswith(
        b'"data":{"kind":"rate_limited","retryable":true,"request_id":null,"retry_after_ms":250}}}'
    )
