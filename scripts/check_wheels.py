"""Install the built wheels, not the checkout, in every supported combination.

Run after ``hatch build --all``, by ``python3 scripts/dev.py build``. Shows that the core stands alone, that
the tool server needs nothing private, and that all three share one namespace.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("core", "mcp", "enterprise")


def wheel(name: str) -> Path | None:
    """Return the wheel of one distribution, or None where the open tree does not have it."""
    if not list(ROOT.glob(f"*/decision-gate-{name}/pyproject.toml")):
        return None
    (found,) = ROOT.glob(f"dist/decision_gate_{name}-*.whl")
    return found


def check(parts: tuple[str, ...], wheels: list[Path], home: Path) -> None:
    """Install *wheels* into the new environment *home*; import exactly *parts*, all of them from there."""
    uv = os.environ["HATCH_UV"]
    python = str(home / "bin/python")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(home)], check=True)
    # By file: a package of the same name on a public index is never asked for.
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *map(str, wheels)], check=True)
    for name in NAMES:
        code = f"import decision_gate.{name} as found; print(found.__file__)"
        done = subprocess.run(
            [python, "-I", "-c", code],
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
        wheels = [path for name in parts if (path := wheel(name))]
        if len(wheels) == count:
            with TemporaryDirectory() as scratch:
                check(parts, wheels, Path(scratch) / "env")


if __name__ == "__main__":
    main()
