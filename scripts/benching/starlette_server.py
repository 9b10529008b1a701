"""Starlette and orjson alone: the least that answers a call of a tool, as the peer of what our server adds.

Reads the body, finds the id, answers with a value made anew for every call; no guards, no limits, no audit. Run as
``python -P starlette_server.py PORT VALUE``, where VALUE is a file of JSON.
"""

import sys
from pathlib import Path

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def app(value: object) -> Starlette:
    """Return the application that answers every call with *value*."""

    async def rpc(request: Request) -> Response:
        call = orjson.loads(await request.body())
        result = {"content": [{"type": "json", "json": value}]}
        return Response(
            orjson.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}), media_type="application/json"
        )

    return Starlette(routes=[Route("/rpc", rpc, methods=["POST"])])


def main(port: int, value: Path) -> None:
    """Serve at *port* until the process is told to stop."""
    uvicorn.run(app(orjson.loads(value.read_bytes())), port=port, log_config=None, access_log=False, lifespan="off")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
