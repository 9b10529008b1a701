"""Timestamps have a kind and its range (contract §2.2)."""

import pytest

from decision_gate.core.timestamps import Logical, UnixMillis, timestamp


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("unix_millis", -(2**63), UnixMillis(-(2**63))),
        ("unix_millis", 2**63 - 1, UnixMillis(2**63 - 1)),
        ("logical", 0, Logical(0)),
        ("logical", 2**64 - 1, Logical(2**64 - 1)),
    ],
)
def test_a_timestamp_reaches_both_ends_of_its_range(kind, value, expected):
    assert timestamp(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("unix_millis", -(2**63) - 1, "unix_millis must be in -9223372036854775808 … 9223372036854775807"),
        ("unix_millis", 2**63, "unix_millis must be in -9223372036854775808 … 9223372036854775807"),
        ("logical", -1, "logical must be in 0 … 18446744073709551615"),
        ("logical", 2**64, "logical must be in 0 … 18446744073709551615"),
        ("unix", 0, "unknown timestamp kind unix"),
    ],
)
def test_a_timestamp_outside_of_its_range_or_of_another_kind_is_refused(kind, value, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        timestamp(kind, value)


def test_timestamps_of_two_kinds_are_never_the_same():
    assert UnixMillis(1) != Logical(1)
