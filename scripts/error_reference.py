"""Write the reference of errors from the published table and the error classes themselves.

Usage: ``python scripts/error_reference.py``; a test fails when what is there is not what this would write.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

import decision_gate.core
import decision_gate.mcp
from decision_gate.core.analysis import ReasonClass, ReasonCode
from decision_gate.core.errors import (
    CallerError,
    ConfigurationError,
    DecisionGateError,
    EvidenceError,
    StoreError,
)
from decision_gate.mcp.error_map import published_errors

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs/reference/errors.md")

_FAMILIES: Final = {
    CallerError: "The caller asked for something that cannot be done as asked: change the call.",
    EvidenceError: "Evidence could not be had, or cannot be used as it is.",
    StoreError: "A store, or another service, failed: the same call may succeed later.",
    ConfigurationError: "The system is configured in a way that cannot work; told when it starts.",
}

_INTRODUCTION: Final = """\
# Errors

This page is generated from the table that the server answers by and from the error classes.

## On the wire

A refusal on `/rpc` is a JSON-RPC error: `code` is the number, `data.kind` the stable word, `data.retryable` whether
the same call may succeed later. Over MCP a refused tool call is a result with `isError` and the same `kind`. With 429
and 503 comes `Retry-After`. On `/rpc` authentication and authorization say no more than their word; the reason is in
the audit log.
"""

_IN_PROGRAMS: Final = """\
## In the library and on the command line

Everything derives from `decision_gate.core.errors.DecisionGateError` through the family that says who is at fault.
`code` is stable; the text is for people and may change, except where the wire contract fixes it. What goes wrong with
evidence while a gate is judged is not raised: the code is in the evidence record, and the condition is unknown.
"""


def rows(header: tuple[str, ...], *cells: tuple[str, ...]) -> str:
    """Return a Markdown table."""
    lines = [header, ("---",) * len(header), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def wire_table() -> str:
    """Return the published table."""
    return rows(
        ("number", "kind", "HTTP status", "retryable"),
        *dict.fromkeys(
            (str(row.code), f"`{row.kind}`", str(row.http_status), "yes" if row.retryable else "no")
            for row in published_errors().values()
        ),
    )


def reasons() -> str:
    """Return the stable names of what can be in the way of a gate."""
    return (
        "## Why a gate holds\n\n"
        "A hold is no error. Its reasons carry one of these codes and classes ([agents](../how-to/agents.md)):\n\n"
        f"* codes: {', '.join(f'`{code.value}`' for code in ReasonCode)}\n"
        f"* classes: {', '.join(f'`{kind.value}`' for kind in ReasonClass)}\n"
    )


def _import_all(package: ModuleType) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".testing" not in module.name:
            importlib.import_module(module.name)


def _descendants(family: type[DecisionGateError]) -> Iterator[type[DecisionGateError]]:
    for child in family.__subclasses__():
        yield child
        yield from _descendants(child)


def class_table(family: type[DecisionGateError]) -> str:
    """Return the open distributions' errors of one family, by their codes."""
    found = {
        (f"`{error.code}`", f"`{error.__name__}`", (error.__doc__ or "").partition("\n")[0].replace("|", "\\|"))
        for error in _descendants(family)
        if error.__module__.startswith(("decision_gate.core.", "decision_gate.mcp."))
        and ".testing" not in error.__module__
    }
    return rows(("code", "class", "meaning"), *sorted(found))


def page() -> str:
    """Return the whole page."""
    for package in (decision_gate.core, decision_gate.mcp):
        _import_all(package)
    parts = [
        _INTRODUCTION,
        wire_table(),
        reasons(),
        _IN_PROGRAMS,
    ]
    for family, meaning in _FAMILIES.items():
        parts += [f"### {family.__name__}\n\n{meaning}\n", class_table(family)]
    return "\n".join(parts)


def main() -> None:
    """Write the page when it is not there yet, and say so."""
    target = ROOT / PAGE
    content = page()
    if not target.exists() or target.read_text(encoding="utf-8") != content:
        target.write_text(content, encoding="utf-8")
        print(f"wrote {PAGE}", file=sys.stderr)


if __name__ == "__main__":
    main()
