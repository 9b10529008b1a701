"""The services tier finds a real server or fails loudly; it never skips."""

import os
import subprocess
from pathlib import Path

import pytest

import mcp_clients
import services


def test_a_named_folder_without_a_server_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("DG_TEST_PG_BIN", str(tmp_path))

    with pytest.raises(SystemExit, match="holds no PostgreSQL server"):
        services.postgres()


def test_a_server_that_cannot_be_had_ends_the_run(monkeypatch, tmp_path):
    monkeypatch.delenv("DG_TEST_PG_BIN", raising=False)
    monkeypatch.setattr(services, "DEBIAN_POSTGRESQL", tmp_path)
    monkeypatch.setattr(services, "apt_install", lambda *_packages: False)
    monkeypatch.setattr(services, "find_spec", lambda _name: None)

    with pytest.raises(SystemExit, match="no PostgreSQL server"):
        services.postgres()


def test_a_disk_that_cannot_be_mounted_ends_the_run(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(services, "apt_install", lambda *_packages: False)

    with pytest.raises(SystemExit, match="no fusermount3"):
        services.power_loss()


def test_the_newest_of_several_debian_servers_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(services, "DEBIAN_POSTGRESQL", tmp_path)
    for version in ("9.6", "15", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("initdb", "pg_ctl", "postgres"):
            if (version, name) != ("17", "postgres"):
                (folder / name).touch()

    assert services.debian_postgres() == tmp_path / "15/bin"


@pytest.mark.services
def test_the_tier_names_a_postgres_that_runs():
    program = Path(os.environ["DG_TEST_PG_BIN"]) / "postgres"

    done = subprocess.run([program, "--version"], capture_output=True, check=True)

    assert done.stdout.startswith(b"postgres (PostgreSQL) ")


@pytest.mark.services
def test_the_tier_names_an_object_store_that_runs():
    done = subprocess.run([os.environ["DG_TEST_SEAWEEDFS"], "version"], capture_output=True, check=True)

    assert b"4.48" in done.stdout


@pytest.mark.services
def test_the_wheel_brings_a_second_postgres_that_runs():
    folder = services.wheel_postgres()

    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, check=True)

    assert done.stdout.startswith(b"postgres (PostgreSQL) 17.")


def test_clients_that_cannot_be_had_end_the_run(monkeypatch, tmp_path):
    monkeypatch.setattr(mcp_clients, "NPM_HOME", tmp_path)
    monkeypatch.setattr(mcp_clients.shutil, "which", lambda _name: None)

    with pytest.raises(SystemExit, match="no npm"):
        mcp_clients.npm_clients(lambda *_packages: False)


def test_installed_clients_are_not_installed_again(monkeypatch, tmp_path):
    monkeypatch.setattr(mcp_clients, "NPM_HOME", tmp_path)
    monkeypatch.setattr(mcp_clients.shutil, "which", lambda _name: pytest.fail("looked for npm"))
    (tmp_path / "installed.json").write_bytes((mcp_clients.PINNED / "package-lock.json").read_bytes())

    assert mcp_clients.npm_clients(lambda *_packages: False) == tmp_path


@pytest.mark.services
def test_the_tier_names_clients_that_run():
    node = Path(os.environ["DG_TEST_MCP_NPM"]) / mcp_clients.NODE

    done = subprocess.run([node, "--version"], capture_output=True, check=True)

    assert done.stdout.startswith(b"v24.")
