"""The server of one's own: found or loudly missing, started, restarted, gone."""

import signal

import psycopg
import pytest

from decision_gate.enterprise.testing.errors import ServerMissingError
from decision_gate.enterprise.testing.postgres import PROGRAMS_VARIABLE, find_programs, running_postgres


def test_named_folder_without_a_server_is_an_error_and_not_a_skip(monkeypatch, tmp_path):
    monkeypatch.setenv(PROGRAMS_VARIABLE, str(tmp_path))

    with pytest.raises(ServerMissingError) as refused:
        find_programs()

    assert refused.value.code == "server_missing"
    assert str(tmp_path) in str(refused.value)


@pytest.mark.services
def test_databases_of_one_server_are_apart(postgres):
    one, other = postgres.create_database(), postgres.create_database()

    with psycopg.connect(one) as connection:
        connection.execute("CREATE TABLE only_here ()")
    with psycopg.connect(other) as connection:
        found = connection.execute("SELECT to_regclass('only_here')").fetchone()

    assert found == (None,)


@pytest.mark.services
def test_server_answers_again_after_a_crash_and_leaves_no_folder():
    with running_postgres() as server:
        server.stop(signal.SIGKILL)
        server.start()
        with psycopg.connect(server.dsn()) as connection:
            answer = connection.execute("SELECT 1").fetchone()

    assert answer == (1,)
    assert not server.folder.exists()
