"""The ``time`` provider (contract §1.2)."""

import pytest

from decision_gate.core.model import EvidenceAnchor, EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports.evidence import EvidenceProviderFailureError
from decision_gate.core.timestamps import Logical, UnixMillis
from decision_gate.mcp.evidence.time_provider import TimeProvider, TimeSettings

NOON = 1_704_196_800_000  # 2024-01-02T12:00:00Z


def ask(check_id, params, now, *, allow_logical=True):
    context = EvidenceContext(
        tenant_id=1,
        namespace_id=1,
        run_id="run",
        scenario_id="scenario",
        stage_id="stage",
        trigger_id="trigger",
        trigger_time=now,
    )
    query = EvidenceQuery(provider_id="time", check_id=check_id, params=params)
    return TimeProvider(TimeSettings(allow_logical=allow_logical)).query(query, context)


def value(check_id, timestamp, now):
    return ask(check_id, {"timestamp": timestamp}, now).value.value


def failure(check_id, params, now, **settings):
    with pytest.raises(EvidenceProviderFailureError) as caught:
        ask(check_id, params, now, **settings)
    return caught.value.message


@pytest.mark.parametrize("params", [None, {}, {"timestamp": 1}, []])
def test_now_is_the_time_of_the_trigger_whatever_the_params(params):
    assert ask("now", params, UnixMillis(NOON)) == EvidenceResult(
        value=JsonEvidence(value=NOON),
        evidence_anchor=EvidenceAnchor(anchor_type="trigger_time_unix_millis", anchor_value=str(NOON)),
        content_type="application/json",
    )


def test_logical_time_has_an_anchor_of_its_own():
    assert ask("after", {"timestamp": 6}, Logical(7)) == EvidenceResult(
        value=JsonEvidence(value=True),
        evidence_anchor=EvidenceAnchor(anchor_type="trigger_time_logical", anchor_value="7"),
        content_type="application/json",
    )


@pytest.mark.parametrize(
    ("timestamp", "after", "before"),
    [
        (NOON - 1, True, False),
        (NOON, False, False),
        (NOON + 1, False, True),
        ("2024-01-02T11:59:59.999Z", True, False),
        ("2024-01-02T12:00:00Z", False, False),
        ("2024-01-02T13:00:00+01:00", False, False),
        ("2024-01-02t12:00:00.000999z", False, False),
        ("2024-01-02T12:00:00.001Z", False, True),
        (-(2**63), True, False),
        (2**63 - 1, False, True),
    ],
)
def test_after_and_before_are_strict(timestamp, after, before):
    now = UnixMillis(NOON)

    assert (value("after", timestamp, now), value("before", timestamp, now)) == (after, before)


@pytest.mark.parametrize(
    ("timestamp", "millis"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.9991Z", 0),
        ("1969-12-31T23:59:59.998Z", -2),
        ("1969-12-31T23:59:59.9985Z", -1),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59.999999999Z", 253_402_300_799_999),
        ("2016-12-31T23:59:60Z", 1_483_228_799_999),
    ],
)
def test_rfc3339_is_cut_to_milliseconds_toward_zero(timestamp, millis):
    now = UnixMillis(millis)

    assert (value("after", timestamp, now), value("before", timestamp, now)) == (False, False)


@pytest.mark.parametrize(
    ("timestamp", "message"),
    [
        ("2024-01-02T12:00:00", "invalid rfc3339 timestamp"),
        ("2024-01-02", "invalid rfc3339 timestamp"),
        ("2024-01-02T12:00:00.Z", "invalid rfc3339 timestamp"),
        ("2024-01-02T24:00:00Z", "invalid rfc3339 timestamp"),
        ("2023-02-29T00:00:00Z", "invalid rfc3339 timestamp"),
        ("2024-01-02T00:00:00+0100", "invalid rfc3339 timestamp"),
        (" 2024-01-02T00:00:00Z", "invalid rfc3339 timestamp"),
        ("2024-01-02 00:00:00Z", "invalid rfc3339 timestamp"),
        ("2024-01-02_00:00:00Z", "invalid rfc3339 timestamp"),
        ("1704196800000", "invalid rfc3339 timestamp"),
        ("", "invalid rfc3339 timestamp"),
        (1.0, "invalid numeric timestamp"),
        (1e300, "invalid numeric timestamp"),
        (2**63, "invalid numeric timestamp"),
        (True, "timestamp must be number or string"),
        (None, "timestamp must be number or string"),
        ([], "timestamp must be number or string"),
        ({}, "timestamp must be number or string"),
    ],
)
def test_unix_time_takes_an_integer_or_rfc3339(timestamp, message):
    assert failure("after", {"timestamp": timestamp}, UnixMillis(0)) == message


@pytest.mark.parametrize(
    ("timestamp", "message"),
    [
        ("1", "logical timestamp must be numeric"),
        (True, "logical timestamp must be numeric"),
        (None, "logical timestamp must be numeric"),
        (-1, "logical timestamp must be unsigned"),
        (1.0, "logical timestamp must be unsigned"),
    ],
)
def test_logical_time_takes_an_integer_from_zero_up(timestamp, message):
    assert failure("before", {"timestamp": timestamp}, Logical(0)) == message


def test_logical_time_reaches_64_bits():
    assert value("before", 2**64 - 1, Logical(2**64 - 2))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (None, "time check requires params"),
        ([], "time params must be an object"),
        ("x", "time params must be an object"),
        ({}, "missing timestamp param"),
    ],
)
def test_after_needs_its_params(params, message):
    assert failure("after", params, UnixMillis(0)) == message


def test_the_check_is_judged_before_logical_time_and_that_before_the_params():
    assert failure("later", None, Logical(0), allow_logical=False) == "unsupported time check"
    assert failure("after", None, Logical(0), allow_logical=False) == "logical timestamps are not permitted"
    assert failure("now", None, Logical(0), allow_logical=False) == "logical timestamps are not permitted"
