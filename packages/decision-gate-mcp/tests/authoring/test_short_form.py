"""The short form and the wire form it stands for."""

import pytest

from decision_gate.core.codec import canonical_record, encode
from decision_gate.core.json import plain
from decision_gate.mcp.authoring import Fault, ScenarioDocumentError, read_scenario

RELEASE = """\
scenario: release
tenant: 1
evidence:
  tests_pass:   {report: tests.failed, file: reports/junit.xml, equals: 0}
  coverage:     {report: coverage.line_percent, file: reports/coverage.xml, at_least: 85}
  freeze:       {time: after, timestamp: "2026-12-20T00:00:00Z", equals: true}
  alice:        {json: path, file: reviews.json, jsonpath: $.alice.approved, equals: true}
  bob:          {json: path, file: reviews.json, jsonpath: $.bob.approved, equals: true}
stages:
  build:
    gates:
      quality: tests_pass and coverage
  ship:
    gates:
      approval: at_least(2, alice, bob)
      window: not freeze
    timeout: 48h
    on_timeout: fail
"""

ONE = """\
scenario: s
evidence:
  a: {%s}
stages:
  stage: {gate: a}
"""

ROUTED = """\
scenario: s
evidence:
  a: {json: path, file: a.json, equals: 1}
  b: {json: path, file: b.json, equals: 1}
stages:
  first:
    gates: {g: a, h: b}
    then: %s
  second: {}
  third: {then: end}
"""


def wire(text, name="scenario.yaml"):
    return encode(read_scenario(text.encode(), name).spec)


def faults(text):
    with pytest.raises(ScenarioDocumentError) as caught:
        read_scenario(text.encode(), "s.yaml")
    return [(fault.line, fault.column, fault.path, fault.found) for fault in caught.value.faults]


def test_defaults_fill_every_required_list():
    assert wire(ONE % "json: path, file: a.json, equals: 1") == {
        "scenario_id": "s",
        "namespace_id": 1,
        "spec_version": "1",
        "stages": [
            {
                "stage_id": "stage",
                "entry_packets": [],
                "gates": [{"gate_id": "stage", "requirement": {"Condition": "a"}}],
                "advance_to": {"kind": "terminal"},
                "timeout": None,
                "on_timeout": "fail",
            }
        ],
        "conditions": [
            {
                "condition_id": "a",
                "query": {"provider_id": "json", "check_id": "path", "params": {"file": "a.json"}},
                "comparator": "equals",
                "expected": 1,
                "policy_tags": [],
            }
        ],
        "policies": [],
        "schemas": [],
        "default_tenant_id": None,
    }


@pytest.mark.parametrize(
    "spelling",
    [
        "json: path, file: a.json, at_least: 85",
        "at_least: 85, json: path, file: a.json",
        "provider: json, check: path, file: a.json, greater_than_or_equal: 85",
        "json: path, params: {file: a.json}, at_least: 85, tags: []",
    ],
)
def test_spellings_of_one_meaning_have_the_same_bytes(spelling):
    reference = read_scenario((ONE % "json: path, file: a.json, at_least: 85").encode(), "s.yaml")

    assert canonical_record(read_scenario((ONE % spelling).encode(), "s.yaml").spec) == canonical_record(reference.spec)


def test_the_wire_form_of_a_short_document_reads_as_the_same_scenario():
    short = read_scenario(RELEASE.encode(), "release.yaml")

    again = read_scenario(canonical_record(short.spec), "release.json")

    assert (short.is_short, again.is_short, again.spec) == (True, False, short.spec)


def test_json_is_a_spelling_too():
    document = plain(
        {
            "scenario": "s",
            "evidence": {"a": {"json": "path", "file": "a.json", "equals": 1}},
            "stages": {"stage": {"gate": "a"}},
        }
    ).decode()

    assert wire(document, "s.json") == wire(ONE % "json: path, file: a.json, equals: 1")


