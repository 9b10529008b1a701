"""The address a server listens on: an IP address and a port, never a host name (contract §3.3)."""

import ipaddress
import re

import attrs

from decision_gate.mcp.config.errors import InvalidConfigError

_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[^:\[\]]+)):(?P<port>[0-9]{1,5})", re.ASCII)
_MAX_PORT = 65_535


@attrs.frozen(kw_only=True)
class BindAddress:
    """A parsed bind address; port 0 lets the system choose."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "BindAddress":
        """Parse ``IP:port`` with IPv6 in brackets. Raise ``InvalidConfigError`` for anything else."""
        found = _ADDRESS.fullmatch(text)
        if found is None or int(found["port"]) > _MAX_PORT:
            raise InvalidConfigError("invalid bind address")
        try:
            host = ipaddress.IPv6Address(found["v6"]) if found["v6"] else ipaddress.IPv4Address(found["v4"])
        except ValueError:
            raise InvalidConfigError("invalid bind address") from None
        return cls(host=str(host), port=int(found["port"]))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect. An IPv4-mapped address is not loopback (contract §4.1)."""
        return is_loopback_ip(self.host)


def is_loopback_ip(text: str) -> bool:
    """Tell whether an address is 127/8 or ::1; a mapped ``::ffff:127.0.0.1`` is not (contract §4.1)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address == ipaddress.IPv6Address("::1")
    return address.is_loopback
