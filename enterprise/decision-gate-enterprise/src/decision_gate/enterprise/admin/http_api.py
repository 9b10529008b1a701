"""``/admin/v1`` over HTTP: a thin surface of the use cases.

peer rate → authenticate → principal rate → read → ``AdminService``. A caller proves itself by a bearer key in a header,
never by a cookie, and pages of browsers are turned away, so that no page can act for somebody who looks at it.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Final, Protocol

import attrs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from decision_gate.core.errors import CallerError, ConfigurationError, DecisionGateError, StoreError
from decision_gate.core.ids import InvalidIdentifierError
from decision_gate.core.json import JsonParseError, JsonValue, parse, plain
from decision_gate.core.ports import RiderRefusedError
from decision_gate.enterprise.admin import errors
from decision_gate.enterprise.admin.actor import actor_of
from decision_gate.enterprise.admin.fields import read_request
from decision_gate.enterprise.admin.openapi import PREFIX, names_in_path, openapi
from decision_gate.enterprise.admin.schemas import field_schema
from decision_gate.enterprise.admin.service import AdminService
from decision_gate.enterprise.admin.use_case import UseCase
from decision_gate.enterprise.tenancy.lifecycle import TransitionRefusedError
from decision_gate.enterprise.usage.errors import ChargeMissingError, CorrectionConflictError, OverCorrectedError
from decision_gate.mcp.errors import ForbiddenOriginError, RequestTooLargeError, ServerOverloadedError
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.authenticator import Authenticator
from decision_gate.mcp.hooks.errors import UnauthenticatedError, UnauthorizedError
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.rate_limiter import (
    Bucket,
    RateLimitedError,
    RateLimiter,
    RateLimiterOverloadedError,
)
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.transport.body import Disconnected, read_body

MAX_BODY_BYTES: Final = 65_536
MAX_INFLIGHT: Final = 32
THREADS: Final = 4
_JSON: Final = "application/json"

_STATUS: Final[dict[type[DecisionGateError], int]] = {
    errors.AdminInvalidError: 400,
    InvalidIdentifierError: 400,
    JsonParseError: 400,
    UnauthenticatedError: 401,
    errors.AdminDeniedError: 403,
    UnauthorizedError: 403,
    ForbiddenOriginError: 403,
    errors.AdminMissingError: 404,
    ChargeMissingError: 404,
    errors.AdminConflictError: 409,
    CorrectionConflictError: 409,
    OverCorrectedError: 409,
    errors.IdempotencyConflictError: 409,
    TransitionRefusedError: 409,
    RequestTooLargeError: 413,
    RateLimitedError: 429,
    RateLimiterOverloadedError: 503,
    ServerOverloadedError: 503,
    RiderRefusedError: 503,
    CallerError: 400,
    StoreError: 503,
    ConfigurationError: 503,
}


class Door(Protocol):
    """Whom the API asks who is calling, and how often."""

    @property
    def authenticator(self) -> Authenticator:
        """Who recognises callers."""
        ...

    @property
    def limiter(self) -> RateLimiter:
        """Who counts their requests."""
        ...

    def monotonic_ms(self) -> float:
        """Return a clock that never goes back."""
        ...


@attrs.frozen(kw_only=True)
class AdminApi:
    """Answers the requests of one listener."""

    service: AdminService
    door: Door
    pool: Executor
    correlation_ids: Iterator[str]
    version: str
    _inflight: list[None] = attrs.field(factory=list)

    def app(self, use_cases: Sequence[UseCase]) -> Starlette:
        """Return the ASGI application that serves *use_cases* and their description."""
        described = plain(openapi(use_cases, self.version))

        async def description(_request: Request) -> Response:
            return Response(described, media_type=_JSON)

        app = Starlette(
            routes=[
                Route(f"{PREFIX}/openapi.json", description, methods=["GET"]),
                *(
                    Route(PREFIX + use_case.path, self._endpoint(use_case), methods=[use_case.method])
                    for use_case in use_cases
                    if use_case.method is not None
                ),
            ]
        )
        app.router.redirect_slashes = False
        return app

    def _endpoint(self, use_case: UseCase) -> Any:  # noqa: ANN401 - what starlette takes for an endpoint
        async def endpoint(request: Request) -> Response:
            context = RequestContext(
                transport="http",
                peer_ip=request.client.host if request.client else None,
                auth_header=request.headers.get("authorization"),
                server_correlation_id=next(self.correlation_ids),
                idempotency_key=request.headers.get("idempotency-key"),
            )
            if len(self._inflight) >= MAX_INFLIGHT:
                return self._refused(ServerOverloadedError(), context)
            self._inflight.append(None)
            try:
                self._demand_no_browser(request)
                body = await read_body(dict(request.scope["headers"]), request.receive, MAX_BODY_BYTES)
                loop = asyncio.get_running_loop()
                answer = await loop.run_in_executor(
                    self.pool, self._answer, use_case, context, body, dict(request.path_params), request.query_params
                )
            except Disconnected:
                return Response(status_code=400)
            except Exception as error:  # noqa: BLE001 - the border: whatever happened, the client gets an answer
                return self._refused(error, context)
            finally:
                self._inflight.pop()
            return self._reply(200, answer, context)

        return endpoint

    def _answer(
        self,
        use_case: UseCase,
        context: RequestContext,
        body: bytes,
        in_path: Mapping[str, str],
        query: Mapping[str, str],
    ) -> bytes:
        now = self.door.monotonic_ms()
        self.door.limiter.check(Bucket.PEER, context.peer_ip or context.transport, now)
        principal = self._recognise(use_case, context)
        self.door.limiter.check(Bucket.PRINCIPAL, principal.id, now)
        sent = _read_query(use_case, query) if not use_case.is_change else _read_body(body)
        for name in names_in_path(use_case):
            if name in sent:
                raise errors.AdminInvalidError(f"{name}: stands in the path, not in the request")
            sent[name] = _typed(use_case, name, in_path[name])
        request = read_request(use_case, sent)
        actor = actor_of(principal, context.server_correlation_id)
        return plain(self.service.perform(use_case, request, actor, context.idempotency_key))

    def _recognise(self, use_case: UseCase, context: RequestContext) -> Principal:
        try:
            return self.door.authenticator.authenticate(context)
        except (UnauthenticatedError, UnauthorizedError) as refusal:
            action, reason = f"admin {use_case.name}", f"{refusal.code}: {refusal.reason}"
            at_ms = self.service.means.now_ms()
            self.service.tell(audit_events.tool_authz(context, action, None, reason, at_ms))
            raise

    @staticmethod
    def _demand_no_browser(request: Request) -> None:
        if "origin" in request.headers:
            raise UnauthorizedError("origin")
        if request.method != "GET" and request.headers.get("content-type", "").partition(";")[0].strip() != _JSON:
            raise errors.AdminInvalidError(f"content-type: expected {_JSON}")

    def _refused(self, error: Exception, context: RequestContext) -> Response:
        status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
        code = error.code if isinstance(error, DecisionGateError) else "internal"
        message = str(error) if isinstance(error, DecisionGateError) else "internal error"
        headers: dict[str, str] = {}
        if isinstance(error, UnauthenticatedError):
            headers["www-authenticate"] = self.door.authenticator.challenge() or "Bearer"
        if isinstance(error, RateLimitedError):
            headers["retry-after"] = str(-(-error.retry_after_ms // 1000))
        elif status == 503:  # noqa: PLR2004 - the status of everything that may work later
            headers["retry-after"] = "1"
        return self._reply(status, plain({"error": {"code": code, "message": message}}), context, headers)

    @staticmethod
    def _reply(status: int, body: bytes, context: RequestContext, headers: Mapping[str, str] | None = None) -> Response:
        return Response(
            body,
            status_code=status,
            media_type=_JSON,
            headers={
                "x-correlation-id": context.server_correlation_id,
                "cache-control": "no-store",
                **(headers or {}),
            },
        )


def _read_body(body: bytes) -> dict[str, JsonValue]:
    value = parse(body)
    if not isinstance(value, dict):
        raise errors.AdminInvalidError("expected an object")
    return value


def _read_query(use_case: UseCase, query: Mapping[str, str]) -> dict[str, JsonValue]:
    known = {field.name for field in attrs.fields(use_case.request)}
    return {name: _typed(use_case, name, text) if name in known else text for name, text in query.items()}


def _typed(use_case: UseCase, name: str, text: str) -> JsonValue:
    """Return a text of the address as the type that its field has; what does not fit is refused where it is read."""
    if field_schema(use_case, name).get("type") == "integer" and text.isascii() and text.isdigit():
        # Longer ones are out of every range, and cost time to convert.
        return int(text[:20])
    return text
