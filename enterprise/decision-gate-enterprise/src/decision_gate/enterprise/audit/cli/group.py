"""The group ``audit``."""

import click

from decision_gate.enterprise.audit.cli.examining import fsck, verify
from decision_gate.enterprise.audit.cli.exporting import export, keys
from decision_gate.enterprise.audit.cli.keeping import forget, hold, release, sequence
from decision_gate.enterprise.audit.cli.proving import prove_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def audit() -> None:
    """Examine, prove and export the audit log; verify what was exported."""


for command in (fsck, verify, prove_command, export, keys, sequence, forget, hold, release):
    audit.add_command(command)
