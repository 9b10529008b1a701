"""The commands as they are installed, run in a process of their own."""

import os
import re
import subprocess
import sys
import time
import tomllib
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import attrs
import httpx
import pytest

from decision_gate.core.json import parse
from decision_gate.mcp.testing.ports import reserved_port

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
START_S = 120.0


@pytest.fixture(scope="session")
def entry_points(tmp_path_factory):
    """A folder with the metadata of the distribution, for a checkout that is not installed; none for one that is."""
    try:
        distribution("decision-gate-enterprise")
    except PackageNotFoundError:
        pass
    else:
        return None
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    folder = tmp_path_factory.mktemp("site")
    made = folder / f"decision_gate_enterprise-{project['version']}.dist-info"
    made.mkdir()
    (made / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
    )
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {reference}\n" for name, reference in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (made / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    return folder


@attrs.frozen(kw_only=True)
class Cloud:
    """``decision-gate cloud`` in a folder."""

    folder: Path
    environment: dict[str, str]

    def command(self, *arguments):
        code = "from decision_gate.mcp.cli.main import main; main()"
        return [sys.executable, "-c", code, "cloud", *map(str, arguments)]

    def run(self, *arguments):
        """Run one command and return the finished process."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    @contextmanager
    def serving(self, folder):
        """Serve a deployment on free ports, for the block; yields (gate, administration) and then (code, stderr)."""
        with reserved_port() as gate, reserved_port() as admin, self._served(folder, gate, admin):
            yield f"http://127.0.0.1:{gate}", f"http://127.0.0.1:{admin}/admin/v1"

    @contextmanager
    def _served(self, folder, gate, admin):
        path = folder / "decision-gate.toml"
        text = path.read_text(encoding="utf-8")
        ports = {"4000": gate, "4001": admin}
        # In one pass, whole numbers only: a free port may begin with 4001.
        served = re.sub(r"(?<=127\.0\.0\.1:)400[01]\b", lambda found: str(ports[found.group()]), text)
        (folder / "served.toml").write_text(served, encoding="utf-8")
        with (folder / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                self.command("serve", "--dir", folder, "--config", "served.toml"),
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
            try:
                wait_for(f"http://127.0.0.1:{admin}/admin/v1/openapi.json", process, folder / "serve.log")
                wait_for(f"http://127.0.0.1:{gate}/readyz", process, folder / "serve.log")
                yield
            finally:
                process.terminate()
                process.wait(60)
        assert process.returncode == 0, (folder / "serve.log").read_text(encoding="utf-8")


def wait_for(url, process, log):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(log.read_text(encoding="utf-8"))
    raise AssertionError(f"not there after {START_S} s: {url}")


@pytest.fixture
def cloud(tmp_path, entry_points):
    """The group, in a folder of its own."""
    paths = [str(entry_points)] if entry_points else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])}
    return Cloud(folder=tmp_path, environment=environment)


@pytest.fixture
def deployment(cloud):
    """A bootstrapped folder, and the administrator's key."""
    made = cloud.run("bootstrap", "--dir", "gate", "--json")
    assert made.returncode == 0, made.stderr
    return cloud.folder / "gate", parse(made.stdout)
