"""Settings of the seams that look into the directory."""

import attrs

from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.tenancy.recent import DEFAULT_AGE_MS, MAX_AGE_MS
from decision_gate.mcp.config.kinds import Integer
from decision_gate.mcp.config.table import key


@attrs.frozen(kw_only=True)
class DirectorySettings(DatabaseSettings):
    """A database, and how old what is known of it may be."""

    max_age_ms: int = key(
        Integer(low=0, high=MAX_AGE_MS),
        "How long a look-up is remembered; a revoked right works that much longer at most. 0 asks on every call.",
        default=DEFAULT_AGE_MS,
    )
