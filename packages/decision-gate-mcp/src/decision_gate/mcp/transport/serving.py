"""Serve a host over HTTP: pools, address, TLS, and a shutdown that finishes what was begun (contract §1.3, §11.3)."""

import ipaddress
import os
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext
from typing import Any, ClassVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from decision_gate.core.errors import StoreError
from decision_gate.mcp.config.server import ServerTable, Transport
from decision_gate.mcp.correlation import server_correlation_ids
from decision_gate.mcp.hooks.circuit_gauge import circuit_exposition
from decision_gate.mcp.hooks.request_counters import CONTENT_TYPE, RequestCounters
from decision_gate.mcp.host import Host
from decision_gate.mcp.one_cpu import on_one_cpu
from decision_gate.mcp.plugins import demand_protocol
from decision_gate.mcp.transport.admission import Admission
from decision_gate.mcp.transport.bounded_protocol import BoundedProtocol
from decision_gate.mcp.transport.edge import LOOPBACK, Edge, HostRule
from decision_gate.mcp.transport.http import Health, http_app
from decision_gate.mcp.transport.mcp.endpoint import METHODS, McpEndpoint
from decision_gate.mcp.transport.openapi import openapi_route
from decision_gate.mcp.transport.routes import HttpRoutes
from decision_gate.mcp.transport.rpc_endpoint import RpcEndpoint
from decision_gate.mcp.transport.shares import Shares
from decision_gate.mcp.transport.stopping import stopped_by_sigterm

HEALTH_THREADS = 2
GRACE_SECONDS = 30
"""How long a shutdown waits for requests that have begun."""


BACKLOG = 2048
"""Connections that wait to be accepted."""


class BindFailedError(StoreError):
    """The address is taken, or not this machine's."""

    code: ClassVar[str] = "bind_failed"

    def __init__(self, transport: str, reason: str) -> None:
        super().__init__(f"transport error: {transport} bind failed: {reason}")


@contextmanager
def opened_routes(host: Host) -> Iterator[tuple[BaseRoute, ...]]:
    """Open the routes that the configuration chooses. Raise ``ConfigurationError``."""
    with ExitStack() as stack:
        routes: list[BaseRoute] = []
        for chosen in host.config.http_routes:
            family: HttpRoutes = stack.enter_context(host.offers.open("decision_gate.http_routes", chosen))
            demand_protocol(family, HttpRoutes, chosen.type)
            routes += family.routes(host)
        yield tuple(routes)


@contextmanager
def opened_app(host: Host, routes: Sequence[BaseRoute] = ()) -> Iterator[Starlette]:
    """Assemble the ASGI application of a host; its threads end with the context.

    The pool is as large as the in-flight limit can become, so that an admitted request never waits for a thread.
    """
    server = host.config.server
    admission, shares = Admission(max_inflight=server.limits.max_inflight), Shares()
    with (
        ThreadPoolExecutor(admission.most, thread_name_prefix="dg-call") as pool,
        ThreadPoolExecutor(HEALTH_THREADS, thread_name_prefix="dg-health") as health_pool,
    ):
        edge = _edge(host)
        rpc = RpcEndpoint(
            edge=edge,
            pipeline=host.pipeline,
            pool=pool,
            admission=admission,
            shares=shares,
            max_body_bytes=server.max_body_bytes,
            challenge=host.policies.authenticator.challenge,
            is_event_stream=server.transport is Transport.SSE,
        )
        mcp: tuple[BaseRoute, ...] = ()
        if server.mcp.enabled:
            endpoint = McpEndpoint(
                edge=edge,
                pipeline=host.mcp,
                pool=pool,
                admission=admission,
                shares=shares,
                max_body_bytes=server.max_body_bytes,
                challenge=host.policies.authenticator.challenge,
            )
            mcp = (Route("/mcp", endpoint, methods=list(METHODS)),)
        health = Health(checks=host.ready_checks(), circuits=host.circuits, pool=health_pool)
        yield http_app(rpc, health, (*mcp, *routes, *_metrics_route(host), openapi_route()))


def serve_http(host: Host, routes: Sequence[BaseRoute] = ()) -> None:
    """Serve until the process is told to stop; requests that have begun are finished.

    Raises:
        BindFailedError: The address cannot be bound.
        TlsFilesError: A TLS file cannot be used.
    """
    server = host.config.server
    tls = _tls(server)
    # Bound here, not by the web server, which would end the process by itself when it cannot.
    with (
        stopped_by_sigterm(),
        closing(_bound(server)) as listening,
        opened_routes(host) as chosen,
        opened_app(host, (*routes, *chosen)) as app,
        on_one_cpu() if server.one_cpu else nullcontext(),
    ):
        uvicorn.Server(
            uvicorn.Config(
                app,
                # The peer is the TCP peer. Left on, anybody on this machine could claim any address.
                proxy_headers=False,
                server_header=False,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS,
                **tls,
            )
        ).run(sockets=[listening])


def _metrics_route(host: Host) -> tuple[BaseRoute, ...]:
    """Return the route of ``server.metrics``; none when it is off, or the embedder measures by itself."""
    counters = host.metrics
    if not isinstance(counters, RequestCounters):
        return ()

    async def metrics(_request: Request) -> Response:
        told = counters.exposition() + circuit_exposition(host.circuits())
        return Response(told, headers={"content-type": CONTENT_TYPE})

    return (Route("/metrics", metrics, methods=["GET"]),)


def _bound(server: ServerTable) -> socket.socket:
    address = server.address()
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unknown"
        raise BindFailedError(server.transport.value, reason.lower()) from error


def _edge(host: Host) -> Edge:
    server = host.config.server
    hosts: frozenset[str] | None = None
    if server.allowed_hosts is not None:
        hosts = frozenset(name.lower() for name in server.allowed_hosts)
    elif host.config.is_local_only:
        hosts = frozenset({LOOPBACK})
    return Edge(
        transport=server.transport.value,
        hosts=HostRule(hosts=hosts, origins=frozenset(server.allowed_origins)),
        trusted_proxies=tuple(ipaddress.ip_network(network, strict=False) for network in server.trusted_proxies),
        correlation_ids=server_correlation_ids(),
    )


def _tls(server: ServerTable) -> dict[str, Any]:
    tls = server.tls
    if tls is None:
        return {"http": BoundedProtocol}
    # Imported here: only servers that end TLS need to read certificates.
    from decision_gate.mcp.transport.certificates import ClientCertificateProtocol  # noqa: PLC0415 - lazy
    from decision_gate.mcp.transport.tls import server_tls  # noqa: PLC0415 - lazy

    context = server_tls(tls)
    return {"ssl_context_factory": lambda _config, _default: context, "http": ClientCertificateProtocol}
