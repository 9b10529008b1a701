"""The OpenAPI 3.1 document of ``/rpc``, made of the published schemas and the error table (contract §16)."""

from functools import cache
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.error_map import published_errors
from decision_gate.mcp.tools.catalogue import ToolText, published_outputs, published_tools

PATH: Final = "/openapi.json"
CONTRACT_VERSION: Final = "0.1.0"
"""Version of the wire, not of this software (contract §13, row 47)."""

_SCHEMAS: Final = "#/components/schemas/"
_REPLY: Final = "What a call gives, or why it was refused; most refusals by the engine have status 200."
_STATUSES: Final = {
    "200": _REPLY,
    "400": "The request or its arguments are not as they should be.",
    "401": "The caller is not recognised.",
    "403": "The caller may not do this.",
    "413": "The request is too large.",
    "429": "Too many requests; see Retry-After.",
    "503": "The server is busy; see Retry-After.",
}
_DESCRIPTION: Final = "Deterministic gates over verified evidence. Every call is JSON-RPC 2.0: POST /rpc."


def openapi_route() -> Route:
    """Return the route that serves the document; it tells nothing about this server, so anybody may read it."""

    async def document(_request: Request) -> Response:
        return Response(openapi_text(), media_type="application/json")

    return Route(PATH, document, methods=["GET"])


@cache
def openapi_text() -> bytes:
    """Return the JSON text of the document."""
    return plain(openapi_document())


def openapi_document() -> dict[str, JsonValue]:
    """Make the document: one operation, a request and a reply of each tool, and every kind of error."""
    schemas: dict[str, JsonValue] = {"Error": _error_schema()}
    requests: list[JsonValue] = []
    results: list[JsonValue] = []
    for text in published_tools().values():
        name = "".join(word.capitalize() for word in text.name.split("_"))
        schemas |= _hoisted(f"{name}Arguments", text.input_schema)
        schemas |= _hoisted(f"{name}Result", published_outputs()[text.name])
        schemas[f"{name}Request"] = _request_schema(text, f"{name}Arguments")
        schemas[f"{name}Reply"] = _reply_schema(f"{name}Result")
        requests.append({"$ref": f"{_SCHEMAS}{name}Request"})
        results.append({"$ref": f"{_SCHEMAS}{name}Reply"})
    reply: JsonValue = {"anyOf": [{"$ref": f"{_SCHEMAS}Error"}, *results]}
    responses: dict[str, JsonValue] = {
        status: {
            "description": text,
            "content": _json(reply if status == "200" else {"$ref": f"{_SCHEMAS}Error"}),
        }
        for status, text in _STATUSES.items()
    }
    operation: dict[str, JsonValue] = {
        "operationId": "rpc",
        "summary": "Call a tool",
        "requestBody": {"required": True, "content": _json({"anyOf": requests})},
        "responses": responses,
        "security": [{}, {"bearer": []}],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Decision Gate", "version": CONTRACT_VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": {"/rpc": {"post": operation}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _request_schema(text: ToolText, arguments: str) -> JsonValue:
    params = _closed({"name": {"const": text.name}, "arguments": {"$ref": f"{_SCHEMAS}{arguments}"}})
    return {
        **_closed({"jsonrpc": {"const": "2.0"}, "id": {}, "method": {"const": "tools/call"}, "params": params}),
        "description": text.description,
    }


def _reply_schema(result: str) -> JsonValue:
    item = _closed({"type": {"const": "json"}, "json": {"$ref": f"{_SCHEMAS}{result}"}})
    content: JsonValue = {"type": "array", "items": item, "minItems": 1, "maxItems": 1}
    return _closed({"jsonrpc": {"const": "2.0"}, "id": {}, "result": _closed({"content": content})})


def _error_schema() -> JsonValue:
    rows = published_errors().values()
    codes: list[JsonValue] = sorted({row.code for row in rows}, reverse=True)  # type: ignore[assignment] # numbers are JSON
    kinds: list[JsonValue] = sorted({row.kind for row in rows})  # type: ignore[assignment] # texts are JSON
    told = _closed(
        {
            "kind": {"enum": kinds},
            "retryable": {"type": "boolean"},
            "request_id": {"type": ["string", "null"]},
        },
        {"retry_after_ms": {"type": "integer", "minimum": 0}},
    )
    error = _closed({"code": {"enum": codes}, "message": {"type": "string"}, "data": told})
    return _closed({"jsonrpc": {"const": "2.0"}, "id": {}, "error": error})


def _hoisted(name: str, schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return a schema as components: its ``$defs`` beside it, for in a component ``#`` means the whole document."""
    shelf = schema.get("$defs")
    own = {inner: f"{name}{inner.capitalize()}" for inner in shelf} if isinstance(shelf, dict) else {}
    body = {key: value for key, value in schema.items() if key not in ("$schema", "$defs")}
    parts: dict[str, JsonValue] = {name: _repointed(body, own)}
    if isinstance(shelf, dict):
        parts |= {own[inner]: _repointed(value, own) for inner, value in shelf.items()}
    return parts


def _repointed(value: Any, own: dict[str, str]) -> Any:  # noqa: ANN401 - any part of a schema
    match value:
        case {"$ref": str(target), **rest} if target.startswith("#/$defs/"):
            return {"$ref": _SCHEMAS + own[target.removeprefix("#/$defs/")], **rest}
        case dict():
            return {key: _repointed(inner, own) for key, inner in value.items()}
        case list():
            return [_repointed(inner, own) for inner in value]
        case _:
            return value


def _closed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


def _json(schema: JsonValue) -> JsonValue:
    return {"application/json": {"schema": schema}}