@pytest.mark.parametrize(
    ("comparison", "comparator", "expected"),
    [
        ("equals: 0", "equals", 0),
        ("not_equals: x", "not_equals", "x"),
        ("above: 1", "greater_than", 1),
        ("below: 1.5", "less_than", 1.5),
        ("at_most: '2026-01-01'", "less_than_or_equal", "2026-01-01"),
        ("contains: [a]", "contains", ["a"]),
        ("one_of: [a, 1]", "in_set", ["a", 1]),
        ("exists: true", "exists", None),
        ("exists: false", "not_exists", None),
        ("not_exists: true", "not_exists", None),
        ("lex_less_than: b", "lex_less_than", "b"),
        ("deep_equals: {a: 1}", "deep_equals", {"a": 1}),
    ],
)
def test_every_comparator_has_its_spelling(comparison, comparator, expected):
    [condition] = wire(ONE % f"json: path, file: a.json, {comparison}")["conditions"]

    assert (condition["comparator"], condition["expected"]) == (comparator, expected)


def test_lane_and_tags_are_of_the_condition_and_not_parameters():
    [condition] = wire(ONE % "provider: own, check: c, equals: 1, lane: asserted, tags: [human], depth: 3")[
        "conditions"
    ]

    assert condition["query"] == {"provider_id": "own", "check_id": "c", "params": {"depth": 3}}
    assert condition["trust"] == {"min_lane": "asserted"}
    assert condition["policy_tags"] == ["human"]


def test_a_parameter_whose_name_is_taken_stands_under_params():
    [condition] = wire(ONE % "provider: own, check: c, exists: true, params: {lane: fast}")["conditions"]

    assert condition["query"]["params"] == {"lane": "fast"}


@pytest.mark.parametrize(
    ("then", "advance_to"),
    [
        ("third", {"kind": "fixed", "stage_id": "third"}),
        (
            "{branch: [{when: g, is: false, go: third}, {when: h, is: unknown, go: second}], default: second}",
            {
                "kind": "branch",
                "branches": [
                    {"gate_id": "g", "outcome": "false", "next_stage_id": "third"},
                    {"gate_id": "h", "outcome": "unknown", "next_stage_id": "second"},
                ],
                "default": "second",
            },
        ),
        (
            "{branch: [{when: g, is: true, go: second}], default: third, unmet: true}",
            {
                "kind": "branch",
                "branches": [{"gate_id": "g", "outcome": "true", "next_stage_id": "second"}],
                "default": "third",
                "route_unmet": True,
            },
        ),
    ],
)
def test_a_stage_leads_where_then_says(then, advance_to):
    document = ROUTED % then
    if advance_to.get("stage_id") == "third":
        document = document.replace("  second: {}\n", "")

    assert wire(document)["stages"][0]["advance_to"] == advance_to


@pytest.mark.parametrize(
    ("written", "timeout_ms"),
    [("90s", 90_000), ("15m", 900_000), ("48h", 172_800_000), ("7d", 604_800_000), ("1h30m", 5_400_000), ("250", 250)],
)
def test_a_timeout_is_a_duration_or_milliseconds(written, timeout_ms):
    text = (ONE % "json: path, file: a.json, equals: 1").replace("gate: a", f"gate: a, timeout: {written}")

    assert wire(text)["stages"][0]["timeout"] == {"timeout_ms": timeout_ms, "policy_tags": []}


def test_packets_are_filled_with_their_empty_lists():
    text = (ONE % "json: path, file: a.json, equals: 1").replace(
        "{gate: a}",
        "{gate: a, packets: [{packet_id: p, schema_id: s, content_type: text/plain, payload: {kind: json, value: 1}}]}",
    )

    [packet] = wire(text)["stages"][0]["entry_packets"]
    assert (packet["visibility_labels"], packet["policy_tags"], packet["expiry"]) == ([], [], None)


def test_yaml_words_of_older_versions_are_text():
    [condition] = wire(ONE % "json: path, file: a.json, equals: no")["conditions"]

    assert condition["expected"] == "no"


