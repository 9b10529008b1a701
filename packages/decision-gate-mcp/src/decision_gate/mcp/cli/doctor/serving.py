"""The server that the doctor asks: the one that runs, or one that is started for as long as it is asked."""

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Final

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.cli.doctor.asking_http import Line
from decision_gate.mcp.cli.doctor.endpoint import agreed, mcp_finding
from decision_gate.mcp.cli.doctor.finding import Finding, failed, ok
from decision_gate.mcp.cli.doctor.messages import DISCOVER, INITIALIZE, LEGACY, MODERN

START_S: Final = 30.0
STOP_S: Final = 40.0
_POLL_S: Final = 0.05
_SERVE: Final = (sys.executable, "-c", "from decision_gate.mcp.cli.main import main; main()", "serve")


@contextlib.contextmanager
def serving(path: Path, line: Line, *, may_start: bool) -> Iterator[Finding]:
    """Say whether there is a server to ask, and start one that ends with the context when there is none.

    Args:
        path: Its configuration.
        line: Where it should be.
        may_start: Whether to start one.
    """
    if _is_up(line):
        yield ok("endpoint", f"a server answers at {line.host_header}")
        return
    if not may_start:
        yield failed("endpoint", f"nothing answers at {line.host_header}", "decision-gate serve")
        return
    with tempfile.TemporaryFile() as log:
        command = [*_SERVE, "--config", str(path)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - ourselves
        try:
            if _becomes_up(process, line):
                yield ok("endpoint", f"serve starts and answers at {line.host_header}")
            else:
                log.seek(0)
                lines = log.read().decode("utf-8", "replace").splitlines() or ["it said nothing"]
                yield failed("endpoint", f"serve does not start: {lines[-1]}", "mend that, and ask again")
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_S)


def stdio_findings(path: Path) -> Iterator[Finding]:
    """Start the server as a client does, and speak both eras of MCP to it."""
    command = [*_SERVE, "--config", str(path)]
    try:
        ended = subprocess.run(  # noqa: S603 - ourselves
            command, input=DISCOVER + b"\n" + INITIALIZE + b"\n", capture_output=True, timeout=START_S, check=False
        )
    except subprocess.TimeoutExpired:
        yield failed("endpoint", f"the server says nothing for {START_S:.0f} s", "look at its standard error")
        return
    answers = dict(_messages(ended.stdout))
    if not answers:
        lines = ended.stderr.decode("utf-8", "replace").splitlines() or ["it said nothing"]
        yield failed("endpoint", f"serve does not answer on stdio: {lines[-1]}", "mend that, and ask again")
        return
    yield ok("endpoint", "serve starts and answers on stdio")
    match answers.get(1):
        case {"result": {"supportedVersions": list(versions)}}:
            is_modern = MODERN in versions
        case _:
            is_modern = False
    yield mcp_finding("stdio", MODERN, answers.get(1), is_modern)
    yield mcp_finding("stdio", LEGACY, answers.get(2), agreed(answers.get(2)) == LEGACY)


def _messages(printed: bytes) -> Iterator[tuple[int, JsonValue]]:
    for text in printed.splitlines():
        with contextlib.suppress(JsonParseError):
            message = parse(text)
            number = message.get("id") if isinstance(message, dict) else None
            if isinstance(number, int):
                yield number, message


def _becomes_up(process: subprocess.Popen[bytes], line: Line) -> bool:
    pause = threading.Event()
    for _ in range(int(START_S / _POLL_S)):
        if process.poll() is not None:
            return False
        if _is_up(line):
            return True
        pause.wait(_POLL_S)
    return False


def _is_up(line: Line) -> bool:
    with contextlib.suppress(OSError, HTTPException):
        return line.ask("GET", "/healthz").body == b'{"status":"ok"}'
    return False
