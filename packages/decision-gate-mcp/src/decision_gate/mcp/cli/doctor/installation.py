"""Is what is installed one release, and is the namespace whole?"""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from decision_gate.mcp.cli.doctor.finding import Finding, failed, ok

DISTRIBUTIONS: Final = ("decision-gate-core", "decision-gate-mcp", "decision-gate-enterprise")
_NAMESPACE: Final = "decision_gate"


def installation_findings(search_path: Sequence[str] = tuple(sys.path)) -> Iterator[Finding]:
    """Compare the versions of our distributions, and look for a regular package where our namespace is.

    Another distribution may ship a package ``decision_gate`` of its own, as the reference's Python client does. Beside
    it Python finds only what lies in its folder, so that parts of ours vanish, at the next installation if not now.
    """
    yield _release()
    shadows = [folder for folder in _folders(search_path) if (folder / "__init__.py").is_file()]
    spec = importlib.util.find_spec(_NAMESPACE)
    if spec is not None and spec.origin is not None:
        shadows.append(Path(spec.origin).parent)
    if not shadows:
        yield ok("namespace", f"{_NAMESPACE} is a namespace, as it should be")
    for folder in sorted(set(shadows)):
        yield failed(
            "namespace",
            f"{folder} is a regular package and hides parts of Decision Gate",
            "install the distribution that brought it (the client 'decision-gate'?) into another environment",
        )


def _release() -> Finding:
    found: dict[str, str] = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    listed = ", ".join(f"{name} {number}" for name, number in found.items()) or "a checkout, nothing installed"
    if len(set(found.values())) > 1:
        return failed("release", f"versions differ: {listed}", "install the same version of each")
    return ok("release", f"{listed}, Python {sys.version.split()[0]}")


def _folders(search_path: Sequence[str]) -> Iterator[Path]:
    for entry in search_path:
        yield Path(entry or ".") / _NAMESPACE
