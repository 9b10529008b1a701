"""The bytes of a usage rider carry any charge of any tenant."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.enterprise.usage.charge_body import ChargeBody, Mode, charge_rider, decode_charge, details_of
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.testing.usage_meters import metered_call

NUMBERS = st.integers(1, 2**64 - 1)
WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@given(NUMBERS, st.none() | NUMBERS, st.sampled_from(Metric), st.integers(0, 2**53), WORDS, st.booleans())
def test_what_is_written_is_read(tenant_id, namespace_id, metric, units, operation, is_due):
    charge = Charge(metric=metric, units=units, operation=operation, is_due=is_due)
    call = attrs.evolve(metered_call(charge, tenant_id=tenant_id), namespace_id=namespace_id)

    rider = charge_rider(call, tenant_id, charge)
    body = decode_charge(rider.body)

    assert rider.key == f"{tenant_id}/{metric.value}/{operation}"
    assert body == ChargeBody(
        tenant_id=tenant_id,
        namespace_id=namespace_id,
        metric=metric,
        units=units,
        mode=Mode.BILL_DUE if is_due else Mode.BILL,
        details=body.details,
    )
    assert details_of(body.details) == {
        "at_ms": call.at_ms,
        "namespace_id": call.namespace_id,
        "principal_id": call.principal.id,
        "server_correlation_id": call.server_correlation_id,
        "tool": call.tool,
    }
