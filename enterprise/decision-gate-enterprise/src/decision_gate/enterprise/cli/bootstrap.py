"""``decision-gate cloud bootstrap``: from an empty folder to a deployment that serves."""

from pathlib import Path

import click

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.provisioning import Bootstrap
from decision_gate.enterprise.admin.use_cases import BY_NAME
from decision_gate.enterprise.cli.deployment import opened_service, perform_at_console
from decision_gate.enterprise.cli.laying_out import DEFAULT_ORIGIN, lay_out
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json

_EPILOG = """\b
Examples:
  decision-gate cloud bootstrap --dir gate
  decision-gate cloud bootstrap --dir gate --org acme --tenant payments --json
"""


@click.command(cls=HandledCommand, epilog=_EPILOG)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder to make the deployment in. Here unless given.",
)
@click.option("--org", default="main", show_default=True, help="Name of the first organisation.")
@click.option("--tenant", default="main", show_default=True, help="Name of its first tenant.")
@click.option("--namespace", default="main", show_default=True, help="Name of the tenant's first namespace.")
@click.option("--principal-id", default="admin", show_default=True, help="Id of the administrator.")
@click.option("--origin", default=DEFAULT_ORIGIN, show_default=True, help="Name of the deployment in its audit log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bootstrap(
    *, folder: Path, org: str, tenant: str, namespace: str, principal_id: str, origin: str, as_json: bool
) -> None:
    """Make configuration, keys, first organisation, tenant, namespace and administrator key, ready to serve.

    The administrator key is shown this once. Files that are there stay as they are; a bootstrap that was interrupted is
    run again.
    """
    written = lay_out(folder, origin)
    request = Bootstrap(org=org, tenant=tenant, namespace=namespace, principal_id=principal_id)
    with opened_service(folder, None) as service:
        made = perform_at_console(service, BY_NAME["deployment.bootstrap"], request)
    if as_json:
        write_json({"written": [str(path) for path in written], **made})
        return
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"organisation {_number(made, 'org', 'org_id')}  {org}")
    click.echo(f"tenant       {_number(made, 'tenant', 'tenant_id')}  {tenant}")
    click.echo(f"namespace    {_number(made, 'namespace', 'namespace_id')}  {namespace}")
    click.echo(f"principal    {principal_id}")
    click.echo(f"\nAdministrator key, shown this once:\n  {made['key']}")
    click.echo(f"\nTry next\n  decision-gate cloud serve --dir {folder}")


def _number(made: dict[str, JsonValue], what: str, number: str) -> JsonValue:
    found = made[what]
    return found[number] if isinstance(found, dict) else None
