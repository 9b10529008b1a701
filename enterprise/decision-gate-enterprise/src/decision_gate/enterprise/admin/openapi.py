"""The OpenAPI description of ``/admin/v1``."""

import re
from collections.abc import Sequence
from typing import Final

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.schemas import field_schema, request_schema
from decision_gate.enterprise.admin.use_case import UseCase

PREFIX: Final = "/admin/v1"
_IN_PATH: Final = re.compile(r"\{(\w+)\}")
_ERRORS: Final = {
    "400": "The request is not what the use case takes.",
    "401": "Nobody is recognised.",
    "403": "The caller has not the role.",
    "404": "What is named is not there.",
    "409": "It is there already, not in a state for this, or the idempotency key was used for something else.",
    "429": "Too many requests.",
    "503": "The database does not answer, or too much is under way.",
}


def names_in_path(use_case: UseCase) -> tuple[str, ...]:
    """Return the fields of a request that stand in the path."""
    return tuple(_IN_PATH.findall(use_case.path))


def openapi(use_cases: Sequence[UseCase], version: str) -> dict[str, JsonValue]:
    """Return the description of the API that serves *use_cases*."""
    paths: dict[str, JsonValue] = {}
    for use_case in use_cases:
        if use_case.method is None:
            continue
        operations = paths.setdefault(PREFIX + use_case.path, {})
        if isinstance(operations, dict):
            operations[use_case.method.lower()] = _operation(use_case)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Decision Gate administration", "version": version},
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Error": {
                    "type": "object",
                    "properties": {
                        "error": {
                            "type": "object",
                            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                            "required": ["code", "message"],
                        }
                    },
                    "required": ["error"],
                }
            },
        },
        "security": [{"key": []}],
    }


def _operation(use_case: UseCase) -> dict[str, JsonValue]:
    in_path = names_in_path(use_case)
    parameters: list[JsonValue] = [
        {"name": name, "in": "path", "required": True, "schema": field_schema(use_case, name)} for name in in_path
    ]
    schema = request_schema(use_case)
    rest = _without(schema, in_path)
    operation: dict[str, JsonValue] = {
        "operationId": use_case.name,
        "summary": use_case.summary,
        "tags": [use_case.family],
        "parameters": parameters,
        "responses": _responses(),
    }
    if not use_case.is_change:
        required = rest["required"]
        properties = rest["properties"]
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": isinstance(required, list) and name in required,
                "schema": member,
            }
            for name, member in (properties.items() if isinstance(properties, dict) else ())
        ]
        return operation
    parameters.append(
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key with the same request is done once and answered the same.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    )
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": rest}}}
    return operation


def _responses() -> dict[str, JsonValue]:
    refusals: dict[str, JsonValue] = {
        status: {
            "description": meaning,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        for status, meaning in _ERRORS.items()
    }
    done: JsonValue = {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"200": done, **refusals}


def _without(schema: dict[str, JsonValue], names: Sequence[str]) -> dict[str, JsonValue]:
    properties, required = schema["properties"], schema["required"]
    return {
        **schema,
        "properties": {
            name: member
            for name, member in (properties.items() if isinstance(properties, dict) else ())
            if name not in names
        },
        "required": [name for name in (required if isinstance(required, list) else ()) if name not in names],
    }
