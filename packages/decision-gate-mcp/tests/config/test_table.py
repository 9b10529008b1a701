"""One description of each key serves the reader and the JSON Schema (architecture §3, deviation X11)."""

import jsonschema_rs
import pytest

from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.table import table_schema

EXAMPLES = [
    {},
    {"server": {"transport": "http", "bind": "127.0.0.1:4000", "auth": {"mode": "local_only"}}},
    {"server": {"auth": {"bearer_tokens": ["a", {"env": "B"}, {"file": "c"}]}}},
    {"trust": {"default_policy": {"require_signature": {"keys": ["k"]}}}},
    {"run_state_store": {"type": "sqlite", "path": "x"}},
    {"run_state_store": {"type": "postgres", "dsn": "x"}},
    {"providers": [{"name": "time", "type": "builtin", "config": {"allow_logical": True}}]},
    {"policy": {"engine": "static", "static": {"rules": [{"effect": "permit", "stage_ids": ["s"]}]}}},
]


@pytest.mark.parametrize("document", EXAMPLES)
def test_the_schema_accepts_what_the_reader_accepts(document):
    assert jsonschema_rs.is_valid(table_schema(Config), document)


@pytest.mark.parametrize(
    "document",
    [{"servr": {}}, {"server": {"max_body_bytes": "1"}}, {"server": {"transport": "htp"}}, {"providers": [{}]}],
)
def test_the_schema_refuses_what_the_reader_refuses(document):
    assert not jsonschema_rs.is_valid(table_schema(Config), document)
