"""Type-check the distributions that are there (the open tree lacks the enterprise one) and the scripts.

``packages`` in .mypy.ini names all three, for editors and for a bare ``mypy``; what is named here replaces
it. Paths do not work instead, because the namespace ``decision_gate`` has no ``__init__``.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(options: list[str]) -> int:
    """Run mypy with *options* and return its exit status."""
    names = [path.parent.name for path in sorted(ROOT.glob("*/decision-gate-*/src/decision_gate/*/py.typed"))]
    packages = [option for name in names for option in ("-p", f"decision_gate.{name}")]
    programs = [str(path) for path in sorted(ROOT.glob("scripts/*.py"))]
    checks = [subprocess.run(["mypy", *options, *targets], cwd=ROOT, check=False) for targets in (packages, programs)]
    return int(any(check.returncode for check in checks))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
