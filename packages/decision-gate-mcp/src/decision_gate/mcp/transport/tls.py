"""TLS ended by this server: its files are read when serving starts, and refused in the words of contract §11.3."""

import ssl
from pathlib import Path
from typing import ClassVar

from decision_gate.core.errors import ConfigurationError
from decision_gate.mcp.config.server import TlsTable

_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


class TlsFilesError(ConfigurationError):
    """A certificate, a key or an authority cannot be read, or they do not fit together."""

    code: ClassVar[str] = "tls_files"

    def __init__(self, text: str) -> None:
        super().__init__(f"config error: {text}")


def server_tls(table: TlsTable) -> ssl.SSLContext:
    """Return the context of the server's side.

    Without ``client_ca_path`` no client is asked for a certificate, whatever ``require_client_cert`` says; with it, one
    that is presented is verified, and one is demanded unless the setting says otherwise.

    Raises:
        TlsFilesError: One of the files cannot be used.
    """
    if _CERTIFICATE not in _read("cert", table.cert_path):
        raise TlsFilesError("tls cert file contains no certificates")
    _read("key", table.key_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # Without a password: a prompt on the terminal would hold a server that nobody watches.
        context.load_cert_chain(table.cert_path, table.key_path, password=_no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise TlsFilesError(f"tls config invalid: {error}") from error
    if table.client_ca_path is not None:
        _ask_for_certificates(context, table.client_ca_path, is_required=table.require_client_cert)
    return context


def _ask_for_certificates(context: ssl.SSLContext, path: str, *, is_required: bool) -> None:
    if _CERTIFICATE not in _read("ca", path):
        raise TlsFilesError("tls client ca file contains no certificates")
    try:
        context.load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        raise TlsFilesError(f"tls ca invalid: {error}") from error
    context.verify_mode = ssl.CERT_REQUIRED if is_required else ssl.CERT_OPTIONAL


def _read(what: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise TlsFilesError(f"tls {what} read failed: {error.strerror}") from error


def _no_password() -> str:
    raise ValueError("the private key is encrypted")
