"""The subject of a client certificate (deviation X1)."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from decision_gate.mcp.transport.certificates import certificate_subject


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (((NameOID.COMMON_NAME, "agent"),), "CN=agent"),
        (((NameOID.ORGANIZATION_NAME, "acme"), (NameOID.COMMON_NAME, "agent")), "CN=agent,O=acme"),
        (((NameOID.COMMON_NAME, "a,b=c"),), "CN=a\\,b=c"),
    ],
)
def test_a_subject_is_written_as_rfc_4514_does_so_that_no_name_can_imitate_two(certified, names, expected):
    assert certificate_subject(certified("client", *names).public_bytes(Encoding.DER)) == expected
