"""Correlation ids (contract §1.6)."""

import re
from itertools import islice

import pytest

from decision_gate.mcp.correlation import client_correlation_id, server_correlation_ids
from decision_gate.mcp.errors import InvalidCorrelationIdError


def test_server_ids_count_up_from_one_behind_their_boot_group():
    ids = server_correlation_ids(bytes.fromhex("9f04d3c1a2b7e650"))

    assert list(islice(ids, 2)) == [
        "dg-9f04d3c1a2b7e650-0000000000000001",
        "dg-9f04d3c1a2b7e650-0000000000000002",
    ]


def test_the_boot_group_is_random():
    first, second = next(server_correlation_ids()), next(server_correlation_ids())

    assert re.fullmatch(r"dg-[0-9a-f]{16}-0000000000000001", first)
    assert first != second


@pytest.mark.parametrize("text", ["a", "x" * 128, "!#$%&'*+-.^_`|~", "  padded\t"])
def test_a_token_is_accepted_in_its_trimmed_form(text):
    assert client_correlation_id(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("", "empty_after_trim"),
        (" \t", "empty_after_trim"),
        ("x" * 129, "too_long"),
        ("é" * 65, "too_long"),
        ("aé", "non_ascii"),
        ("a b", "contains_whitespace"),
        ("a\tb", "contains_whitespace"),
        ("a\x01b", "contains_control_char"),
        ("a\x7fb", "contains_control_char"),
        ("a/b", "contains_disallowed_char"),
        ('a"b', "contains_disallowed_char"),
        ("a/ é", "contains_disallowed_char"),
    ],
)
def test_the_first_offence_in_the_order_of_the_contract_is_the_label(text, label):
    with pytest.raises(InvalidCorrelationIdError) as refused:
        client_correlation_id(text)

    assert refused.value.label == label
