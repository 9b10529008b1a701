"""Install the built wheels, not the checkout, in every supported combination.

Run after ``hatch build --all``, by ``python3 scripts/dev.py build``. Shows that the core stands alone, that
the tool server needs nothing private, and that all three share one namespace.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("core", "mcp", "enterprise")


def wheels_of(parts: Sequence[str]) -> list[Path] | None:
    """Return the wheels of these distributions, or None where the open tree does not have one of them.

    Raises:
        SystemExit: One that there should be was not built.
    """
    found = []
    for name in parts:
        if not list(ROOT.glob(f"*/decision-gate-{name}/pyproject.toml")):
            return None
        built = list(ROOT.glob(f"dist/decision_gate_{name}-*.whl"))
        if len(built) != 1:
            raise SystemExit(
                f"dist/ holds {len(built)} wheels of decision-gate-{name}; 'scripts/dev.py build' makes one"
            )
        found += built
    return found


def install(home: Path, packages: Sequence[Path]) -> None:
    """Make the new environment *home* and install *packages* into it: wheels, and folders as the wheels they build."""
    uv = os.environ["HATCH_UV"]
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(home)], check=True)
    # By file: a package of the same name on a public index is never asked for.
    command = [uv, "pip", "install", "--quiet", "--python", str(home / "bin/python")]
    subprocess.run([*command, *map(str, packages)], check=True)


def check(home: Path, parts: Sequence[str]) -> None:
    """Import exactly *parts* in the environment *home*, all of them from there, and run the command."""
    for name in NAMES:
        code = f"import decision_gate.{name} as found; print(found.__file__)"
        done = subprocess.run(
            [str(home / "bin/python"), "-I", "-c", code],
            cwd=home,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if (done.returncode == 0) != (name in parts):
            raise SystemExit(f"{parts}: decision_gate.{name} importable: {done.returncode == 0}\n{done.stderr}")
        if name in parts and not done.stdout.startswith(str(home.resolve())):
            raise SystemExit(f"{parts}: decision_gate.{name} comes from {done.stdout}")
    if "mcp" in parts:
        command = [str(home / "bin/decision-gate"), "--help"]
        subprocess.run(command, cwd=home, stdout=subprocess.DEVNULL, check=True)
    print(" + ".join(parts), "install from their wheels and import", flush=True)


def main() -> None:
    """Check every combination in its own environment."""
    for count in range(1, len(NAMES) + 1):
        parts = NAMES[:count]
        wheels = wheels_of(parts)
        if wheels is not None:
            with TemporaryDirectory() as scratch:
                home = Path(scratch) / "env"
                install(home, wheels)
                check(home, parts)


if __name__ == "__main__":
    main()