def test_all_faults_are_told_in_one_go_each_at_its_place():
    text = """\
scenario: release
version: 1
evidence:
  coverage: {json: path, file: c.json, atleast: 85}
  freeze: {time: after, timestmp: "2026-12-20T00:00:00Z", equals: true}
  carol: {jsno: path, file: r.json, equals: true}
stages:
  ship:
    gates:
      window: not freez
    timeout: 48 hours
    on_timeot: fail
"""

    assert faults(text) == [
        (2, 10, "version", "integer `1`"),
        (4, 13, "evidence.coverage", "no comparator (did you mean `at_least`?)"),
        (4, 40, "evidence.coverage.atleast", "unknown parameter `atleast` (did you mean `at_least`?)"),
        (5, 11, "evidence.freeze", "parameter `timestamp` of time.after is missing"),
        (5, 25, "evidence.freeze.timestmp", "unknown parameter `timestmp` (did you mean `timestamp`?)"),
        (6, 10, "evidence.carol", "no provider (did you mean `json`?)"),
        (10, 19, "stages.ship.gates.window", "unknown condition `freez` (did you mean `freeze`?)"),
        (11, 14, "stages.ship.timeout", 'string "48 hours"'),
        (12, 5, "stages.ship.on_timeot", "unknown key `on_timeot` (did you mean `on_timeout`?)"),
    ]


A = "json: path, file: a.json, equals: 1"
BESIDE = "`equals` is a comparator, which stands beside `params`"


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        (ONE % "json: path, env: get, equals: 1", "evidence.a", "`json` and `env` together"),
        (ONE % f"{A}, above: 2", "evidence.a", "`equals` and `above` together"),
        (ONE % "json: path, file: a.json, equals: null", "evidence.a.equals", "null"),
        (ONE % "json: path, file: a.json, one_of: 3", "evidence.a.one_of", "integer `3`"),
        (ONE % "json: path, file: a.json, exists: 1", "evidence.a.exists", "integer `1`"),
        (ONE % "json: pat, file: a.json, equals: 1", "evidence.a.json", "unknown check `pat` (did you mean `path`?)"),
        (ONE % f"{A}, params: {{file: b}}", "evidence.a.params.file", "parameter `file` is given twice"),
        (ONE % f"{A}, lane: verifed", "evidence.a.lane", 'string "verifed" (did you mean `verified`?)'),
        (ONE % f"{A}}}\n  b: {{{A}", "evidence.b", "no gate uses `b`"),
        (ONE % f"{A}}}\n  or: {{{A}", "evidence.or", "`or` is an operator of requirements"),
        ((ONE % A).replace("gate: a", "gate: a and"), "stages.stage.gate", None),
        ((ONE % A).replace("gate: a", "gate: {And: []}"), "stages.stage.gate", None),
        ((ONE % A).replace("gate: a", "gate: 3"), "stages.stage.gate", "integer `3`"),
        ((ONE % A).replace("  stage:", "  end:"), "stages.end", "`end` is the word for the end of a run"),
        ((ONE % A).replace("gate: a", "gate: a, on_timeout: fial"), "stages.stage.on_timeout", None),
        (ROUTED % "thrid", "stages.first.then", "unknown stage `thrid` (did you mean `third`?)"),
        (ROUTED % "3", "stages.first.then", "integer `3`"),
        (ROUTED % "end", "stages.second", "nothing leads to stage `second`"),
        (
            ROUTED % "{branch: [{when: x, is: true, go: second}], default: third}",
            "stages.first.then.branch[0].when",
            "`x` is no gate of this stage",
        ),
        (
            ROUTED % "{branch: [{when: g, is: maybe, go: second}], default: third}",
            "stages.first.then.branch[0].is",
            'string "maybe"',
        ),
        (ROUTED % "{branch: [{when: g, is: true, go: end}]}", "stages.first.then.branch[0].go", "`end`"),
        ("scenario: s\n", "", "no stage"),
        ("scenario: s\nnamespace: 0\nstages: {a: {}}\n", "namespace", "integer `0`"),
        ("scenario: s\nstages: {a: {}}\nstags: {}\n", "stags", "unknown key `stags` (did you mean `stages`?)"),
        ("scenario: s\nstages: {a: {gates: [x]}}\n", "stages.a.gates", "sequence"),
        ("[1]", "", "no mapping"),
        ("scenario: s\nscenario: t\n", "scenario", "duplicate key 'scenario'"),
        (ONE % f"{A}, params: {{equals: 1}}", "evidence.a.params.equals", BESIDE),
        (ONE % f"{A}, jsonpth: $", "evidence.a.jsonpth", "unknown parameter `jsonpth` (did you mean `jsonpath`?)"),
        (ONE % f"{A}, jsonpath: [1]", "evidence.a.jsonpath", "sequence"),
        (ONE % f"{A}, params: {{jsonpath: 5}}", "evidence.a.params.jsonpath", "integer `5`"),
        (ONE % "provider: json, check: pat, equals: 1, params: {}", "evidence.a.check", None),
        (ONE % "json: path, equals: 1", "evidence.a", "parameter `file` of json.path is missing"),
        (ONE % "report: tests.total, file: a, files: [b], equals: 1", "evidence.a", None),
        (ONE % "report: tests.total, file: a, format: xml, equals: 1", "evidence.a.format", 'string "xml"'),
        (ONE % "time: now, at: 5, above: 1", "evidence.a.at", "unknown parameter `at`"),
    ],
)
def test_a_document_that_is_no_scenario_is_refused_where_it_errs(text, path, found):
    told = faults(text)

    assert path in [fault[2] for fault in told]
    assert found is None or found in [fault[3] for fault in told]


