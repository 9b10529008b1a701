"""Addresses that a caller may make the server talk to (deviation X8)."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from decision_gate.mcp.net.addresses import forbidden_kind


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("0.0.0.0", "unspecified"),  # noqa: S104 - judged, not bound
        ("0.1.2.3", "unspecified"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "shared"),
        ("100.100.100.200", "shared"),
        ("100.127.255.255", "shared"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("169.254.169.254", "link-local"),
        ("169.254.170.2", "link-local"),
        ("168.63.129.16", "platform"),
        ("192.0.0.192", "reserved"),
        ("192.0.2.1", "reserved"),
        ("192.88.99.1", "reserved"),
        ("198.18.0.1", "reserved"),
        ("198.51.100.1", "reserved"),
        ("203.0.113.1", "reserved"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("fec0::1", "private"),
        ("fe80::1", "link-local"),
        ("febf::1", "link-local"),
        ("ff02::1", "multicast"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::ffff:0:10.0.0.1", "private"),
        ("::127.0.0.1", "loopback"),
        ("::a9fe:a9fe", "link-local"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b:1::1", "translated"),
        ("2002:7f00:1::", "loopback"),
        ("2002:a9fe:a9fe::1", "link-local"),
        ("2002:c0a8:101::1", "private"),
        ("2001:0:1:2::", "translated"),
        ("2001:2::1", "reserved"),
        ("2001:10::1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("3fff::1", "reserved"),
        ("2a00:1450::5efe:127.0.0.1", "loopback"),
        ("2a00:1450::200:5efe:10.0.0.1", "private"),
        ("100::1", "reserved"),
        ("5f00::1", "reserved"),
        ("4000::1", "reserved"),
    ],
)
def test_an_address_that_is_not_public_is_forbidden(address, kind):
    assert forbidden_kind(ip_address(address)) == kind


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.17",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::200e",
        "2001:4860:4860::8888",
        "2001:200::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2a00:1450::5efe:8.8.8.8",
    ],
)
def test_a_public_address_is_not(address):
    assert forbidden_kind(ip_address(address)) is None


EMBEDDINGS = [
    lambda number: 0xFFFF << 32 | number,
    lambda number: 0xFFFF << 48 | number,
    lambda number: 0x64FF9B << 96 | number,
    lambda number: 0x2002 << 112 | number << 80 | 1,
    lambda number: 0x2A00 << 112 | 0x5EFE << 32 | number,
]


@given(st.integers(0, 2**32 - 1), st.sampled_from(EMBEDDINGS))
def test_an_address_in_another_is_judged_as_by_itself(number, embed):
    assert forbidden_kind(IPv6Address(embed(number))) == forbidden_kind(IPv4Address(number))


PUBLIC_ALL_THE_SAME = [
    ip_network(network)
    for network in (
        *("192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32"),
        *("2001:4:112::/48", "2001:20::/28", "2001:30::/28"),
    )
]
"""Parts of special networks that are reachable; Python knows them since 3.11.10 only."""


@given(st.ip_addresses())
def test_what_python_holds_for_local_is_never_public(address):
    assume(not any(address in network for network in PUBLIC_ALL_THE_SAME))
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        mapped = getattr(address, "ipv4_mapped", None)
        assert forbidden_kind(address) is not None or mapped is not None
