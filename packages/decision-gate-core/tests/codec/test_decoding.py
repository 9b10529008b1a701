"""What is accepted as a record and what is refused, in the words of the wire (contract §1.6, §16.6)."""

import pytest

from decision_gate.core import model, timestamps
from decision_gate.core.codec import DecodeError, canonical_record, decode
from decision_gate.core.json import parse
from decision_gate.core.testing.worked_example import FILES

ACCEPTED = [
    ("EvidenceQuery", '{"provider_id":"p","check_id":"c","params":null,"zz":1}', '{"check_id":"c","provider_id":"p"}'),
    (
        "EvidenceResult",
        "{}",
        (
            '{"content_type":null,"error":null,"evidence_anchor":null,"evidence_hash":null,"evidence_ref":null,'
            '"lane":"verified","signature":null,"value":null}'
        ),
    ),
    (
        "ConditionSpec",
        (
            '{"condition_id":"c","query":{"provider_id":"p","check_id":"k"},"comparator":"exists","policy_tags":[],'
            '"trust":null}'
        ),
        (
            '{"comparator":"exists","condition_id":"c","expected":null,"policy_tags":[],'
            '"query":{"check_id":"k","provider_id":"p"}}'
        ),
    ),
    ("GateSpec", '{"gate_id":"g","requirement":{"And":[]}}', '{"gate_id":"g","requirement":{"And":[]}}'),
    (
        "DataShapeRecord",
        (
            '{"tenant_id":1,"namespace_id":1,"schema_id":"s","version":"1","schema":null,'
            '"created_at":{"kind":"logical","value":0}}'
        ),
        (
            '{"created_at":{"kind":"logical","value":0},"description":null,"namespace_id":1,"schema":null,'
            '"schema_id":"s","tenant_id":1,"version":"1"}'
        ),
    ),
    ("TrustRequirement", '{"min_lane":{"asserted":null}}', '{"min_lane":"asserted"}'),
    (
        "RunConfig",
        (
            '{"tenant_id":1,"namespace_id":18446744073709551615,"run_id":"r","scenario_id":"s","policy_tags":[],'
            '"dispatch_targets":[{"kind":"agent","agent_id":"a"},{"kind":"session","session_id":"s"},'
            '{"kind":"external","system":"y","target":"t"},{"kind":"channel","channel":"c"}]}'
        ),
        (
            '{"dispatch_targets":[{"agent_id":"a","kind":"agent"},{"kind":"session","session_id":"s"},'
            '{"kind":"external","system":"y","target":"t"},{"channel":"c","kind":"channel"}],'
            '"namespace_id":18446744073709551615,"policy_tags":[],"run_id":"r","scenario_id":"s","tenant_id":1}'
        ),
    ),
    (
        "DecisionRecord",
        (
            '{"decision_id":"d","seq":1,"trigger_id":"t","stage_id":"a","decided_at":{"kind":"logical","value":0},'
            '"outcome":{"kind":"fail","reason":"r"}}'
        ),
        (
            '{"correlation_id":null,"decided_at":{"kind":"logical","value":0},"decision_id":"d",'
            '"outcome":{"kind":"fail","reason":"r"},"seq":1,"stage_id":"a","trigger_id":"t"}'
        ),
    ),
    (
        "ToolCallError",
        (
            '{"code":"c","message":"m","details":{"kind":"provider_missing","missing_providers":["p"],'
            '"required_capabilities":[],"blocked_by_policy":false}}'
        ),
        (
            '{"code":"c","details":{"blocked_by_policy":false,"kind":"provider_missing","missing_providers":["p"],'
            '"required_capabilities":[]},"message":"m"}'
        ),
    ),
    (
        "ToolCallError",
        '{"code":"c","message":"m","details":{"kind":"message","info":"i"}}',
        '{"code":"c","details":{"info":"i","kind":"message"},"message":"m"}',
    ),
    (
        "PrecheckRequest",
        '{"evidence":{"b":{"lane":"asserted"}}}',
        (
            '{"evidence":{"b":{"content_type":null,"error":null,"evidence_anchor":null,"evidence_hash":null,'
            '"evidence_ref":null,"lane":"asserted","signature":null,"value":null}},"stage_id":null}'
        ),
    ),
]

