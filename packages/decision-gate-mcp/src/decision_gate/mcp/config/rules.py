"""The checks that several tables share; each raises ``InvalidConfigError`` with a text of contract §3.3."""

from decision_gate.mcp.config.errors import InvalidConfigError

MAX_PATH_BYTES = 4096
MAX_COMPONENT_BYTES = 255

# The White_Space property of Unicode. `str.strip` also takes U+001C to U+001F, which are control characters here.
_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def demand(holds: bool, text: str) -> None:  # noqa: FBT001 - reads as a sentence: demand(condition, "otherwise")
    """Refuse with ``text`` unless the condition holds."""
    if not holds:
        raise InvalidConfigError(text)


def trimmed(text: str) -> str:
    """Return the text without white space at its ends; a text of nothing else is blank (contract §3.3)."""
    return text.strip(_BLANKS)


def demand_path(label: str, path: str) -> None:
    """Hold a path to the shared rule: not blank, 4096 bytes in all, 255 in each component (contract §3.3)."""
    text = trimmed(path)
    demand(bool(text), f"{label} must be non-empty")
    demand(len(text.encode()) <= MAX_PATH_BYTES, f"{label} exceeds max length")
    demand(not _has_long_component(text), f"{label} path component too long")


def demand_store_path(path: str) -> None:
    """Hold a store's path to the length rule; both stores use one text (contract §3.3)."""
    demand(len(path.encode()) <= MAX_PATH_BYTES, "run_state_store path exceeds max length")
    demand(not _has_long_component(path), "run_state_store path component too long")


def demand_milliseconds(label: str, value: int, least: int, most: int) -> None:
    """Hold a time limit between two bounds, both included."""
    demand(least <= value <= most, f"{label} must be between {least} and {most} milliseconds")


def _has_long_component(path: str) -> bool:
    return any(len(component.encode()) > MAX_COMPONENT_BYTES for component in path.split("/"))
