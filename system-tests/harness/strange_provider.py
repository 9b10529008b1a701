"""An evidence provider that does what the check it is asked for is called: answers, lies, is slow, hangs or dies.

``python strange_provider.py FOLDER`` speaks ``Content-Length`` frames over standard input and output; ``stand_in.py``
lets the same answers come over HTTP. It imports nothing of the harness, so that it can run anywhere. In FOLDER it
leaves a file that names its process and one for each question that it keeps waiting; ``release`` there ends the wait.
"""

import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

MAX_BYTES = 1_048_576
"""The longest answer that a server reads (contract §7.7)."""

_PAUSE_S = 0.02
_FOR_EVER = 10_000
_count = itertools.count()


def _evidence(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - wire values
    value = {"value": {"kind": "json", "value": True}, "content_type": "application/json"}
    return {"content": [{"type": "json", "json": value | members}]}


def _reply(**members: Any) -> bytes:  # noqa: ANN401 - wire values
    return json.dumps({"jsonrpc": "2.0", "id": 1} | members).encode()  # noqa: TID251 - a stranger's program


_TRUE = _evidence()
_PLAIN = _TRUE["content"][0]
ANSWERS = {
    "good": _reply(result=_TRUE),
    "other-id": _reply(id=["somebody", "else"], result=_TRUE),
    "more-items": _reply(result={"content": [_PLAIN, {"type": "text", "text": "more"}]}),
    "asserted": _reply(result=_evidence(lane="asserted")),
    "failing": _reply(error={"code": -32000, "message": "the back end is gone"}),
    "failing-result": _reply(result=_evidence(error={"code": "x", "message": "no", "details": None})),
    "wrong-hash": _reply(result=_evidence(evidence_hash={"algorithm": "sha256", "value": "0" * 64})),
    "no-result": _reply(),
    "no-content": _reply(result={"value": True}),
    "empty": _reply(result={"content": []}),
    "wrong-item": _reply(result={"content": [{"type": "image", "data": ""}]}),
    "wrong-second-item": _reply(result={"content": [_PLAIN, {"type": "image", "data": ""}]}),
    "wrong-evidence": _reply(result=_evidence(value={"kind": "number", "value": 1})),
    "text": _reply(result={"content": [{"type": "text", "text": "ready, I think"}]}),
    "no-json": b"ready",
    "no-object": b"[true]",
    "twice": b'{"result":null,"result":{"content":[]}}',
    "too-deep": b'{"result":' + b"[" * 200 + b"]" * 200 + b"}",
    "as-large-as-may-be": _reply(result=_TRUE).ljust(MAX_BYTES),
    "too-large": _reply(result=_TRUE).ljust(MAX_BYTES + 1),
}
"""Body of the answer by check."""


def body(check: str, params: dict[str, Any] | None) -> bytes:
    """Return the answer to a check; ``says`` repeats the evidence that its parameters hold."""
    return _reply(result=_evidence(**(params or {}))) if check == "says" else ANSWERS[check]


def hold(folder: Path, check: str) -> None:
    """Leave a file that a question has come, and return when it may be answered."""
    (folder / f"{check}-{next(_count)}").touch()
    for _ in range(_FOR_EVER):
        if (folder / "release").exists():
            return
        time.sleep(_PAUSE_S)


def _question() -> dict[str, Any]:
    length = 0
    while (line := sys.stdin.buffer.readline()) != b"\r\n":
        if not line:
            raise SystemExit
        length = int(line.split(b":")[1])
    query: dict[str, Any] = json.loads(sys.stdin.buffer.read(length))["params"]["arguments"]["query"]
    return query


def _say(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _frame(answer: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)


def _answer(folder: Path, check: str, params: dict[str, Any] | None) -> None:
    match check:
        case "held" | "hangs":
            hold(folder, check)
            _say(_frame(ANSWERS["good"]))
        case "dies":
            raise SystemExit(3)
        case "dies-half-way":
            _say(_frame(ANSWERS["good"])[:-10])
            raise SystemExit(3)
        case "drips":
            for byte in _frame(ANSWERS["good"]):
                _say(bytes([byte]))
                time.sleep(_PAUSE_S * 2)
        case "no-length":
            _say(b"Content-Type: x\r\n\r\n")
        case "wrong-length":
            _say(b"Content-Length: many\r\n\r\n")
        case "more-than-asked":
            _say(2 * _frame(ANSWERS["good"]))
        case "adds-later":
            _say(_frame(ANSWERS["good"]))
            time.sleep(_PAUSE_S * 5)
            _say(_frame(ANSWERS["asserted"]))
            (folder / "added").touch()
        case "chatters":
            sys.stderr.write("a line of a log\n" * 20_000)
            _say(_frame(ANSWERS["good"]))
        case _:
            _say(_frame(body(check, params)))


def main() -> None:
    """Answer question after question."""
    folder = Path(sys.argv[1])
    (folder / f"started-{os.getpid()}").touch()
    while True:
        query = _question()
        _answer(folder, query["check_id"], query.get("params"))


if __name__ == "__main__":
    main()
