"""Which providers may be asked at all (contract §1.1)."""

import attrs


@attrs.frozen(kw_only=True)
class ProviderAccessPolicy:
    """Lists of provider ids.

    Attributes:
        allowlist: the only ones that may be asked, also when it is empty; None is every one.
        denylist: never asked; looked at first.
    """

    allowlist: frozenset[str] | None = None
    denylist: frozenset[str] = frozenset()

    def permits(self, provider_id: str) -> bool:
        """Tell whether a provider may be asked."""
        if provider_id in self.denylist:
            return False
        return self.allowlist is None or provider_id in self.allowlist