def test_two_gates_of_one_name_are_refused_in_whatever_stages_they_are():
    text = ROUTED.replace("second: {}", "second: {gates: {g: a}}") % "second"

    assert [fault[2:] for fault in faults(text)] == [("stages.second.gates.g", "gate `g` exists already")]


def test_a_fault_of_the_wire_form_has_its_place():
    text = '{"scenario_id": "s",\n "namespace_id": 1, "spec_version": "1",\n "stages": [], "conditions": [{}]}'

    with pytest.raises(ScenarioDocumentError) as caught:
        read_scenario(text.encode(), "wire.json")

    [fault] = caught.value.faults
    assert (fault.line, fault.path, caught.value.code) == (3, "conditions[0]", "scenario_document")


def test_a_fault_of_a_packet_in_wire_form_is_placed_in_the_short_document():
    text = (ONE % A).replace("{gate: a}", "{gate: a, packets: [{packet_id: p}]}")

    [fault] = faults(text)
    assert fault[2] == "stages.stage.packets[0]"


def test_nesting_deeper_than_the_limit_is_refused():
    text = "scenario: s\nstages: {a: {}}\npolicies: " + "[" * 70 + "]" * 70

    assert [fault[3] for fault in faults(text)] == ["a document nested too deeply"]


@pytest.mark.parametrize(
    ("number", "found", "allowed"),
    [
        ("1e999", "a number is beyond the range of a double", "a finite number up to 1.7976931348623157e308"),
        ("18446744073709551616", "an integer has at most 64 bits", "a whole number from -2^63 to 2^64-1"),
        (".inf", "infinity and not-a-number have no JSON value", "a finite number up to 1.7976931348623157e308"),
    ],
)
def test_a_number_without_a_json_value_has_its_place_and_path(number, found, allowed):
    text = f"scenario: s\nevidence:\n  a: {{json: path, file: f, one_of: [1, {number}]}}\n"

    with pytest.raises(ScenarioDocumentError) as caught:
        read_scenario(text.encode(), "s.yaml")

    assert caught.value.faults == (
        Fault(
            file="s.yaml",
            line=3,
            column=40,
            path="evidence.a.one_of[1]",
            found=found,
            allowed=f"{allowed}, or a text in quotes",
        ),
    )
