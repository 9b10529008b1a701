"""Check the import contracts of the open tree and, where it is there, of the enterprise one."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run every contract file and return 1 when one is broken."""
    contracts = [ROOT / ".importlinter", *ROOT.glob("enterprise/.importlinter")]
    checks = [
        subprocess.run(["lint-imports", "--no-cache", "--config", str(path)], cwd=ROOT, check=False)
        for path in contracts
    ]
    return int(any(check.returncode for check in checks))


if __name__ == "__main__":
    raise SystemExit(main())
