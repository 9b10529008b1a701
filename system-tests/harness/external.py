"""Providers outside the server: how they are configured, and the strange one as a program and as a service."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from harness import documents, strange_provider
from harness.stand_in import Asked, Says

PROGRAM = Path(strange_provider.__file__)
CHECKS = (
    *strange_provider.ANSWERS,
    "says",
    "held",
    "hangs",
    "dies",
    "dies-half-way",
    "drips",
    "no-length",
    "wrong-length",
    "more-than-asked",
    "chatters",
    "adds-later",
    "redirects",
    "overloaded",
)


def contract(name: str, *checks: str) -> dict[str, Any]:
    """Return what a provider says about itself: checks that answer a boolean and take any object."""
    said = [
        {
            "check_id": check,
            "description": "Says what its name says.",
            "determinism": "external",
            "params_required": False,
            "params_schema": {"type": "object"},
            "result_schema": {"type": "boolean"},
            "allowed_comparators": ["equals", "not_equals"],
            "anchor_types": [],
            "content_types": ["application/json"],
            "examples": [],
        }
        for check in checks
    ]
    head = {"provider_id": name, "name": name, "description": "A provider of the tests.", "transport": "mcp"}
    return {**head, "config_schema": {"type": "object"}, "checks": said, "notes": []}


def provider(folder: Path, name: str, **table: Any) -> dict[str, Any]:  # noqa: ANN401 - TOML values
    """Return an entry of ``[[providers]]``; *table* says where the provider is."""
    path = folder / f"{name}.contract.json"
    path.write_text(documents.text(contract(name, *CHECKS)), encoding="utf-8")
    return {"name": name, "type": "mcp", "capabilities_path": str(path), **table}


def as_program(folder: Path, name: str, deadline_ms: int, **table: Any) -> dict[str, Any]:  # noqa: ANN401 - TOML values
    """Return the strange provider as a child of the server; what it remembers is in folder *name*."""
    (folder / name).mkdir()
    command = [sys.executable, str(PROGRAM), str(folder / name)]
    return provider(folder, name, command=command, timeouts=_timeouts(deadline_ms), **table)


def as_service(folder: Path, name: str, url: str, deadline_ms: int, **table: Any) -> dict[str, Any]:  # noqa: ANN401 - TOML values
    """Return the strange provider as a service at *url*."""
    return provider(folder, name, url=url, allow_insecure_http=True, timeouts=_timeouts(deadline_ms), **table)


def _timeouts(deadline_ms: int) -> dict[str, int]:
    return {"connect_timeout_ms": min(deadline_ms, 10_000), "request_timeout_ms": deadline_ms}


def answering(asked: Asked, is_released: threading.Event) -> Says:
    """Answer as the strange provider does, over HTTP."""
    query = json.loads(asked.body)["params"]["arguments"]["query"]
    check = query["check_id"]
    good = strange_provider.ANSWERS["good"]
    whole = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(good), good)
    match check:
        case "held" | "hangs":
            is_released.wait()
            return Says(body=good)
        case "dies":
            return Says(raw=b"")
        case "dies-half-way":
            return Says(raw=whole[:-10])
        case "drips":
            return Says(raw=whole, pause_s=0.2)  # its head alone takes longer than any deadline of these tests
        case "no-length" | "more-than-asked" | "chatters":
            return Says(raw=b"HTTP/1.1 200 OK\r\n\r\n" + good)
        case "wrong-length":
            return Says(raw=b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n" + good)
        case "redirects":
            return Says(status=307, headers={"location": f"/elsewhere{asked.path}"})
        case "overloaded":
            return Says(status=503, body=good)
        case _:
            return Says(body=strange_provider.body(check, query.get("params")))
