"""TLS files, refused in the words of the contract (contract §11.3)."""

import ssl

import pytest

from decision_gate.mcp.config.server import TlsTable
from decision_gate.mcp.transport.tls import TlsFilesError, server_tls


@pytest.fixture
def table(tmp_path, certified):
    certified("server")
    certified("other")
    certified("locked", password=b"secret")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "broken").write_bytes(b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")

    def make(cert="server.pem", key="server.key", ca=None, *, is_required=True):
        return TlsTable(
            cert_path=str(tmp_path / cert),
            key_path=str(tmp_path / key),
            client_ca_path=None if ca is None else str(tmp_path / ca),
            require_client_cert=is_required,
        )

    return make


@pytest.mark.parametrize(
    ("ca", "is_required", "mode"),
    [
        (None, True, ssl.CERT_NONE),
        ("other.pem", True, ssl.CERT_REQUIRED),
        ("other.pem", False, ssl.CERT_OPTIONAL),
    ],
)
def test_a_certificate_is_asked_for_only_where_its_authority_is_known(table, ca, is_required, mode):
    context = server_tls(table(ca=ca, is_required=is_required))

    assert context.verify_mode == mode
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"cert": "nowhere"}, "config error: tls cert read failed: No such file or directory"),
        ({"cert": "empty"}, "config error: tls cert file contains no certificates"),
        ({"key": "nowhere"}, "config error: tls key read failed: No such file or directory"),
        ({"key": "other.key"}, "config error: tls config invalid: "),
        ({"cert": "locked.pem", "key": "locked.key"}, "config error: tls config invalid: "),
        ({"ca": "nowhere"}, "config error: tls ca read failed: No such file or directory"),
        ({"ca": "empty"}, "config error: tls client ca file contains no certificates"),
        ({"ca": "broken"}, "config error: tls ca invalid: "),
    ],
)
def test_a_file_that_cannot_be_used_is_named_by_what_it_is(table, files, message):
    with pytest.raises(TlsFilesError) as refused:
        server_tls(table(**files))

    assert str(refused.value).startswith(message)
    assert "secret" not in str(refused.value)
