"""``[docs]`` and ``[provider_discovery]``: what the server tells about itself (contract §3.3)."""

import attrs

from decision_gate.mcp.config.kinds import Array, Boolean, Integer, Text
from decision_gate.mcp.config.rules import demand, demand_path, trimmed
from decision_gate.mcp.config.table import key

MAX_EXTRA_PATHS = 64
_BOUNDS = {"max_doc_bytes": 1_048_576, "max_total_bytes": 8_388_608, "max_docs": 256, "max_sections": 10}


@attrs.frozen(kw_only=True)
class DocsTable:
    """``[docs]``."""

    enabled: bool = key(Boolean(), "Offer documentation at all.", default=True)
    enable_search: bool = key(Boolean(), "Offer the search tool.", default=True)
    enable_resources: bool = key(Boolean(), "Offer documents as resources.", default=True)
    include_default_docs: bool = key(Boolean(), "Offer the built-in documents.", default=True)
    extra_paths: tuple[str, ...] = key(
        Array(Text(), most=MAX_EXTRA_PATHS), "More documents, files or folders.", default=()
    )
    max_doc_bytes: int = key(Integer(low=1, high=_BOUNDS["max_doc_bytes"]), "Largest document.", default=262_144)
    max_total_bytes: int = key(Integer(low=1, high=_BOUNDS["max_total_bytes"]), "Largest catalogue.", default=1_048_576)
    max_docs: int = key(Integer(low=1, high=_BOUNDS["max_docs"]), "Most documents.", default=32)
    max_sections: int = key(Integer(low=1, high=_BOUNDS["max_sections"]), "Most sections of one answer.", default=10)

    def check(self) -> None:
        """Check paths and bounds. Raise ``InvalidConfigError``."""
        demand(len(self.extra_paths) <= MAX_EXTRA_PATHS, "docs.extra_paths too many entries")
        for path in self.extra_paths:
            demand_path("docs.extra_paths", path)
        for name, most in _BOUNDS.items():
            demand(1 <= getattr(self, name) <= most, f"docs.{name} out of range")


@attrs.frozen(kw_only=True)
class ProviderDiscoveryTable:
    """``[provider_discovery]``: which providers are shown to callers."""

    allowlist: tuple[str, ...] = key(Array(Text()), "Providers shown; all when empty.", default=())
    denylist: tuple[str, ...] = key(Array(Text()), "Providers hidden; stronger.", default=())
    max_response_bytes: int = key(Integer(low=1), "Largest answer.", default=1_048_576)

    def check(self) -> None:
        """Check the entries and the size. Raise ``InvalidConfigError``."""
        demand(
            all(trimmed(entry) for entry in (*self.allowlist, *self.denylist)),
            "provider_discovery allow/deny entries must be non-empty",
        )
        demand(self.max_response_bytes > 0, "provider_discovery.max_response_bytes must be > 0")
