"""Where the database is and how many connections a server may hold."""

import attrs

APPLICATION_NAME = "decision-gate"
"""What the database shows as the name of our sessions."""

MAX_SCHEMA_BYTES = 1_048_576
"""Largest canonical schema, and the default (contract §9.2)."""


@attrs.frozen(kw_only=True)
class PostgresSettings:
    """Settings of the stores of type ``postgres``.

    ``dsn`` is a libpq connection string or URI; it may hold a password and is never shown. ``max_connections`` bounds
    the pool of one server; a call waits at most ``acquire_timeout_ms`` for one of them. ``statement_timeout_ms`` is
    enforced by the database. With ``migrate`` false the schema must be up to date already (a role without rights to
    change it).
    """

    dsn: str = attrs.field(repr=False)
    min_connections: int = attrs.field(default=1, validator=attrs.validators.ge(0))
    max_connections: int = attrs.field(default=16, validator=attrs.validators.ge(1))
    acquire_timeout_ms: int = attrs.field(default=5_000, validator=attrs.validators.ge(1))
    connect_timeout_s: int = attrs.field(default=5, validator=attrs.validators.ge(2))
    statement_timeout_ms: int = attrs.field(default=30_000, validator=attrs.validators.ge(1))
    migrate: bool = True
    max_schema_bytes: int = attrs.field(
        default=MAX_SCHEMA_BYTES, validator=(attrs.validators.ge(1), attrs.validators.le(MAX_SCHEMA_BYTES))
    )
    max_schema_entries: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )
