"""Does the endpoint answer as its callers need, and refuse what its owner forbids?"""

import email.utils
import time
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, Final

from decision_gate.mcp.cli.circuits import told_circuits
from decision_gate.mcp.cli.doctor.asking_http import Answer, Line
from decision_gate.mcp.cli.doctor.finding import Finding, failed, ok, warning
from decision_gate.mcp.cli.doctor.messages import DISCOVER, INITIALIZE, LEGACY, LIST, MODERN
from decision_gate.mcp.config import Config
from decision_gate.mcp.config.auth import AuthMode

_STRANGER: Final = "stranger.example"
_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
_OK, _UNAUTHENTICATED, _FORBIDDEN, _TOO_LARGE, _TOO_MANY = 200, 401, 403, 413, 429
_TOLERATED_SKEW_S: Final = 2


def endpoint_findings(config: Config, line: Line, token: str | None) -> Iterator[Finding]:
    """Ask the running server of a configuration; its audit shows these calls, the refused ones too.

    *token* is what callers need, none when there is none to call with.
    """
    try:
        ready = line.ask("GET", "/readyz")
        yield _ready(ready)
        yield from _resting(ready)
        bare = line.ask("POST", "/rpc", _JSON, LIST)
        if bare.status == _TOO_MANY:
            yield warning("endpoint", "the rate limit refused the doctor", "ask again in a minute")
            return
        yield from _clock(config, bare)
        yield from _callers(config, line, bare, token)
        yield from _strangers(config, line)
        yield _oversized(config, line)
        if config.is_local_only or token is not None:
            yield from _mcp(config, line, token)
    except (OSError, HTTPException) as error:
        yield failed("endpoint", f"it stopped answering: {error}", "look at the server's log")


def _ready(answer: Answer) -> Finding:
    if answer.status == _OK:
        return ok("stores", "the server says that all of them can commit")
    return failed("stores", f"/readyz answers {answer.status}: one cannot commit", "look at the server's log")


def _resting(answer: Answer) -> Iterator[Finding]:
    for name, state in (told_circuits(answer.message) or {}).items():
        yield warning(
            "providers", f"{name} failed: its circuit is {state.value}", "look at the program of the provider"
        )


def _clock(config: Config, answer: Answer) -> Iterator[Finding]:
    date = answer.headers.get("date")
    if date is None:
        return
    off = abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time())  # noqa: TID251 - two clocks are compared
    if off * 1000 > config.time.max_skew_ms:
        yield failed("clock", f"the server's is {off:.0f} s off this machine's", "synchronise both clocks (NTP)")
    elif off > _TOLERATED_SKEW_S:
        yield warning("clock", f"the server's is {off:.0f} s off this machine's", "synchronise both clocks (NTP)")
    else:
        yield ok("clock", "the server's agrees with this machine's")


def _callers(config: Config, line: Line, bare: Answer, token: str | None) -> Iterator[Finding]:
    if config.is_local_only:
        if bare.status != _OK:
            yield failed("callers", f"/rpc answers {bare.status} to this machine", "look at the server's log")
        else:
            yield ok("callers", f"whoever is on this machine may call {_count(bare.message)} tools")
        return
    if bare.status != _UNAUTHENTICATED:
        yield failed("callers", f"/rpc answers {bare.status} to a caller without credentials", "check authentication")
    else:
        yield ok("callers", "a caller without credentials is refused")
    if config.server.auth.mode is AuthMode.MTLS:
        return
    if token is None:
        yield warning("callers", "there is no token to call with", "put one into DECISION_GATE_TOKEN and ask again")
        return
    known = line.ask("POST", "/rpc", _JSON | {"Authorization": f"Bearer {token}"}, LIST)
    if known.status == _OK:
        yield ok("callers", f"a caller with a token may call {_count(known.message)} tools")
    else:
        yield failed("callers", f"/rpc answers {known.status} to a caller with a token", "check the token")


def _strangers(config: Config, line: Line) -> Iterator[Finding]:
    page = line.ask("POST", "/rpc", _JSON | {"Origin": f"https://{_STRANGER}"}, LIST)
    if page.status == _FORBIDDEN:
        yield ok("strangers", "a web page of somebody else is refused")
    else:
        yield failed("strangers", f"a web page of somebody else is answered {page.status}", "check allowed_origins")
    named = line.ask("POST", "/rpc", _JSON | {"Host": _STRANGER}, LIST)
    if named.status == _FORBIDDEN:
        yield ok("strangers", "a foreign Host is refused")
    elif config.is_local_only or config.server.allowed_hosts is not None:
        yield failed("strangers", f"a foreign Host is answered {named.status}", "check allowed_hosts")
    elif config.server.address().is_loopback:
        yield ok("strangers", "any Host is accepted, from this machine and with credentials")
    else:
        yield warning("strangers", "any Host is accepted", "set server.allowed_hosts to the names of this server")


def _oversized(config: Config, line: Line) -> Finding:
    most = config.server.max_body_bytes
    answer = line.ask("POST", "/rpc", _JSON, length=most + 1)
    if answer.status == _TOO_LARGE:
        return ok("limits", f"more than {most} bytes are refused before they are read")
    return failed("limits", f"{most + 1} bytes are answered {answer.status}", "look at the server's log")


def _mcp(config: Config, line: Line, token: str | None) -> Iterator[Finding]:
    if not config.server.mcp.enabled:
        yield ok("mcp", "/mcp is off")
        return
    headers = _JSON if token is None else _JSON | {"Authorization": f"Bearer {token}"}
    named = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "server/discover"}
    modern = line.ask("POST", "/mcp", headers | named, DISCOVER)
    yield mcp_finding("/mcp", MODERN, modern.message, MODERN in _versions(modern.message))
    legacy = line.ask("POST", "/mcp", headers, INITIALIZE)
    yield mcp_finding("/mcp", LEGACY, legacy.message, agreed(legacy.message) == LEGACY)


def mcp_finding(place: str, era: str, message: Any, is_spoken: bool) -> Finding:  # noqa: ANN401, FBT001 - a wire value
    """Say whether MCP of one era is spoken."""
    if is_spoken:
        return ok("mcp", f"{place} speaks {era}")
    return failed("mcp", f"{place} does not speak {era}: {str(message)[:200]}", "look at the server's log")


def _versions(message: Any) -> list[Any]:  # noqa: ANN401 - a wire value
    match message:
        case {"result": {"supportedVersions": list(versions)}}:
            return versions
        case _:
            return []


def agreed(message: Any) -> Any:  # noqa: ANN401 - a wire value
    """Return the protocol version that the answer to ``initialize`` settles on; none when it is no such answer."""
    match message:
        case {"result": {"protocolVersion": version}}:
            return version
        case _:
            return None


def _count(message: Any) -> int:  # noqa: ANN401 - a wire value
    match message:
        case {"result": {"tools": list(tools)}}:
            return len(tools)
        case _:
            return 0