REFUSED = [
    ("EvidenceResult", '{"lane":null}', "lane", "invalid type: null, expected string or map"),
    ("EvidenceResult", '{"value":{"kind":"json"}}', "value", "missing field `value`"),
    (
        "EvidenceResult",
        '{"value":{"kind":"bytes","value":[256]}}',
        "value.value[0]",
        "invalid value: integer `256`, expected u8",
    ),
    ("EvidenceResult", '{"value":{}}', "value", "missing field `kind`"),
    ("EvidenceResult", '{"value":{"kind":5}}', "value.kind", "invalid type: integer `5`, expected variant identifier"),
    ("EvidenceResult", '{"value":{"kind":"x"}}', "value.kind", "unknown variant `x`, expected `json` or `bytes`"),
    ("EvidenceResult", '{"value":[]}', "value", "invalid type: sequence, expected internally tagged enum"),
    (
        "AnchorRequirement",
        '{"anchor_type":"t","required_fields":"x"}',
        "required_fields",
        'invalid type: string "x", expected a sequence',
    ),
    (
        "AnchorRequirement",
        '{"anchor_type":"t","required_fields":[1]}',
        "required_fields[0]",
        "invalid type: integer `1`, expected a string",
    ),
    (
        "PrecheckRequest",
        '{"evidence":{"a":{"lane":1}}}',
        "evidence.a.lane",
        "invalid type: integer `1`, expected string or map",
    ),
    ("PacketRecord", '{"payload":{"kind":"json"}}', "", "missing field `envelope`"),
    (
        "SubmissionRecord",
        '{"submission_id":"s","run_id":"r","payload":{"kind":"bytes","bytes":"AA=="}}',
        "payload.bytes",
        'invalid type: string "AA==", expected a sequence',
    ),
    (
        "SubmissionRecord",
        (
            '{"submission_id":"s","run_id":"r","payload":{"kind":"external","content_ref":{"uri":"u",'
            '"content_hash":{"algorithm":"md5","value":""}}}}'
        ),
        "payload.content_ref.content_hash.algorithm",
        "unknown variant `md5`, expected `sha256`",
    ),
    ("TimeoutSpec", '{"timeout_ms":1}', "", "missing field `policy_tags`"),
    (
        "TimeoutSpec",
        '{"timeout_ms":1.0,"policy_tags":[]}',
        "timeout_ms",
        "invalid type: floating point `1.0`, expected u64",
    ),
    ("TimeoutSpec", '{"timeout_ms":-1,"policy_tags":[]}', "timeout_ms", "invalid value: integer `-1`, expected u64"),
    ("TimeoutSpec", '{"timeout_ms":true,"policy_tags":[]}', "timeout_ms", "invalid type: boolean `true`, expected u64"),
    ("RunConfig", '{"tenant_id":0}', "tenant_id", "invalid value: integer `0`, expected a nonzero u64"),
    ("RunConfig", '{"tenant_id":"1"}', "tenant_id", 'invalid type: string "1", expected a nonzero u64'),
    ("RunConfig", '{"tenant_id":"a\\\\b"}', "tenant_id", 'invalid type: string "a\\\\b", expected a nonzero u64'),
    (
        "RunConfig",
        '{"tenant_id":1,"namespace_id":1,"run_id":"r","scenario_id":"s","dispatch_targets":[]}',
        "",
        "missing field `policy_tags`",
    ),
    (
        "DecisionRecord",
        (
            '{"decision_id":"d","seq":1,"trigger_id":"t","stage_id":"a","decided_at":{"kind":"logical","value":0},'
            '"outcome":{"kind":"advance","from_stage":"a","to_stage":"b","timeout":1}}'
        ),
        "outcome.timeout",
        "invalid type: integer `1`, expected a boolean",
    ),
    ("PrecheckRequest", '{"evidence":[]}', "evidence", "invalid type: sequence, expected a map"),
    (
        "GateSpec",
        '{"gate_id":"g","requirement":{"And":[{"RequireGroup":{"min":-1,"reqs":[]}}]}}',
        "requirement.And[0].RequireGroup.min",
        "invalid value: integer `-1`, expected u8",
    ),
    (
        "GateSpec",
        '{"gate_id":"g","requirement":{"and":[]}}',
        "requirement",
        "unknown variant `and`, expected one of `And`, `Or`, `Not`, `RequireGroup`, `Condition`",
    ),
    (
        "StageSpec",
        '{"stage_id":"s","entry_packets":[],"gates":[],"advance_to":{"kind":"fixed"},"on_timeout":"fail"}',
        "advance_to",
        "missing field `stage_id`",
    ),
    (
        "StageSpec",
        (
            '{"stage_id":"s","entry_packets":[],"gates":[],"advance_to":{"kind":"branch","branches":[{"gate_id":"g",'
            '"outcome":"True","next_stage_id":"s"}]},"on_timeout":"fail"}'
        ),
        "advance_to.branches[0].outcome",
        "unknown variant `True`, expected one of `true`, `false`, `unknown`",
    ),
    (
        "TriggerEvent",
        '{"trigger_id":"t","tenant_id":1,"namespace_id":1,"run_id":"r","kind":"AgentRequestNext"}',
        "kind",
        (
            "unknown variant `AgentRequestNext`, expected one of `agent_request_next`, `tick`, `external_event`, "
            "`backend_event`"
        ),
    ),
    (
        "StatusRequest",
        '{"run_id":"r","tenant_id":1,"namespace_id":1,"requested_at":{"kind":"logical","value":-1}}',
        "requested_at.value",
        "invalid value: integer `-1`, expected u64",
    ),
    (
        "StatusRequest",
        '{"run_id":"r","tenant_id":1,"namespace_id":1,"requested_at":{"kind":"unix_millis"}}',
        "requested_at",
        "missing field `value`",
    ),
    ("ScenarioSpec", "[]", "", "invalid type: sequence, expected struct ScenarioSpec"),
    ("ScenarioSpec", "null", "", "invalid type: null, expected struct ScenarioSpec"),
    (
        "ScenarioSpec",
        '{"scenario_id":"s","namespace_id":"a\\u0001\\n"}',
        "namespace_id",
        'invalid type: string "a\\u{1}\\n", expected a nonzero u64',
    ),
]


