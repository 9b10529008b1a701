"""The server's own offers: group by group, type to ``module:object``, imported only when chosen."""

from collections.abc import Mapping

from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.plugins import Offers

_SEAMS = "decision_gate.mcp.opening.seams"

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "decision_gate.authenticators": {"local_only": f"{_SEAMS}:open_local_only"},
    "decision_gate.tenant_authorizers": {"local": f"{_SEAMS}:open_local_tenants"},
    "decision_gate.usage_meters": {"none": f"{_SEAMS}:open_no_meter"},
    "decision_gate.rate_limiters": {"memory": f"{_SEAMS}:open_memory_limiter"},
    "decision_gate.audit_sinks": {
        "stderr": f"{_SEAMS}:open_stderr_sink",
        "file": f"{_SEAMS}:open_file_sink",
        "none": f"{_SEAMS}:open_no_sink",
    },
    "decision_gate.runpack_stores": {"object_store": "decision_gate.mcp.runpacks.object_store:open_object_store"},
    "decision_gate.namespace_authorities": {"none": f"{_SEAMS}:open_no_authority"},
}


def offers_of(plugins: PluginsTable) -> Offers:
    """Return the look-up of built-in and installed offers under a trust table."""
    return Offers(plugins, built_in=BUILT_IN)
