"""The one guard between a URL that somebody else chose and a connection (deviation X8).

A name is resolved once, every address it has is judged, and the connection goes to an address that was judged: a name
server that answers otherwise a moment later changes nothing. A redirect is a request like any other and is judged
again, for it is the connection that is guarded and not the text.
"""

import socket
from collections.abc import Callable, Iterable
from ipaddress import ip_address

import attrs

from decision_gate.mcp.net.addresses import Address, forbidden_kind
from decision_gate.mcp.net.errors import AddressForbiddenError, HostUnresolvedError

Resolve = Callable[[str, int], Iterable[str]]
"""Give the addresses of a host as text; raises ``OSError`` when there are none."""


def resolve_by_system(host: str, port: int) -> Iterable[str]:
    """Ask the system's resolver; an address is its own answer, in every spelling that the system reads."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@attrs.frozen(kw_only=True)
class AddressGuard:
    """Decides where a connection may go.

    Attributes:
        permitted_hosts: hosts that the configuration names, normalised by ``normal_host``: they may have any address.
        resolve: finds the addresses.
    """

    permitted_hosts: frozenset[str] = frozenset()
    resolve: Resolve = resolve_by_system

    def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """Return the addresses to connect to, in the resolver's order.

        Raises:
            AddressForbiddenError: one of them is not public; the others are not trusted then either.
            HostUnresolvedError: there are none.
        """
        try:
            texts = list(dict.fromkeys(self.resolve(host, port)))
            found = tuple(ip_address(text.partition("%")[0]) for text in texts)
        except (OSError, ValueError) as error:
            raise HostUnresolvedError("url host resolution failed") from error
        if not found:
            raise HostUnresolvedError("url host has no resolved addresses")
        if normal_host(host) not in self.permitted_hosts:
            for address in found:
                if (kind := forbidden_kind(address)) is not None:
                    raise AddressForbiddenError(host, kind)
        return found


def normal_host(host: str) -> str:
    """Spell a host as lists of hosts are looked up: lower case, without brackets and without the last dot."""
    return host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
