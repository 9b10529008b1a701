"""The work of ``provider``: the checks there are, and one question to one of them."""

from pathlib import Path
from typing import ClassVar

from decision_gate.core.engine import normalise
from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonValue
from decision_gate.core.memory import SequentialCollector
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.evidence import providers_below
from decision_gate.mcp.cli.workbench import TENANT
from decision_gate.mcp.config.kinds import nearest
from decision_gate.mcp.evidence.contract import BUILTIN_CONTRACTS, builtin_contract

_NO_RUN = "provider-query"


class UnknownProviderError(CallerError):
    """The command line has no such provider."""

    code: ClassVar[str] = "unknown_provider"


def known_checks() -> dict[str, tuple[str, ...]]:
    """Return the checks of every built-in provider, all sorted by name."""
    return {name: _checks(builtin_contract(name)["checks"]) for name in sorted(BUILTIN_CONTRACTS)}


def ask(provider_id: str, check_id: str, params: dict[str, JsonValue] | None, root: Path, at_ms: int) -> EvidenceResult:
    """Ask a built-in provider one question at a moment, and return the answer as it would be judged.

    Raises:
        UnknownProviderError: There is no such provider.
        RootedFilesSettingError: *root* is no folder.
        EvidenceTooLargeError: The answer is over 1 MiB.
    """
    providers = providers_below(root)
    if provider_id not in providers:
        known = ", ".join(providers)
        raise UnknownProviderError(f"no provider `{provider_id}`{nearest(provider_id, providers)}; there are: {known}")
    query = EvidenceQuery(provider_id=provider_id, check_id=check_id, params=params)
    context = EvidenceContext(
        tenant_id=TENANT,
        namespace_id=1,
        run_id=_NO_RUN,
        scenario_id=_NO_RUN,
        stage_id=_NO_RUN,
        trigger_id=_NO_RUN,
        trigger_time=UnixMillis(at_ms),
    )
    [answer] = SequentialCollector(providers).collect([query], context)
    return normalise(answer, None)


def _checks(checks: JsonValue) -> tuple[str, ...]:
    listed = checks if isinstance(checks, list) else []
    return tuple(sorted(str(check["check_id"]) for check in listed if isinstance(check, dict)))
