"""Tool profiles: named tool sets for the usual parts that a caller plays (deviation X15).

A profile is the same thing as a principal's ``allowed_tools``: who has the profile ``agent`` sees and may call these
tools and no other. An agent that is judged by a scenario can therefore neither define an easier one nor move the run
by an event; and fewer tools leave more room in its context.
"""

from enum import StrEnum
from typing import Final


class Profile(StrEnum):
    """The part that a caller plays."""

    AGENT = "agent"
    AUTHOR = "author"
    AUDITOR = "auditor"
    ALL = "all"


PROFILE_TOOLS: Final[dict[Profile, frozenset[str] | None]] = {
    Profile.AGENT: frozenset(
        {
            "scenario_start",
            "scenario_status",
            "scenario_next",
            "scenario_submit",
            "runpack_export",
            "runpack_verify",
            "scenarios_list",
            "precheck",
            "decision_gate_docs_search",
        }
    ),
    Profile.AUTHOR: frozenset(
        {
            "scenario_define",
            "evidence_query",
            "providers_list",
            "provider_contract_get",
            "provider_check_schema_get",
            "schemas_register",
            "schemas_list",
            "schemas_get",
            "scenarios_list",
            "precheck",
            "decision_gate_docs_search",
        }
    ),
    Profile.AUDITOR: frozenset(
        {
            "scenario_status",
            "runpack_export",
            "runpack_verify",
            "providers_list",
            "provider_contract_get",
            "provider_check_schema_get",
            "schemas_list",
            "schemas_get",
            "scenarios_list",
            "decision_gate_docs_search",
        }
    ),
    Profile.ALL: None,
}
"""The tools of each profile; none means every tool, those of plug-ins included."""
