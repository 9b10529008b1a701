"""How much of a decision is explained, and to whom (contract §8.1, §8.2)."""

import pytest

from decision_gate.core.json import canonical, parse
from decision_gate.core.limits import MAX_JSON_DEPTH
from decision_gate.mcp.config.feedback import FeedbackLevel, FeedbackTable
from decision_gate.mcp.hooks.principal import Role
from decision_gate.mcp.testing import local_principal, open_test_server, token_principal
from decision_gate.mcp.testing.calls import TIME_PROVIDER, ask, define, start
from decision_gate.mcp.tools.arguments import FeedbackWish
from decision_gate.mcp.tools.call import Place
from decision_gate.mcp.tools.feedback import FeedbackRule, Granted, feedback_value

PLACE = Place(tenant_id=7, namespace_id=12)
LOCAL = local_principal()
TOKEN = token_principal()
AUDITOR = token_principal(roles=(Role(name="Auditor", tenant_id=7),))
STRANGER = token_principal(roles=(Role(name="Auditor", tenant_id=8),))
OPEN = FeedbackTable(max=FeedbackLevel.EVIDENCE, evidence_roles=("Auditor",))


def denied(requested, allowed):
    return f"feedback level denied (requested={requested}, allowed={allowed})"


@pytest.mark.parametrize(
    ("table", "principal", "wish", "expected"),
    [
        (FeedbackTable(), LOCAL, None, Granted(level=FeedbackLevel.TRACE)),
        (FeedbackTable(), TOKEN, None, None),
        (FeedbackTable(), LOCAL, FeedbackWish.SUMMARY, Granted(level=FeedbackLevel.SUMMARY)),
        (
            FeedbackTable(),
            TOKEN,
            FeedbackWish.TRACE,
            Granted(level=FeedbackLevel.SUMMARY, denied_reason=denied("trace", "summary")),
        ),
        (
            FeedbackTable(),
            LOCAL,
            FeedbackWish.EVIDENCE,
            Granted(level=FeedbackLevel.TRACE, denied_reason=denied("evidence", "trace")),
        ),
        (
            FeedbackTable(default=FeedbackLevel.TRACE),
            TOKEN,
            None,
            Granted(level=FeedbackLevel.SUMMARY, denied_reason=denied("trace", "summary")),
        ),
        (OPEN, AUDITOR, FeedbackWish.EVIDENCE, Granted(level=FeedbackLevel.EVIDENCE)),
        (
            OPEN,
            STRANGER,
            FeedbackWish.EVIDENCE,
            Granted(level=FeedbackLevel.SUMMARY, denied_reason=denied("evidence", "summary")),
        ),
        (
            OPEN,
            LOCAL,
            FeedbackWish.EVIDENCE,
            Granted(level=FeedbackLevel.TRACE, denied_reason=denied("evidence", "trace")),
        ),
    ],
)
def test_the_level_is_what_policy_and_wish_allow(table, principal, wish, expected):
    assert FeedbackRule(table=table).grant(principal, PLACE, wish) == expected


def record(error=None):
    result = {"value": {"kind": "json", "value": 1}, "content_type": "t", "evidence_hash": "h", "error": error}
    return canonical({"evaluation": {"gate_id": "g"}, "evidence": [{"condition_id": "c", "result": result}]})


@pytest.mark.parametrize(
    ("is_raw", "error", "expected"),
    [
        (True, None, ({"kind": "json", "value": 1}, "t", "h")),
        (False, None, (None, None, "h")),
        (True, "e", (None, None, None)),
        (False, "e", (None, None, None)),
    ],
)
def test_evidence_is_redacted_by_policy_and_by_error(is_raw, error, expected):
    value = feedback_value(Granted(level=FeedbackLevel.EVIDENCE), [record(error)], lambda _condition: is_raw)

    result = value["gate_records"][0]["evidence"][0]["result"]
    assert (result["value"], result["content_type"], result["evidence_hash"]) == expected
    assert "gate_evaluations" not in value


