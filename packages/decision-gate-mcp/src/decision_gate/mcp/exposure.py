"""Who may bind where: the policy of ``serve`` on top of the configuration's own rule (contract §11.1, §11.2)."""

from collections.abc import Mapping
from typing import ClassVar

from decision_gate.core.errors import ConfigurationError
from decision_gate.mcp.config.auth import AuthMode
from decision_gate.mcp.config.bind import BindAddress
from decision_gate.mcp.config.errors import InvalidConfigError
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.server import TlsTermination, Transport

OPT_IN_VARIABLE = "DECISION_GATE_ALLOW_NON_LOOPBACK"
_YES = frozenset({"1", "true", "yes", "y", "on"})
_NO = frozenset({"0", "false", "no", "n", "off"})


class ExposureRefusedError(ConfigurationError):
    """The server would be reachable from other machines, and something that this needs is missing."""

    code: ClassVar[str] = "exposure_refused"


def check_exposure(config: Config, environment: Mapping[str, str], *, is_allowed: bool) -> bool:
    """Return whether the server is reachable from other machines.

    Args:
        config: A checked configuration.
        environment: Asked for the opt-in unless the flag gave it.
        is_allowed: Whether the flag ``--allow-non-loopback`` was given.

    Raises:
        ExposureRefusedError: The opt-in, an authentication or TLS is missing, in this order.
    """
    server = config.server
    if server.transport is Transport.STDIO:
        return False
    try:
        address = server.address()
    except InvalidConfigError as error:
        raise ExposureRefusedError(f"Invalid bind address {server.bind}: {error}") from error
    if address.is_loopback:
        return False
    bind = _spelled(address)
    if not is_allowed and not _has_opted_in(environment):
        raise ExposureRefusedError(
            f"Refusing to bind to non-loopback address {bind}. "
            f"Set --allow-non-loopback or {OPT_IN_VARIABLE}=1 to opt in."
        )
    if config.is_local_only:
        raise ExposureRefusedError(
            f"Refusing to bind to {bind}: server.auth.mode must be bearer_token or mtls for non-loopback."
        )
    _check_tls(config, bind)
    return True


def exposure_notice(config: Config) -> tuple[str, ...]:
    """Return the lines that ``serve`` prints when it is reachable from other machines."""
    server = config.server
    tls = server.tls
    if tls is not None:
        certificate = "required" if tls.require_client_cert and tls.client_ca_path else "not required"
        authority = "present" if tls.client_ca_path else "missing"
        ended = f"enabled (client cert {certificate}, client CA {authority})"
    else:
        ended = "upstream" if server.tls_termination is TlsTermination.UPSTREAM else "disabled"
    auth = config.authenticator.type if config.authenticator else server.auth.mode.value
    limit = server.limits.rate_limit
    return (
        "Warning: this server is reachable from other machines.",
        f"  bind: {_spelled(server.address())}",
        f"  auth: {auth}",
        f"  tls: {ended}",
        f"  audit: {'enabled' if server.audit.enabled else 'disabled'}",
        f"  rate limit: {f'{limit.max_requests} per {limit.window_ms} ms' if limit else 'disabled'}",
        "  Every caller that authenticates can reach every tool that the configuration allows it.",
    )


def local_notice() -> tuple[str, ...]:
    """Return the lines that ``serve`` prints when only this machine can connect and nobody is asked who they are."""
    return (
        "Info: local_only authentication: every process on this machine may call.",
        "Info: bound to loopback; set server.auth before binding to another address.",
    )


def _check_tls(config: Config, bind: str) -> None:
    server = config.server
    tls = server.tls
    if tls is None and server.tls_termination is not TlsTermination.UPSTREAM:
        raise ExposureRefusedError(
            f"Refusing to bind to {bind}: configure server.tls or set server.tls_termination=upstream."
        )
    if tls is None or server.auth.mode is not AuthMode.MTLS:
        return
    if not (tls.client_ca_path or "").strip():
        raise ExposureRefusedError(f"Refusing to bind to {bind}: mTLS requires tls.client_ca_path.")
    if not tls.require_client_cert:
        raise ExposureRefusedError(f"Refusing to bind to {bind}: mTLS requires tls.require_client_cert=true.")


def _has_opted_in(environment: Mapping[str, str]) -> bool:
    text = environment.get(OPT_IN_VARIABLE)
    if text is None:
        return False
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ExposureRefusedError(
            f"Invalid value for {OPT_IN_VARIABLE}: {text}. Expected true/false/1/0/yes/no/on/off."
        )
    return word in _YES


def _spelled(address: BindAddress) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{address.port}"
