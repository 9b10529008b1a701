"""The JSON Schema that editors use accepts what the reader accepts, and knows its keys."""

from importlib.resources import files

import jsonschema
import pytest

from decision_gate.core.json import parse
from decision_gate.mcp.authoring.comparators import NAMES
from decision_gate.mcp.authoring.evidence_entry import RESERVED_KEYS
from decision_gate.mcp.authoring.short_form import TOP_KEYS
from decision_gate.mcp.authoring.stage_entry import STAGE_KEYS
from decision_gate.mcp.cli.laying_out import STARTERS
from decision_gate.mcp.evidence.yaml_document import parse_yaml

SCHEMA = parse((files("decision_gate.mcp.authoring") / "scenario.short.schema.json").read_bytes())


def test_the_schema_names_the_keys_of_the_reader():
    definitions = SCHEMA["$defs"]

    assert set(SCHEMA["properties"]) == set(TOP_KEYS)
    assert set(definitions["condition"]["properties"]) == set(RESERVED_KEYS)
    assert set(definitions["stage"]["properties"]) == set(STAGE_KEYS)
    [_, comparators] = definitions["condition"]["allOf"]
    assert {each["required"][0] for each in comparators["oneOf"]} == set(NAMES)


@pytest.mark.parametrize("starter", STARTERS)
def test_the_schema_accepts_every_starter(starter):
    document = parse_yaml((files("decision_gate.mcp.cli.starters") / f"{starter}.yaml").read_bytes())

    jsonschema.Draft202012Validator(SCHEMA).validate(document)


@pytest.mark.parametrize(
    "document",
    [
        {"scenario": "s"},
        {"scenario": "s", "stages": {}},
        {"scenario": "s", "stages": {"end": {}}},
        {"scenario": "s", "stages": {"a": {"gaet": "x"}}},
        {"scenario": "s", "stages": {"a": {}}, "evidence": {"x": {"json": "path"}}},
        {"scenario": "s", "stages": {"a": {}}, "evidence": {"x": {"json": "path", "equals": 1, "above": 1}}},
        {"scenario": "s", "stages": {"a": {"timeout": "48 hours"}}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(document):
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document)
