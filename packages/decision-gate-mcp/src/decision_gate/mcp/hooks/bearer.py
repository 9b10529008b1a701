"""Bearer credentials: how the header is read, and the static token list (contract §4.1, deviation X2)."""

import hashlib
import hmac
from collections.abc import Iterable

from decision_gate.mcp.hooks.errors import UnauthenticatedError
from decision_gate.mcp.hooks.principal import BEARER_TOKEN, Principal
from decision_gate.mcp.hooks.principal_table import Principals
from decision_gate.mcp.hooks.request import RequestContext

MAX_HEADER_BYTES = 8192
CHALLENGE = 'Bearer realm="decision-gate"'


def bearer_token(header: str | None) -> str:
    """Return the token of an ``Authorization`` header.

    The scheme is matched whatever its case and ends at the first space; a tab does not separate (contract
    §4.1).

    Raises:
        UnauthenticatedError: The header is absent, too large, or not a bearer credential.
    """
    if header is None:
        raise UnauthenticatedError("missing authorization")
    if len(header) > MAX_HEADER_BYTES:
        raise UnauthenticatedError("authorization header too large")
    scheme, _, rest = header.strip().partition(" ")
    token = rest.strip()
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("invalid authorization header")
    return token


class BearerTokenAuthenticator:
    """Admits the callers that present one of the configured tokens.

    Only digests are kept, and every one is compared on every call in constant time, so that neither the time
    nor a memory image tells how near a guess was.
    """

    def __init__(self, tokens: Iterable[str], principals: Principals) -> None:
        digests = [hashlib.sha256(token.encode()).digest() for token in dict.fromkeys(tokens)]
        self._principals = {digest: _principal(digest.hex(), principals) for digest in digests}

    def authenticate(self, request: RequestContext) -> Principal:
        """Return ``token:<fingerprint>``. Raise ``UnauthenticatedError`` unless the token is configured."""
        digest = hashlib.sha256(bearer_token(request.auth_header).encode()).digest()
        is_known = False
        for known in self._principals:
            is_known |= hmac.compare_digest(known, digest)
        if not is_known:
            raise UnauthenticatedError("invalid bearer token")
        return self._principals[digest]

    def challenge(self) -> str:
        """Return the bearer challenge of this realm."""
        return CHALLENGE


def _principal(fingerprint: str, principals: Principals) -> Principal:
    return principals.complete(f"token:{fingerprint}", BEARER_TOKEN, fingerprint=fingerprint)
