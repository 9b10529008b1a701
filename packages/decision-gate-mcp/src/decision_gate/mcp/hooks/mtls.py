"""Authentication by client certificate (contract §4.1, deviation X1).

The transport finds the subject: in the verified client certificate, or in the header that a trusted proxy
sets. This module only compares it with the configured list.
"""

from collections.abc import Iterable

from decision_gate.mcp.hooks.errors import UnauthenticatedError, UnauthorizedError
from decision_gate.mcp.hooks.principal import MTLS_SUBJECT, Principal
from decision_gate.mcp.hooks.principal_table import Principals
from decision_gate.mcp.hooks.request import RequestContext


class MtlsAuthenticator:
    """Admits the configured subjects, compared exactly."""

    def __init__(self, subjects: Iterable[str], principals: Principals) -> None:
        self._subjects = frozenset(subjects)
        self._principals = principals

    def authenticate(self, request: RequestContext) -> Principal:
        """Return the subject as principal.

        Raises:
            UnauthenticatedError: No subject is known.
            UnauthorizedError: The subject is not listed.
        """
        subject = request.client_subject
        if subject is None:
            raise UnauthenticatedError("missing mTLS client subject")
        if subject not in self._subjects:
            raise UnauthorizedError("client subject not authorized")
        return self._principals.complete(subject, MTLS_SUBJECT, subject=subject)

    def challenge(self) -> None:
        """Return none: a certificate is asked for by TLS, not by HTTP."""
        return
