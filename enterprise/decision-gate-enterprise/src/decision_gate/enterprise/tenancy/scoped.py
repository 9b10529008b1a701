"""A principal whose credential narrows what its grants allow."""

import attrs

from decision_gate.mcp.hooks.principal import Principal


@attrs.frozen(kw_only=True)
class ScopedPrincipal(Principal):
    """A caller with a credential of a smaller scope than itself; none of ``namespaces`` means no narrowing."""

    namespaces: frozenset[int] | None = None
