"""Pages of the listing tools (contract §2.14, §2.16)."""

from decision_gate.mcp.errors import InvalidParamsError

DEFAULT_LIMIT = 50
MAX_LIMIT = 1000


def page_limit(limit: int | None) -> int:
    """Return the size of a page, 50 unless told. Raise ``InvalidParamsError`` outside 1 … 1000."""
    if limit is None:
        return DEFAULT_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidParamsError("limit must be between 1 and 1000")
    return limit
