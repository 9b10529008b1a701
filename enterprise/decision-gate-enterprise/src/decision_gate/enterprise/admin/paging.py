"""Pages of listings: a cursor says where the last page ended, and nothing that widens what may be seen."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.errors import AdminInvalidError
from decision_gate.enterprise.admin.fields import shown

_T = TypeVar("_T")


def place_after(cursor: str | None) -> bytes:
    """Return the place that a cursor names; before everything without one. Raise ``AdminInvalidError``."""
    if cursor is None:
        return b""
    try:
        return base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise AdminInvalidError("cursor: take it from the page before") from error


def page(
    found: Sequence[_T],
    limit: int,
    place: Callable[[_T], bytes],
    wire: Callable[[_T], dict[str, JsonValue]] = shown,
) -> dict[str, JsonValue]:
    """Return a page of at most *limit* items; *found* has one more when there is a next page."""
    items = found[:limit]
    cursor = base64.urlsafe_b64encode(place(items[-1])).decode() if len(found) > limit else None
    return {"items": [wire(item) for item in items], "next_cursor": cursor}