def record_type(name):
    return getattr(model, name, None) or getattr(timestamps, name)


@pytest.mark.parametrize(("name", "text", "canonical"), ACCEPTED)
def test_a_record_is_written_again_with_its_nulls_and_without_what_is_unknown(name, text, canonical):
    assert canonical_record(decode(record_type(name), parse(text))).decode() == canonical


@pytest.mark.parametrize(("name", "text", "path", "reason"), REFUSED)
def test_what_is_no_record_is_refused_with_its_place_and_its_reason(name, text, path, reason):
    with pytest.raises(DecodeError) as refused:
        decode(record_type(name), parse(text))

    assert (refused.value.code, refused.value.path, refused.value.reason) == ("decode", path, reason)
    assert str(refused.value) == (f"{path}: {reason}" if path else reason)


@pytest.mark.parametrize(
    ("artifact", "name"),
    [
        ("triggers", "TriggerRecord"),
        ("gate_evals", "GateEvalRecord"),
        ("decisions", "DecisionRecord"),
        ("packets", "PacketRecord"),
        ("submissions", "SubmissionRecord"),
        ("tool_calls", "ToolCallRecord"),
    ],
)
def test_every_record_of_a_run_pack_comes_back_byte_for_byte(artifact, name):
    stored = (FILES / f"artifacts/{artifact}.json").read_bytes()

    records = [decode(record_type(name), value) for value in parse(stored)]

    assert b"[" + b",".join(canonical_record(record) for record in records) + b"]" == stored


@pytest.mark.parametrize(
    ("kind", "smallest", "largest", "expected"),
    [("unix_millis", -(2**63), 2**63 - 1, "i64"), ("logical", 0, 2**64 - 1, "u64")],
)
def test_a_time_has_the_range_of_its_kind(kind, smallest, largest, expected):
    def request(value):
        time = {"kind": kind, "value": value}
        return {"run_id": "r", "tenant_id": 1, "namespace_id": 1, "requested_at": time}

    for value in (smallest, largest):
        assert decode(model.StatusRequest, request(value)).requested_at.value == value
    for value in (smallest - 1, largest + 1):
        with pytest.raises(DecodeError) as refused:
            decode(model.StatusRequest, request(value))
        assert refused.value.reason == f"invalid value: integer `{value}`, expected {expected}"


def test_the_number_of_a_tenant_has_64_bits():
    with pytest.raises(DecodeError, match="expected a nonzero u64"):
        decode(model.RunConfig, {"tenant_id": 2**64})


def test_a_manifest_comes_back_byte_for_byte():
    stored = (FILES / "manifest.json").read_bytes()

    assert canonical_record(decode(model.RunpackManifest, parse(stored))) == stored
