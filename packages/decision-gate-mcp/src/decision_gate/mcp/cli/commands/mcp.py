"""``decision-gate mcp``: make MCP clients know the server."""

import os
from pathlib import Path

import click

from decision_gate.mcp.cli.configuration import load_configuration
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.mcp_clients import McpClient, Reached, client_entry, client_file
from decision_gate.mcp.cli.mcp_connection import connection_to
from decision_gate.mcp.cli.mcp_writing import ClientFileError, entry_text, write_entry
from decision_gate.mcp.cli.output import write_json


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def mcp() -> None:
    """Make MCP clients know this server."""


@mcp.command(
    name="config",
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate mcp config --client claude-code\n"
    "  decision-gate mcp config --client vscode --write\n"
    "  decision-gate mcp config --client cursor --url https://gate.example.com/mcp",
)
@click.option("--client", type=click.Choice([client.value for client in McpClient]), required=True, help="Which one.")
@click.option("--config", "path", default=None, help="Configuration file; decision-gate.toml here unless given.")
@click.option("--url", help="Address of the server to the client, when it is behind something else.")
@click.option("--write", "is_written", is_flag=True, help="Add it to the client's file; see --file.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write. Default: the client's file in this project; for claude-desktop that of the user.",
)
@click.option("--force", is_flag=True, help="Replace another entry of the same name.")
@click.option("--json", "as_json", is_flag=True, help="Print the entry, and where it belongs, as JSON.")
def config(
    *,
    client: str,
    path: str | None,
    url: str | None,
    is_written: bool,
    file: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Print what makes a client know the server of a configuration, or write it into the client's file.

    A server with transport http is named by its address and must run. One with transport stdio is started by the
    client, as Claude Desktop starts every server. No token is printed: the entry names the variable that holds it.
    """
    which = McpClient(client)
    loaded = load_configuration(path, os.environ)
    connection = connection_to(loaded.config, loaded.path, which, url=url)
    entry = client_entry(which, connection)
    target = file or client_file(which, os.environ)
    if is_written:
        if target is None:
            raise ClientFileError("the generic format has no file of its own: name one with --file")
        is_changed = write_entry(target, entry, is_forced=force)
        if as_json:
            write_json({"file": str(target), "changed": is_changed, "entry": entry})
        else:
            click.echo(f"{'wrote' if is_changed else 'unchanged'} {target}")
    elif as_json:
        write_json({"file": None if target is None else str(target), "entry": entry})
    else:
        if target is not None:
            click.echo(f"For {target}:", err=True)
        click.echo(entry_text(entry, is_toml=which is McpClient.CODEX), nl=False)
    if isinstance(connection, Reached) and connection.token_variable is not None and which is not McpClient.VSCODE:
        click.echo(f"The client reads the token from the environment variable {connection.token_variable}.", err=True)
