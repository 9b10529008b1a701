"""Every error has its row of contract §1.13."""

import inspect
import logging

import pytest

from decision_gate.core import engine, ports
from decision_gate.core.codec import DecodeError
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ids import InvalidIdentifierError
from decision_gate.mcp import errors
from decision_gate.mcp.error_map import retry_after_seconds, wire_error
from decision_gate.mcp.hooks import errors as hook_errors
from decision_gate.mcp.hooks.rate_limiter import RateLimitedError, RateLimiterOverloadedError

ROWS = [
    (errors.InvalidRequestError(), -32600, "invalid_request", 400, "invalid json-rpc request"),
    (errors.InvalidVersionError(), -32600, "invalid_request", 400, "invalid json-rpc version"),
    (errors.MethodNotFoundError(), -32601, "method_not_found", 400, "method not found"),
    (errors.UnknownToolError(), -32601, "method_not_found", 400, "unknown tool"),
    (errors.InvalidParamsError("invalid tool params"), -32602, "invalid_params", 400, "invalid tool params"),
    (DecodeError("", "missing field `x`"), -32602, "invalid_params", 400, "missing field `x`"),
    (InvalidIdentifierError("run_id", "found an empty text"), -32602, "invalid_params", 400, None),
    (hook_errors.UnauthenticatedError("why"), -32001, "unauthenticated", 401, "unauthenticated"),
    (hook_errors.UnauthorizedError("why"), -32003, "unauthorized", 403, "unauthorized"),
    (hook_errors.NamespaceUnavailableError("why"), -32003, "unauthorized", 403, "unauthorized"),
    (hook_errors.NamespaceInvalidError("invalid request id"), -32602, "invalid_params", 400, "invalid request id"),
    (errors.ForbiddenOriginError("why"), -32003, "unauthorized", 403, "unauthorized"),
    (ports.RiderRefusedError("usage", "quota"), -32003, "unauthorized", 403, "unauthorized"),
    (engine.ScenarioNotFoundError("s"), -32004, "not_found", 200, "scenario not defined"),
    (errors.NotFoundError("run not found"), -32004, "not_found", 200, "run not found"),
    (errors.CallConflictError("scenario already defined"), -32009, "conflict", 200, "scenario already defined"),
    (engine.SubmissionConflictError("s"), -32009, "conflict", 200, "submission_id conflict: s"),
    (engine.RunOfOtherScenarioError("r", "s"), -32009, "conflict", 200, None),
    (engine.ConcurrentUpdateError("r"), -32009, "conflict", 200, None),
    (engine.RunNotFoundError("r"), -32030, "control_plane", 200, "run not found: r"),
    (ports.RunExistsError("r"), -32030, "control_plane", 200, "run already exists: r"),
    (engine.InvalidScenarioError("x"), -32030, "control_plane", 200, "invalid scenario spec: x"),
    (ports.DisclosureDeniedError(), -32030, "control_plane", 200, "policy denied disclosure"),
    (engine.EvidenceTooLargeError(2, 1), -32030, "control_plane", 200, "evidence payload exceeds size limit (2 > 1)"),
    (ports.DataShapeExistsError(), -32009, "conflict", 200, "schema already registered"),
    (ports.DataShapeInvalidError("invalid cursor"), -32602, "invalid_params", 400, "invalid cursor"),
    (ports.DataShapeStoreError("disk"), -32050, "internal", 200, "disk"),
    (ports.StoreUnavailableError("closed"), -32030, "control_plane", 200, "run state store error: closed"),
    (
        ports.ArtifactError("unable to write artifact"),
        -32040,
        "runpack",
        200,
        "artifact error: unable to write artifact",
    ),
    (errors.RunpackFailedError("output_dir is required"), -32040, "runpack", 200, "output_dir is required"),
    (errors.RequestTooLargeError(), -32070, "request_too_large", 413, "request body too large"),
    (RateLimitedError(5), -32071, "rate_limited", 429, "rate limit exceeded"),
    (errors.ServerOverloadedError(), -32072, "inflight_limit", 503, "server overloaded"),
    (RateLimiterOverloadedError(), -32072, "inflight_limit", 503, "rate limiter overloaded"),
    (errors.InvalidCorrelationIdError("too_long"), -32073, "invalid_correlation_id", 400, "invalid correlation id"),
]


@pytest.mark.parametrize(("error", "code", "kind", "status", "message"), ROWS, ids=lambda value: type(value).__name__)
def test_an_error_has_the_number_kind_status_and_text_of_the_contract(error, code, kind, status, message):
    wire = wire_error(error)

    assert (wire.code, wire.kind, wire.http_status) == (code, kind, status)
    assert wire.message == (message if message is not None else str(error))
    assert wire.retryable is (code in (-32071, -32072))


def test_an_unexpected_error_is_logged_and_tells_the_client_nothing(caplog):
    with caplog.at_level(logging.ERROR):
        wire = wire_error(RuntimeError("secret detail"))

    assert (wire.code, wire.kind, wire.message) == (-32050, "internal", "internal error")
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("module", [engine, ports])
def test_every_error_of_the_core_has_a_row_of_its_own_choice(module):
    classes = [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, DecisionGateError) and found is not DecisionGateError
    ]

    kinds = {found.__name__: wire_error(found.__new__(found)).kind for found in classes if found.__name__ not in ODD}

    assert [name for name, kind in kinds.items() if kind == "internal"] == []


ODD = {
    "RiderRefusedError",  # judged by its kind
    "DataShapeInvalidError",  # shown by its reason
    "DataShapeStoreError",  # internal in the contract
}


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (RateLimitedError(1), 1),
        (RateLimitedError(1001), 2),
        (errors.ServerOverloadedError(), 1),
        (errors.NotFoundError("x"), None),
    ],
)
def test_retry_after_is_whole_seconds_rounded_up(error, seconds):
    assert retry_after_seconds(wire_error(error)) == seconds
