"""One JSON-RPC request (contract §1.9, deviation X13)."""

import pytest

from decision_gate.mcp.errors import InvalidRequestError
from decision_gate.mcp.rpc import Envelope, parse_envelope


@pytest.mark.parametrize(
    ("raw", "id_text"),
    [
        (b'{"jsonrpc":"2.0","id":7,"method":"m"}', b"7"),
        (b'{"jsonrpc":"2.0","id":"abc","method":"m"}', b'"abc"'),
        (b'{"jsonrpc":"2.0","id":null,"method":"m"}', b"null"),
        (b'{"jsonrpc":"2.0","id":1.0,"method":"m"}', b"1.0"),
        (b'{"jsonrpc":"2.0","id":{"a":[1]},"method":"m"}', b'{"a":[1]}'),
        (b'{"jsonrpc":"2.0","id":18446744073709551615,"method":"m"}', b"18446744073709551615"),
        (' {"jsonrpc":"2.0","id":"é","method":"m","extra":1} \n'.encode(), '"é"'.encode()),
    ],
)
def test_any_json_value_is_an_id_and_is_echoed_as_its_text(raw, id_text):
    assert parse_envelope(raw) == Envelope(version="2.0", id_text=id_text, method="m", params=None)


def test_another_version_is_parsed_so_that_its_refusal_can_echo_the_id():
    assert parse_envelope(b'{"jsonrpc":"1.0","id":1,"method":"m","params":[]}').version == "1.0"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        b'["2.0",7,"tools/list",null]',
        b'[{"jsonrpc":"2.0","id":1,"method":"m"}]',
        b'{"jsonrpc":"2.0","method":"m"}',
        b'{"id":1,"method":"m"}',
        b'{"jsonrpc":2.0,"id":1,"method":"m"}',
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"2.0","id":1,"method":null}',
        b'{"jsonrpc":"2.0","id":1,"method":"m"} x',
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","extra":1,"extra":2}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":2}}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":NaN}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":1e999}',
        b'{"jsonrpc":"2.0","id":1,"method":"\xff"}',
        b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":' + b"[" * 127 + b"]" * 127 + b"}",
    ],
)
def test_everything_else_is_one_invalid_request(raw):
    with pytest.raises(InvalidRequestError):
        parse_envelope(raw)


def test_126_containers_fit_into_the_envelope():
    raw = b'{"jsonrpc":"2.0","id":1,"method":"m","params":' + b"[" * 126 + b"]" * 126 + b"}"

    assert parse_envelope(raw).method == "m"