def test_evidence_as_deep_as_any_way_in_lets_through_is_shown():
    deep = parse(b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH)
    body = canonical({"evaluation": {}, "evidence": [{"condition_id": "c", "result": {"value": {"value": deep}}}]})

    value = feedback_value(Granted(level=FeedbackLevel.EVIDENCE), [body], lambda _condition: True)

    assert value["gate_records"][0]["evidence"][0]["result"]["value"]["value"] == deep


def test_a_trace_holds_evaluations_and_no_evidence():
    value = feedback_value(Granted(level=FeedbackLevel.TRACE), [record()], lambda _condition: True)

    assert value == {"level": "trace", "gate_evaluations": [{"gate_id": "g"}]}


def test_a_summary_holds_nothing_but_its_level():
    assert feedback_value(Granted(level=FeedbackLevel.SUMMARY), [record()], lambda _condition: True) == {
        "level": "summary"
    }


@pytest.mark.parametrize(
    ("toml", "is_shown"),
    [
        ("", False),
        ("[evidence]\nallow_raw_values = true\n", False),
        ("[evidence]\nallow_raw_values = true\nrequire_provider_opt_in = false\n", True),
    ],
)
def test_the_evidence_of_a_run_is_shown_as_the_providers_policy_says(toml, is_shown):
    feedback = '[server.feedback.scenario_next]\nmax = "evidence"\nevidence_subjects = ["loopback"]\n'
    with open_test_server(TIME_PROVIDER + feedback + toml) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        answer = server.call("scenario_next", ask() | {"feedback": "evidence"})

    [entry] = answer["feedback"]["gate_records"][0]["evidence"]
    assert (entry["result"]["value"] is not None) is is_shown
    assert entry["result"]["evidence_hash"]["value"] == (
        "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"
    )


def needed(server, level, **more):
    """Return the reasons of a hold at a level: the window of the worked scenario opens at 1000."""
    wish = {} if level is None else {"feedback": level}
    answer = server.call("scenario_next", {**ask("poll", 500), **wish, "reasons": True, **more})
    return answer.get("feedback", {}).get("reasons")


SHOWN = """
[server.feedback.scenario_next]
max = "evidence"
evidence_subjects = ["loopback"]
"""


def test_reasons_come_as_data_and_say_no_more_than_the_level():
    with open_test_server(TIME_PROVIDER + SHOWN) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        told = {level: needed(server, level) for level in ("summary", "trace", None)}

    reason = {
        "code": "not_yet",
        "class": "transient",
        "gate_id": "g-window",
        "condition_id": "window_open",
        "retry_after_ms": 501,
    }
    more = {**reason, "message": "window_open holds only after 1000", "next": ["wait, then evaluate again"]}
    assert told == {
        "summary": [{**reason, "message": "window_open: transient", "next": []}],
        "trace": [more],
        None: [more],
    }


def test_on_rpc_only_who_asks_is_told_reasons():
    with open_test_server(TIME_PROVIDER) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())

        [asked, unasked, refused] = [needed(server, None, reasons=wish) for wish in (True, None, False)]

    assert (len(asked), unasked, refused) == (1, None, None)


def test_a_caller_without_feedback_is_told_no_reasons():
    auth = '[server.auth]\nmode = "bearer_token"\nbearer_tokens = ["t"]\n[time]\nsource = "caller"\n'
    bearer = f'[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n{auth}'
    with open_test_server(TIME_PROVIDER + bearer) as server:
        for tool, arguments in (("scenario_define", define()), ("scenario_start", start())):
            server.call(tool, arguments, auth_header="Bearer t")

        answer = server.call("scenario_next", {**ask("poll", 500), "reasons": True}, auth_header="Bearer t")

    assert "feedback" not in answer


def test_a_gate_that_passes_has_no_reasons():
    with open_test_server(TIME_PROVIDER) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())

        answer = server.call("scenario_next", {**ask("poll", 5000), "reasons": True})

    assert answer["feedback"]["reasons"] == []
