"""``[anchors]``: which fields the evidence of a provider must be anchored with (contract §3.3)."""

import attrs

from decision_gate.mcp.config.errors import InvalidConfigError
from decision_gate.mcp.config.kinds import Array, Text
from decision_gate.mcp.config.rules import demand, trimmed
from decision_gate.mcp.config.table import Table, key


@attrs.frozen(kw_only=True)
class AnchorProvider:
    """Anchor requirement of one provider."""

    provider_id: str = key(Text(), "Provider it is demanded of.")
    anchor_type: str = key(Text(), "Type the anchor must have.")
    required_fields: tuple[str, ...] = key(Array(Text()), "Fields the anchor must hold.")

    def check(self) -> None:
        """Check the names. Raise ``InvalidConfigError``."""
        demand(bool(trimmed(self.provider_id)), "anchors.providers.provider_id must be non-empty")
        demand(self.provider_id == trimmed(self.provider_id), "anchors.providers.provider_id must be trimmed")
        demand(bool(trimmed(self.anchor_type)), "anchors.providers.anchor_type must be non-empty")
        demand(bool(self.fields), "anchors.providers.required_fields must be non-empty")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields in effect: trimmed, without blanks, sorted, each once."""
        return tuple(sorted({trimmed(field) for field in self.required_fields} - {""}))


@attrs.frozen(kw_only=True)
class AnchorsTable:
    """``[anchors]``."""

    providers: tuple[AnchorProvider, ...] = key(
        Array(Table(AnchorProvider)), "Requirements, one a provider.", default=()
    )

    def check(self) -> None:
        """Check every requirement and that no provider has two. Raise ``InvalidConfigError``."""
        seen: set[str] = set()
        for provider in self.providers:
            provider.check()
            if provider.provider_id in seen:
                raise InvalidConfigError(f"duplicate anchors.providers.provider_id: {provider.provider_id}")
            seen.add(provider.provider_id)
