"""A small client of ``/admin/v1``."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from harness.rpc import TIMEOUT_S, Answer, connection

PREFIX = "/admin/v1"


class AdminClient:
    """Somebody who administers with a key, or without one. A new connection each time."""

    def __init__(self, port: int, key: str | None = None) -> None:
        self._port = port
        self._key = key

    def send(self, verb: str, path: str, value: Any = None, **headers: str) -> Answer:  # noqa: ANN401 - a wire value
        """Make one request below the prefix; *value* is the query of a GET and the body of everything else."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if self._key is not None:
            sent["authorization"] = f"Bearer {self._key}"
        body = None
        if verb == "GET":
            path += f"?{urlencode(value)}" if value else ""
        else:
            sent["content-type"] = "application/json"
            body = json.dumps(value if value is not None else {})  # noqa: TID251 - what is ours must be read
        opened = connection(self._port, TIMEOUT_S, None)
        try:
            opened.request(verb, PREFIX + path, body=body, headers=sent)
            response = opened.getresponse()
            names = {name.lower(): text for name, text in response.getheaders()}
            return Answer(status=response.status, headers=names, body=response.read())
        finally:
            opened.close()

    def do(self, verb: str, path: str, value: Any = None, **headers: str) -> Any:  # noqa: ANN401 - wire values
        """Make a request that is answered and return the answer. Raise ``AssertionError``."""
        answer = self.send(verb, path, value, **headers)
        assert answer.status == 200, (answer.status, answer.body)  # noqa: S101, PLR2004 - a refusal fails the test
        return answer.json

    def pages(self, path: str, limit: int) -> list[Any]:
        """Return all items of a listing, *limit* at a time."""
        items: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.do("GET", path, {"limit": limit, **cursor})
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = {"cursor": page["next_cursor"]}


def filled(path: str, values: Mapping[str, object]) -> str:
    """Return a path of the description with *values* in the place of its names."""
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    return path
