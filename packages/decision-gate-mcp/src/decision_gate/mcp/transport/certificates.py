"""The subject of a verified client certificate, handed to the application (deviation X1).

TLS verifies the chain; this only reads who it belongs to. The web server tells applications nothing about
certificates, so the protocol of each connection leaves the subject in the state that its requests carry.
"""

import asyncio

from cryptography import x509

from decision_gate.mcp.transport.bounded_protocol import BoundedProtocol
from decision_gate.mcp.transport.rpc_endpoint import SUBJECT_STATE


def certificate_subject(der: bytes) -> str:
    """Return the subject as RFC 4514 writes it, for example ``CN=agent,O=acme``.

    Raises:
        ValueError: The bytes are no certificate.
    """
    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


class ClientCertificateProtocol(BoundedProtocol):
    """HTTP/1.1 over TLS that knows its client's certificate; without one the state stays as it is."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the base class has it
        """Read the certificate once, when the connection is made."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        der = None if tls is None else tls.getpeercert(binary_form=True)
        if der:
            # A state of its own: the one given here is shared by all connections.
            self.app_state = {**self.app_state, SUBJECT_STATE: certificate_subject(der)}
