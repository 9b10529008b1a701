"""``decision-gate key``: keys that sign run packs."""

from pathlib import Path

import click

from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json
from decision_gate.mcp.signing import KeyFileSigner, new_key


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def key() -> None:
    """Make and show the keys that sign run packs (ECDSA P-256, PEM)."""


@key.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate key new release.pem")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default=Path("decision-gate-key.pem"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def new(path: Path, *, as_json: bool) -> None:
    """Make a key pair: the private key at PATH, readable by you only, the public one beside it as NAME.pub.pem.

    Give the public file to whoever verifies. There is no copy of the private one: losing it ends its signatures.
    """
    made = new_key(path)
    if as_json:
        write_json({"key_id": made.key_id, "private": str(made.private_path), "public": str(made.public_path)})
        return
    click.echo(
        f"key id   {made.key_id}\nprivate  {made.private_path}  (keep it)\npublic   {made.public_path}  (give it away)"
    )


@key.command(cls=HandledCommand, epilog="\b\nExamples:\n  decision-gate key show release.pem")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default=Path("decision-gate-key.pem"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(path: Path, *, as_json: bool) -> None:
    """Show the id of a private key: the SHA-256 of its public half, as verification names it."""
    key_id = KeyFileSigner.load(path).key_id
    if as_json:
        write_json({"key_id": key_id})
    else:
        click.echo(key_id)
