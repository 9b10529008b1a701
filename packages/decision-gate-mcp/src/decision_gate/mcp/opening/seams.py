"""Open the local defaults of the seams, as offers and from the reference's own tables (contract §4, §5)."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import attrs

from decision_gate.mcp.config.auth import AuthMode, AuthTable, demand_token
from decision_gate.mcp.config.kinds import Text
from decision_gate.mcp.config.limits import LimitsTable, RateLimitTable
from decision_gate.mcp.config.namespace import AuthorityTable
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.server import AuditTable
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.audit_sink import AuditSink, NoSink, StreamSink, file_sink, stderr_sink
from decision_gate.mcp.hooks.authenticator import Authenticator
from decision_gate.mcp.hooks.bearer import BearerTokenAuthenticator
from decision_gate.mcp.hooks.local_only import LocalOnlyAuthenticator
from decision_gate.mcp.hooks.mtls import MtlsAuthenticator
from decision_gate.mcp.hooks.namespace_authority import NamespaceAuthority, NoAuthority
from decision_gate.mcp.hooks.principal_table import Principals
from decision_gate.mcp.hooks.rate_limiter import FixedWindowLimiter, NoLimiter, RateLimiter
from decision_gate.mcp.hooks.tenant_authorizer import LocalTenantAuthorizer
from decision_gate.mcp.hooks.usage_meter import NoMeter
from decision_gate.mcp.plugins import Offers, demand_protocol


@attrs.frozen(kw_only=True)
class FileSinkSettings:
    """Settings of the audit sink ``file``."""

    path: str = key(Text(), "File to append to.")


@contextmanager
def open_local_only() -> Iterator[LocalOnlyAuthenticator]:
    """Open the authenticator ``local_only`` without principals of the configuration."""
    yield LocalOnlyAuthenticator(Principals(()))


@contextmanager
def open_local_tenants() -> Iterator[LocalTenantAuthorizer]:
    """Open the tenant authorizer ``local``."""
    yield LocalTenantAuthorizer()


@contextmanager
def open_no_meter() -> Iterator[NoMeter]:
    """Open the usage meter ``none``."""
    yield NoMeter()


@contextmanager
def open_memory_limiter(settings: RateLimitTable) -> Iterator[FixedWindowLimiter]:
    """Open the rate limiter ``memory``. Raise ``InvalidConfigError`` for limits out of bounds."""
    settings.check()
    yield FixedWindowLimiter(
        max_requests=settings.max_requests,
        window_ms=settings.window_ms,
        max_entries=settings.max_entries,
    )


@contextmanager
def open_no_sink() -> Iterator[NoSink]:
    """Open the audit sink ``none``."""
    yield NoSink()


def open_stderr_sink() -> AbstractContextManager[StreamSink]:
    """Open the audit sink ``stderr``."""
    return stderr_sink()


def open_file_sink(settings: FileSinkSettings) -> AbstractContextManager[StreamSink]:
    """Open the audit sink ``file``. Raise ``AuditLogError`` when it cannot be opened."""
    return file_sink(settings.path)


@contextmanager
def open_no_authority() -> Iterator[NoAuthority]:
    """Open the namespace authority ``none``."""
    yield NoAuthority()


def configured_authenticator(table: AuthTable, environment: Mapping[str, str]) -> Authenticator:
    """Make the authenticator of ``server.auth``, secrets looked up.

    Raises:
        SecretUnavailableError: A token is named by reference and cannot be had.
        InvalidConfigError: A token that was looked up cannot be one.
    """
    principals = Principals(table.principals)
    match table.mode:
        case AuthMode.LOCAL_ONLY:
            return LocalOnlyAuthenticator(principals)
        case AuthMode.MTLS:
            return MtlsAuthenticator(table.mtls_subjects, principals)
        case AuthMode.BEARER_TOKEN:
            tokens = [token.reveal(environment) for token in table.bearer_tokens]
            for token in tokens:
                demand_token(token)
            return BearerTokenAuthenticator(tokens, principals)


@contextmanager
def configured_authority(table: AuthorityTable, environment: Mapping[str, str]) -> Iterator[NamespaceAuthority]:
    """Open the authority of ``namespace.authority``. Raise ``SecretUnavailableError`` when its token cannot be had."""
    assetcore = table.assetcore
    if assetcore is None:
        yield NoAuthority()
        return
    # Imported here: only a server that asks another system needs an HTTP client.
    from decision_gate.mcp.hooks.assetcore import assetcore_authority  # noqa: PLC0415 - lazy

    token = None if assetcore.auth_token is None else assetcore.auth_token.reveal(environment)
    with assetcore_authority(
        assetcore.base_url,
        token,
        connect_timeout_ms=assetcore.connect_timeout_ms,
        request_timeout_ms=assetcore.request_timeout_ms,
    ) as authority:
        yield authority


def configured_limiter(table: LimitsTable) -> RateLimiter:
    """Make the limiter of ``server.limits``; none without a ``rate_limit`` table."""
    limit = table.rate_limit
    if limit is None:
        return NoLimiter()
    return FixedWindowLimiter(max_requests=limit.max_requests, window_ms=limit.window_ms, max_entries=limit.max_entries)


@contextmanager
def opened_sink(config: Config, offers: Offers) -> Iterator[AuditSink]:
    """Open the sink that a configuration chooses: a plug-in's, else that of ``server.audit``.

    Raises:
        ConfigurationError: It cannot be opened.
    """
    chosen = config.audit_sink
    if chosen is None:
        with configured_sink(config.server.audit) as sink:
            yield sink
        return
    with offers.open("decision_gate.audit_sinks", chosen) as sink:
        demand_protocol(sink, AuditSink, chosen.type)
        yield sink


def configured_sink(table: AuditTable) -> AbstractContextManager[AuditSink]:
    """Open the sink of ``server.audit``: none when disabled, the file when named, else stderr."""
    if not table.enabled:
        return open_no_sink()
    return stderr_sink() if table.path is None else file_sink(table.path)
