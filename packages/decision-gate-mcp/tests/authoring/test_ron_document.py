"""RON: the wire form in other brackets."""

import pytest

from decision_gate.core.codec import canonical_record
from decision_gate.mcp.authoring import DocumentLanguage, ScenarioDocumentError, read_scenario

WIRE = b"""\
{"scenario_id": "s", "namespace_id": 1, "spec_version": "1", "default_tenant_id": null, "policies": [], "schemas": [],
 "stages": [{"stage_id": "a", "entry_packets": [], "advance_to": {"kind": "terminal"}, "timeout": {"timeout_ms": 4096,
   "policy_tags": []}, "on_timeout": "fail", "gates": [{"gate_id": "g", "requirement":
     {"And": [{"Condition": "c"}, {"Not": {"RequireGroup": {"min": 1, "reqs": [{"Condition": "c"}]}}}]}}]}],
 "conditions": [{"condition_id": "c", "query": {"provider_id": "json", "check_id": "path",
   "params": {"file": "a\\nb", "deep": [1, -2.5, true, null, {"k \\u00e9": 255}]}},
   "comparator": "in_set", "expected": [1000.0, "r\\"w"], "policy_tags": []}]}
"""

RON = """\
#![enable(implicit_some)]
// the same scenario /* and no comment
ScenarioSpec(
    scenario_id: ScenarioId("s"), namespace_id: 1, spec_version: "1",
    default_tenant_id: None, policies: [], schemas: [],
    stages: [
        (stage_id: "a", entry_packets: [], advance_to: (kind: "terminal"), on_timeout: fail,
         timeout: Some((timeout_ms: 4_096, policy_tags: [])), /* nested /* comment */ */
         gates: [(gate_id: "g", requirement: And([
            Condition("c"),
            Not(RequireGroup(reqs: [Condition("c")], min: 1)),
         ]))]),
    ],
    conditions: [
        (condition_id: "c",
         query: (provider_id: "json", check_id: "path",
                 params: Some({"file": "a\\nb", "deep": [1, -2.5, true, (), {"k \\u{e9}": 0xFF,},],})),
         comparator: in_set, expected: [1e3, r#"r"w"#], policy_tags: []),
    ],
)
"""


def test_both_brackets_are_one_scenario():
    authored = read_scenario(RON.encode(), "release.RON")

    assert canonical_record(authored.spec) == canonical_record(read_scenario(WIRE, "release.json").spec)
    assert authored == read_scenario(RON.encode(), "release", DocumentLanguage.RON)


@pytest.mark.parametrize(
    ("changed", "instead", "fault"),
    [
        ('provider_id: "json"', "provider_id: 5", "s.ron:16:31: conditions[0].query.provider_id: "),
        (
            'Not(RequireGroup(reqs: [Condition("c")], min: 1))',
            "Not(Condtion(5))",
            "s.ron:11:16: stages[0].gates[0].requirement.And[1].Not: ",
        ),
        ('gate_id: "g"', 'gate_id: "g", gate_id: "h"', "s.ron:9:33: duplicate key `gate_id`"),
        ("namespace_id: 1", "namespace_id: 18446744073709551616", "s.ron:4:49: an integer has at most 64 bits"),
        ("namespace_id: 1", "namespace_id: " + "9" * 5000, "s.ron:4:49: an integer has at most 64 bits"),
        ("1e3", "1e400", "s.ron:18:41: number out of range"),
        ("1e3", "NaN", "s.ron:18:41: infinity and not-a-number have no JSON value"),
        ("1e3", "[" * 70 + "]" * 70, "nested deeper than 64"),
        ("1e3", "(" * 100_000, "nested deeper than 64"),
        ("1e3", '"\\u{d800}"', "an escape that is none: \\u{d800}"),
        ("*/ */", "*/", "s.ron:8:63: a comment without end"),
        ("stage_id:", "stage_id", "s.ron:7:19: neither `,` nor `)`"),
        ('Condition("c"),', "Condition(),", "`Condition` without content"),
        ("// the same", "[] // the same", "s.ron:3:1: text after the document"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(changed, instead, fault):
    assert changed in RON

    with pytest.raises(ScenarioDocumentError) as refused:
        read_scenario(RON.replace(changed, instead, 1).encode(), "s.ron")

    assert fault in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"(", b"()", b"\xff", b"Name", b'"', b"{a: 1}", b"/*", b"0x_", b"'", b"r#"])
def test_what_is_no_document_is_refused(content):
    with pytest.raises(ScenarioDocumentError):
        read_scenario(content, "s.ron")


def test_a_chosen_language_is_the_only_one():
    with pytest.raises(ScenarioDocumentError) as refused:
        read_scenario(RON.encode(), "s.ron", DocumentLanguage.JSON)

    assert "s.ron:1:1: expected value" in str(refused.value)
