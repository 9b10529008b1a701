"""The HTTP application: ``/rpc``, health, and what plug-ins add (contract §1.3, §1.5)."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

import attrs
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from decision_gate.core.errors import StoreError
from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.evidence.circuit import Circuit, Circuits
from decision_gate.mcp.transport.rpc_endpoint import RpcEndpoint

ReadyCheck = Callable[[], None]
"""Returns when a store can commit. Raises ``StoreError`` when it cannot."""


@attrs.frozen(kw_only=True)
class Health:
    """What ``/readyz`` tells of.

    Attributes:
        checks: Asked in order; the server is ready when all return.
        circuits: Providers that rest are named, but do not make the server unready: what does not need them goes on.
        pool: Threads for the checks; not those of requests, so that an overloaded server still tells the truth.
    """

    checks: Sequence[ReadyCheck]
    circuits: Circuits
    pool: Executor

    def ready(self) -> bytes:
        """Return the body of a ready server; the bare one of the contract while every circuit is closed.

        Raises:
            StoreError: A store cannot commit.
        """
        for check in self.checks:
            check()
        resting: dict[str, JsonValue] = {
            name: state.value for name, state in self.circuits().items() if state is not Circuit.CLOSED
        }
        return plain({"status": "ready", **({"circuits": resting} if resting else {})})


def http_app(rpc: RpcEndpoint, health: Health, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Assemble the application.

    Args:
        rpc: Answers ``POST /rpc``.
        health: Answers ``/readyz``.
        routes: Further routes, such as ``/mcp``, ``/metrics`` or a console.
    """

    async def healthz(_request: Request) -> Response:
        return _json(200, b'{"status":"ok"}')

    async def readyz(_request: Request) -> Response:
        try:
            body = await asyncio.get_running_loop().run_in_executor(health.pool, health.ready)
        except StoreError:
            return _json(503, b'{"status":"not_ready"}')
        return _json(200, body)

    app = _Application(
        rpc,
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


class _Application(Starlette):
    """Starlette with a short way to ``/rpc``: middleware and routing cost as much as a call's guards."""

    def __init__(self, rpc: RpcEndpoint, **options: Any) -> None:  # noqa: ANN401 - those of Starlette
        super().__init__(**options)
        self._rpc = rpc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/rpc" and scope["method"] == "POST":
            await self._rpc(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _bare(_request: Request, error: Exception) -> Response:
    """Answer an unknown path or method as the reference does: a status without a body."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what this handler is registered for
    return Response(status_code=error.status_code, headers=error.headers)


def _json(status: int, body: bytes) -> Response:
    return Response(body, status_code=status, media_type="application/json")
