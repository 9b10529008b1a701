"""Which IP addresses a caller may make the server talk to: public ones, and nothing that leads elsewhere.

The tables are written down instead of asked of ``ipaddress``, whose answers differ between Python versions. Sources:
the IANA special-purpose address registries, RFC 6052 (NAT64), RFC 3056 (6to4), RFC 5214 (ISATAP).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_V4 = {
    "unspecified": ("0.0.0.0/8",),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    "shared": ("100.64.0.0/10",),  # carrier-grade NAT; a cloud's metadata service lives here too
    "loopback": ("127.0.0.0/8",),
    "link-local": ("169.254.0.0/16",),  # metadata services
    "platform": ("168.63.129.16/32",),  # Azure's host agent, on an address that looks public
    "reserved": (
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
    ),
    "multicast": ("224.0.0.0/4",),
}
_V6 = {
    "unspecified": ("::/128",),
    "loopback": ("::1/128",),
    "private": ("fc00::/7", "fec0::/10"),
    "link-local": ("fe80::/10",),
    "multicast": ("ff00::/8",),
    "translated": ("64:ff9b:1::/48", "2001::/32"),  # a network's own NAT64, Teredo: the real target is not told
    "reserved": ("2001::/23", "2001:db8::/32", "3fff::/20"),
}
_V4_NETWORKS = tuple((IPv4Network(net), kind) for kind, nets in _V4.items() for net in nets)
_V6_NETWORKS = tuple((IPv6Network(net), kind) for kind, nets in _V6.items() for net in nets)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_LOW_32 = 0xFFFF_FFFF
# Prefixes whose addresses hold an IPv4 address, and how many bits follow it.
_EMBEDDING = (
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated, RFC 2765
    (IPv6Network("::/96"), 0),  # compatible
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("2002::/16"), 80),  # 6to4
)
_ISATAP = frozenset((0x0000_5EFE, 0x0200_5EFE))


def forbidden_kind(address: Address) -> str | None:
    """Return what is wrong with an address (``loopback``, ``link-local``, …), None when it is a public one.

    An IPv6 address that holds an IPv4 address is judged by that.
    """
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in _V4_NETWORKS if address in network), None)
    for network6, kind in _V6_NETWORKS:
        if address in network6:
            return kind
    number = int(address)
    for network6, bits_after in _EMBEDDING:
        if address in network6:
            return forbidden_kind(IPv4Address(number >> bits_after & _LOW_32))
    if address not in _GLOBAL_UNICAST:
        return "reserved"
    if number >> 32 & _LOW_32 in _ISATAP:
        return forbidden_kind(IPv4Address(number & _LOW_32))
    return None
