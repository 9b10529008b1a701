"""The group ``cloud``: its commands by name and summary, imported when one is called."""

from typing import Final

import click

from decision_gate.mcp.cli.lazy_group import Lazy, LazyGroup

_CLI: Final = "decision_gate.enterprise.cli"

_COMMANDS: Final = {
    "bootstrap": Lazy(f"{_CLI}.bootstrap:bootstrap", "Make a deployment in a folder, ready to serve."),
    "serve": Lazy(f"{_CLI}.serve:serve", "Run the production server of a deployment."),
    "org": Lazy(f"{_CLI}.families:org", "Make and list organisations, change their state."),
    "tenant": Lazy(f"{_CLI}.families:tenant", "Provision, make and list tenants, change their state."),
    "namespace": Lazy(f"{_CLI}.families:namespace", "Make and list namespaces, change their state."),
    "principal": Lazy(f"{_CLI}.families:principal", "Make and list principals, change state and roles."),
    "grant": Lazy(f"{_CLI}.families:grant", "Say who may do what where."),
    "key": Lazy(f"{_CLI}.families:key", "Issue, rotate, revoke and recover API keys."),
    "quota": Lazy("decision_gate.enterprise.usage.cli:quota", "Set and show quotas."),
    "usage": Lazy("decision_gate.enterprise.usage.cli:usage", "Show and export usage."),
    "audit": Lazy("decision_gate.enterprise.audit.cli:audit", "Verify, prove and export the audit log."),
    "backup": Lazy(f"{_CLI}.care:backup", "Copy a deployment's data while it serves."),
    "restore": Lazy(f"{_CLI}.care:restore", "Put a verified backup in place."),
    "verify": Lazy(f"{_CLI}.care:verify", "Hash everything again that a deployment or a backup holds."),
}


@click.group(
    cls=LazyGroup, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
def cloud() -> None:
    """Run and administer Decision Gate for several organisations."""
