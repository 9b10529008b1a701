"""``[client]``: how clients that share the file sign in (contract §3.3); the server only lets it stand there."""

from collections.abc import Mapping

import attrs

from decision_gate.mcp.config.kinds import Secret, Text
from decision_gate.mcp.config.secrets import SecretSource
from decision_gate.mcp.config.table import NamedTables, key


@attrs.frozen(kw_only=True)
class AuthProfileTable:
    """What a client sends when it is told to use this profile."""

    bearer_token: SecretSource | None = key(Secret(), "Token to send.", default=None)
    client_subject: str | None = key(Text(), "Subject to name, where a proxy in front may.", default=None)


@attrs.frozen(kw_only=True)
class ClientTable:
    """``[client]``: for clients that share the file; the server reads over it."""

    auth_profiles: Mapping[str, AuthProfileTable] | None = key(
        NamedTables(AuthProfileTable), "Profiles by name.", default=None
    )
