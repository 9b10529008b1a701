"""The offer ``admin`` of ``[[http_routes]]``: administration on an address of its own.

It adds no route to the server's own listener: who can reach the gate need not be able to reach its administration.
"""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar

import attrs
import uvicorn
from starlette.routing import BaseRoute

from decision_gate.core.errors import StoreError
from decision_gate.enterprise.admin.http_api import THREADS, AdminApi
from decision_gate.enterprise.admin.opening import AdminSettings, open_administration
from decision_gate.enterprise.admin.service import AdminService, Means
from decision_gate.enterprise.admin.use_cases import USE_CASES
from decision_gate.enterprise.transactions import Transactions
from decision_gate.mcp.config.bind import BindAddress
from decision_gate.mcp.config.errors import InvalidConfigError
from decision_gate.mcp.config.kinds import Boolean, Text
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.server import TlsTable
from decision_gate.mcp.config.table import Table, key
from decision_gate.mcp.correlation import server_correlation_ids
from decision_gate.mcp.host import Host

_GRACE_SECONDS = 10
_BACKLOG = 64


class AdminBindError(StoreError):
    """The address of the administration is taken, or not this machine's."""

    code: ClassVar[str] = "admin_bind"


@attrs.frozen(kw_only=True)
class AdminListenerSettings(AdminSettings):
    """``[[http_routes]]`` of type ``admin``."""

    bind: str = key(Text(), "IP address and port of the administration's own listener.", default="127.0.0.1:4001")
    tls: TlsTable | None = key(Table(TlsTable), "TLS ended by this listener.", default=None)
    tls_ended_upstream: bool = key(Boolean(), "Whether a proxy in front of it ends TLS.", default=False)

    def check(self) -> None:
        """Demand one database, and TLS for an address that other machines can reach. Raise ``InvalidConfigError``."""
        super().check()
        try:
            address = BindAddress.parse(self.bind)
        except InvalidConfigError:
            raise InvalidConfigError("http_routes of type admin: bind must be an IP address and a port") from None
        demand(
            address.is_loopback or self.tls is not None or self.tls_ended_upstream,
            "http_routes of type admin: an address that other machines can reach needs tls, or tls_ended_upstream",
        )


class AdminListener:
    """``HttpRoutes`` that are served elsewhere: its listener runs from when the server asks for routes to the end."""

    def __init__(self, settings: AdminListenerSettings, database: Transactions, means: Means, stack: ExitStack) -> None:
        self._settings = settings
        self._database = database
        self._means = means
        self._stack = stack
        self.port = 0

    def routes(self, host: Host) -> Sequence[BaseRoute]:
        """Start the listener; return no routes.

        Raises:
            AdminBindError: The address cannot be bound.
            TlsFilesError: A TLS file cannot be used.
        """
        service = AdminService(database=self._database, sink=host.sink, means=self._means)
        pool = self._stack.enter_context(ThreadPoolExecutor(THREADS, thread_name_prefix="dg-admin"))
        api = AdminApi(
            service=service,
            door=host.policies,
            pool=pool,
            correlation_ids=server_correlation_ids(),
            version=_version(),
        )
        listening = self._stack.enter_context(closing(self._bound()))
        self.port = listening.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                api.app(USE_CASES),
                proxy_headers=False,
                server_header=False,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=_GRACE_SECONDS,
                **_tls(self._settings.tls),
            )
        )
        thread = threading.Thread(target=server.run, args=([listening],), name="dg-admin-listener", daemon=True)
        thread.start()
        self._stack.callback(_stop, server, thread)
        return ()

    def _bound(self) -> socket.socket:
        address = BindAddress.parse(self._settings.bind)
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        try:
            return socket.create_server((address.host, address.port), family=family, backlog=_BACKLOG)
        except OSError as error:
            reason = os.strerror(error.errno).lower() if error.errno else "unknown"
            raise AdminBindError(f"administration cannot listen on {self._settings.bind}: {reason}") from error


@contextmanager
def open_admin_listener(settings: AdminListenerSettings) -> Iterator[AdminListener]:
    """Open the offer ``admin``; closing it ends the listener once its requests are answered."""
    settings.check()
    with open_administration(settings) as (database, means), ExitStack() as stack:
        yield AdminListener(settings, database, means, stack)


def _stop(server: uvicorn.Server, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(_GRACE_SECONDS)


def _tls(tls: TlsTable | None) -> dict[str, Any]:
    if tls is None:
        return {}
    # Imported here: only a listener that ends TLS needs to read certificates.
    from decision_gate.mcp.transport.tls import server_tls  # noqa: PLC0415 - lazy

    context = server_tls(tls)
    return {"ssl_context_factory": lambda _config, _default: context}


def _version() -> str:
    try:
        return version("decision-gate-enterprise")
    except PackageNotFoundError:
        return "0"
