"""The HTTP application: ``/rpc``, health, and what plug-ins add (contract §1.3, §1.5)."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from decision_gate.core.errors import StoreError
from decision_gate.mcp.transport.rpc_endpoint import RpcEndpoint

ReadyCheck = Callable[[], None]
"""Returns when a store can commit. Raises ``StoreError`` when it cannot."""


def http_app(
    rpc: RpcEndpoint,
    ready: Sequence[ReadyCheck],
    health_pool: Executor,
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Assemble the application.

    Args:
        rpc: Answers ``POST /rpc``.
        ready: Asked in order by ``/readyz``.
        health_pool: Threads for the checks; not those of requests, so that an overloaded server still tells
            the truth.
        routes: Further routes, such as ``/mcp``, ``/metrics`` or a console.
    """

    async def healthz(_request: Request) -> Response:
        return _json(200, b'{"status":"ok"}')

    async def readyz(_request: Request) -> Response:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(health_pool, _check_all, ready)
        except StoreError:
            return _json(503, b'{"status":"not_ready"}')
        return _json(200, b'{"status":"ready"}')

    app = Starlette(
        routes=[
            Route("/rpc", rpc, methods=["POST"]),
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", readyz, methods=["GET"]),
            *routes,
        ],
        exception_handlers={HTTPException: _bare},
    )
    # The reference has no such path; a redirect would make a client send its body and its token twice.
    app.router.redirect_slashes = False
    return app


def _bare(_request: Request, error: Exception) -> Response:
    """Answer an unknown path or method as the reference does: a status without a body."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what this handler is registered for
    return Response(status_code=error.status_code, headers=error.headers)


def _check_all(checks: Sequence[ReadyCheck]) -> None:
    for check in checks:
        check()


def _json(status: int, body: bytes) -> Response:
    return Response(body, status_code=status, media_type="application/json")
