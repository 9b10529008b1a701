"""The rider table of the core's conformance suites, for PostgreSQL."""

from typing import Final

import psycopg

from decision_gate.core.ports import Rider
from decision_gate.core.testing.notes import NOTE
from decision_gate.enterprise.stores.postgres import Family, Migration

_STATEMENTS: Final = """
CREATE TABLE decision_gate.notes (
    n bigint GENERATED ALWAYS AS IDENTITY, tenant bytea DEFAULT '', key bytea, body bytea, PRIMARY KEY (tenant, key)
);
CREATE FUNCTION decision_gate.rider_note(keys bytea[], bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF 'refuse this'::bytea = ANY (bodies) THEN
        RAISE EXCEPTION USING ERRCODE = 'DG001', MESSAGE = 'told to', DETAIL = 'note';
    END IF;
    INSERT INTO decision_gate.notes (key, body)
    SELECT r.key, r.body FROM unnest(keys, bodies) WITH ORDINALITY AS r (key, body, n) ORDER BY r.n
    ON CONFLICT DO NOTHING;
END $$;
"""


class PostgresNotes:
    """A ``PostgresRiderTable`` of notes."""

    @property
    def kind(self) -> str:
        """See ``PostgresRiderTable``."""
        return NOTE

    @property
    def family(self) -> Family:
        """See ``PostgresRiderTable``."""
        return Family(name=NOTE, migrations=(Migration(number=1, name="notes", statements=_STATEMENTS),))


def notes_in(dsn: str) -> tuple[Rider, ...]:
    """Return the notes of a database in order of application."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT key, body FROM decision_gate.notes ORDER BY n").fetchall()
    return tuple(Rider(kind=NOTE, key=key.decode(), body=body) for key, body in rows)
