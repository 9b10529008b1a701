"""The conformance suite of ``UsageMeter``."""

import attrs
import pytest

from decision_gate.mcp.hooks.usage_meter import USAGE, Charge, MeteredCall, Metric, UsageMeter
from decision_gate.mcp.testing.principals import token_principal


def metered_call(*charges: Charge, tenant_id: int = 7) -> MeteredCall:
    """Return a call of tenant 7 that costs *charges*."""
    return MeteredCall(
        principal=token_principal(billing_tenant=tenant_id),
        tool="scenario_next",
        tenant_id=tenant_id,
        namespace_id=12,
        server_correlation_id="dg-0000000000000000-0000000000000001",
        at_ms=1_760_000_000_000,
        charges=charges,
    )


class UsageMeterConformance:
    """What every ``UsageMeter`` must do; a plug-in overrides ``meter`` with one whose quotas leave room."""

    @pytest.fixture
    def meter(self) -> UsageMeter:
        """Return a fresh meter; a plug-in overrides this."""
        raise NotImplementedError

    def test_admission_within_quota_has_a_reason_and_can_be_asked_again(self, meter: UsageMeter) -> None:
        for metric in Metric:
            charge = Charge(metric=metric, units=1, operation="one")
            call = metered_call(charge)

            assert [meter.admit(call, charge).allowed for _ in range(3)] == [True, True, True]
            assert meter.admit(call, charge).reason

    def test_riders_are_of_the_one_kind_and_made_purely(self, meter: UsageMeter) -> None:
        call = metered_call(*(Charge(metric=metric, units=1, operation="one") for metric in Metric))

        riders = meter.riders(call)

        assert {rider.kind for rider in riders} <= {USAGE}
        assert list(meter.riders(call)) == list(riders)

    def test_every_counted_charge_has_one_rider_of_its_own(self, meter: UsageMeter) -> None:
        counted = [Charge(metric=metric, units=1, operation="one") for metric in Metric if metric in meter.metrics]

        riders = meter.riders(metered_call(*counted))

        assert len({rider.key for rider in riders}) == len(riders) == len(counted)

    def test_another_operation_or_tenant_is_another_key(self, meter: UsageMeter) -> None:
        for metric in meter.metrics:
            one = Charge(metric=metric, units=1, operation="one")
            keys = {
                rider.key
                for call in (
                    metered_call(one),
                    metered_call(attrs.evolve(one, operation="two")),
                    metered_call(one, tenant_id=8),
                )
                for rider in meter.riders(call)
            }

            assert len(keys) == 3

    def test_a_call_that_costs_nothing_writes_nothing(self, meter: UsageMeter) -> None:
        assert [*meter.riders(metered_call()), *meter.reserve(metered_call()), *meter.release(metered_call())] == []

    def test_room_is_reserved_and_released_by_riders_of_the_same_kind(self, meter: UsageMeter) -> None:
        call = metered_call(Charge(metric=Metric.STORAGE_BYTES, units=1, operation="one"))

        riders = [*meter.reserve(call), *meter.release(call)]

        assert {rider.kind for rider in riders} <= {USAGE}
        assert [*meter.reserve(call), *meter.release(call)] == riders
