"""Whose share a request is admitted into, before anything in it is believed.

Who sends a request is known only after it was authenticated and its tenant judged, which costs what admission is to
protect. So a request is admitted as what the last one of its connection turned out to be, else the last one with its
credential, else as its peer. Nothing is decided by this but an order: an attacker who was never let in stays in the
share of its address, whatever credentials it invents (deviation X2). A connection that speaks for several callers is
told apart by their credentials.
"""

import hashlib
from collections import OrderedDict
from typing import Final, TypeVar

import attrs

from decision_gate.mcp.hooks.request import TENANT, RequestContext, Sender

REMEMBERED: Final = 8192
"""Connections, and likewise credentials, that are remembered at once."""

_K = TypeVar("_K")

Client = tuple[str, int] | None
"""Address and port of the TCP peer."""


@attrs.frozen(cache_hash=True)
class ShareName:
    """Whose share: a tenant's or a principal's, ``peer`` and its address for those who were not let in yet."""

    kind: str
    key: str

    @property
    def is_tenant(self) -> bool:
        """Whether it is the share of a tenant that was judged, which is remembered; the others come and go."""
        return self.kind == TENANT


@attrs.frozen(kw_only=True, cache_hash=True)
class Origin:
    """What one request can be recognised by; the credential only as a digest."""

    client: Client
    credential: bytes | None

    @classmethod
    def of(cls, client: Client, request: RequestContext) -> "Origin":
        """Describe a request."""
        shown = request.client_subject if request.auth_header is None else request.auth_header
        return cls(client=client, credential=None if shown is None else hashlib.sha256(shown.encode()).digest())


@attrs.define
class Shares:
    """Remembers senders. Used on the event loop only."""

    _origins: OrderedDict[Origin, ShareName] = attrs.field(factory=OrderedDict, init=False)
    _credentials: OrderedDict[bytes, ShareName] = attrs.field(factory=OrderedDict, init=False)

    def of(self, origin: Origin) -> ShareName:
        """Return the share of a request."""
        known = self._origins.get(origin)
        if known is None and origin.credential is not None:
            known = self._credentials.get(origin.credential)
        return ShareName("peer", origin.client[0] if origin.client else "") if known is None else known

    def learn(self, origin: Origin, sender: Sender) -> None:
        """Remember what the sender of a request turned out to be, if it was let in."""
        if sender.share is None:
            return
        share = ShareName(*sender.share)
        _remember(self._origins, origin, share)
        if origin.credential is not None:
            _remember(self._credentials, origin.credential, share)


def _remember(known: OrderedDict[_K, ShareName], key: _K, share: ShareName) -> None:
    known[key] = share
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
