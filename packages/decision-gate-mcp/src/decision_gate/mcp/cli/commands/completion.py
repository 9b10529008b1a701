"""``decision-gate completion``: the script that makes a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

_EPILOG = """\b
Examples:
  eval "$(decision-gate completion bash)"
  decision-gate completion zsh > ~/.zfunc/_decision-gate
  decision-gate completion fish > ~/.config/fish/completions/decision-gate.fish
"""


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL."""
    made = get_completion_class(shell)
    if made is None:
        ctx.fail(f"no completion for {shell}")
    root = ctx.find_root()
    click.echo(made(root.command, {}, "decision-gate", "_DECISION_GATE_COMPLETE").source())
