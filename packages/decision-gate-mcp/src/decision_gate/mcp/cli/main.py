"""Entry point of ``decision-gate``: the list of commands, and how an error ends the process (contract §3.1)."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

import click

from decision_gate.mcp.cli.exit_codes import INTERRUPTED, OK
from decision_gate.mcp.cli.language import NOTE, Language, chosen_language
from decision_gate.mcp.cli.lazy_group import Lazy, LazyGroup

_COMMANDS: Final = "decision_gate.mcp.cli.commands"

_FAMILIES: Final = {
    "demo": Lazy(f"{_COMMANDS}.demo:demo", "Show it all in ten seconds: hold, what is missing, pass, proof."),
    "init": Lazy(f"{_COMMANDS}.init:init", "Lay out a configuration, a first scenario and its evidence."),
    "gate": Lazy(f"{_COMMANDS}.gate:gate", "Judge a scenario by the evidence in a folder; the exit code tells."),
    "explain": Lazy(f"{_COMMANDS}.explain:explain", "Say what a scenario still needs, without starting a run."),
    "scenario": Lazy(f"{_COMMANDS}.scenario:scenario", "Check, translate, hash and print scenarios."),
    "authoring": Lazy(f"{_COMMANDS}.authoring:authoring", "Check and translate scenarios, by the reference's names."),
    "runpack": Lazy(f"{_COMMANDS}.runpack:runpack", "Verify, replay, inspect, sign and spell out run packs."),
    "provider": Lazy(f"{_COMMANDS}.provider:provider", "List evidence providers and what they offer, and ask one."),
    "config": Lazy(f"{_COMMANDS}.config:config", "Check a configuration, show what is in effect, print its schema."),
    "key": Lazy(f"{_COMMANDS}.key:key", "Make and show the keys that sign run packs."),
    "run": Lazy(f"{_COMMANDS}.run:run", "List, show, export and verify the runs in a database file."),
    "store": Lazy(f"{_COMMANDS}.store:store", "Verify, back up, restore and erase from a database file."),
    "hook": Lazy(f"{_COMMANDS}.hook:hook", "Stand between an agent and its tools."),
    "serve": Lazy(f"{_COMMANDS}.serve:serve", "Run the server until it is told to stop."),
    "doctor": Lazy(f"{_COMMANDS}.doctor:doctor", "Examine installation, configuration and endpoint; say what to mend."),
    "mcp": Lazy(f"{_COMMANDS}.mcp:mcp", "Make MCP clients know the server."),
    "completion": Lazy(f"{_COMMANDS}.completion:completion", "Print the completion script of a shell."),
}

_EPILOG: Final = """\b
Examples:
  decision-gate demo
  decision-gate gate release.yaml --root build --runpack proof
  decision-gate runpack verify proof --replay
"""


def _show_version(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:  # noqa: FBT001 - click's signature
    if not is_asked or ctx.resilient_parsing:
        return
    # The metadata machinery is slower than all the rest of this file, and nobody else needs it.
    from decision_gate.mcp.cli.release import release  # noqa: PLC0415 - see above

    click.echo(f"decision-gate {release()}")
    ctx.exit()


def _further(name: str) -> click.Command | None:
    """Look for a command that another distribution brings; asked only for words that are not ours."""
    from decision_gate.core.errors import DecisionGateError  # noqa: PLC0415 - help must not pay for these
    from decision_gate.mcp.cli.further_commands import further_command  # noqa: PLC0415 - lazy
    from decision_gate.mcp.cli.handled import RefusalError  # noqa: PLC0415 - lazy

    try:
        return further_command(name)
    except DecisionGateError as error:
        raise RefusalError(str(error)) from error


def _further_summaries() -> Mapping[str, str]:
    """Tell what another distribution brings, for the help."""
    from decision_gate.mcp.cli.further_names import further_summaries  # noqa: PLC0415 - lazy

    return further_summaries()


@click.group(
    cls=LazyGroup,
    lazy=_FAMILIES,
    further=_further,
    further_summaries=_further_summaries,
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    help="Language of some sentences; DECISION_GATE_LANG otherwise.",
)
@click.pass_context
def root(ctx: click.Context, lang: str | None) -> None:
    """Decide from evidence whether work may go on, and prove it.

    A scenario says what must hold. Decision Gate collects the evidence, judges it with three truth values (true, false,
    unknown: unknown never passes), says what is still missing, and writes a run pack that anyone can verify offline.
    """
    ctx.obj = chosen_language(lang, os.environ)
    if ctx.obj is not Language.ENGLISH:
        click.echo(NOTE, err=True)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 a handled failure, 2 a usage error, others by command."""
    try:
        outcome = root.main(
            args=None if arguments is None else list(arguments), prog_name="decision-gate", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return outcome if isinstance(outcome, int) else OK


def main() -> NoReturn:
    """Run the command that the process was started with."""
    sys.exit(run())
