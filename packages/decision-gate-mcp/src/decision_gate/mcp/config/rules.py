"""The checks that several tables share; each raises ``InvalidConfigError`` with a text of contract §3.3."""

from decision_gate.mcp.config.errors import InvalidConfigError

MAX_PATH_BYTES = 4096
MAX_COMPONENT_BYTES = 255


def demand(holds: bool, text: str) -> None:  # noqa: FBT001 - reads as a sentence: demand(condition, "otherwise")
    """Refuse with ``text`` unless the condition holds."""
    if not holds:
        raise InvalidConfigError(text)


def demand_path(label: str, path: str) -> None:
    """Hold a path to the shared rule: not blank, 4096 bytes in all, 255 in each component (contract §3.3)."""
    trimmed = path.strip()
    demand(bool(trimmed), f"{label} must be non-empty")
    demand(len(trimmed.encode()) <= MAX_PATH_BYTES, f"{label} exceeds max length")
    demand(not _has_long_component(trimmed), f"{label} path component too long")


def demand_store_path(path: str) -> None:
    """Hold a store's path to the length rule; both stores use one text (contract §3.3)."""
    demand(len(path.encode()) <= MAX_PATH_BYTES, "run_state_store path exceeds max length")
    demand(not _has_long_component(path), "run_state_store path component too long")


def demand_milliseconds(label: str, value: int, least: int, most: int) -> None:
    """Hold a time limit between two bounds, both included."""
    demand(least <= value <= most, f"{label} must be between {least} and {most} milliseconds")


def _has_long_component(path: str) -> bool:
    return any(len(component.encode()) > MAX_COMPONENT_BYTES for component in path.split("/"))
