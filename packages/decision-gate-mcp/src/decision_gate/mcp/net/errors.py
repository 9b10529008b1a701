"""Why a URL is not asked."""

from typing import ClassVar

from decision_gate.core.errors import CallerError, EvidenceError


class UrlError(CallerError):
    """The text is no URL that we ask.

    The messages are those of the ``http`` provider (contract §1.6).
    """

    code: ClassVar[str] = "url_invalid"


class AddressForbiddenError(EvidenceError):
    """A host resolves to an address that is not public and is not named in the configuration."""

    code: ClassVar[str] = "address_forbidden"

    def __init__(self, host: str, kind: str) -> None:
        super().__init__(f"url host resolves to private or link-local address: {host}")
        self.host = host
        self.kind = kind


class HostUnresolvedError(EvidenceError):
    """A host has no address, or its name server does not answer."""

    code: ClassVar[str] = "host_unresolved"
