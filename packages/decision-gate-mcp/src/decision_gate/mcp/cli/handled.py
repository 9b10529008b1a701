"""Commands whose refusals end as one message on stderr and exit code 1 (contract §3.1).

Apart from ``main``, which must not import the library to show a help text.
"""

import click

from decision_gate.core.errors import DecisionGateError


class RefusalError(click.ClickException):
    """A handled failure; shown as it is, without a prefix."""

    def show(self, file: object = None) -> None:
        """Write the message to stderr."""
        del file
        click.echo(self.format_message(), err=True)


class HandledCommand(click.Command):
    """A command that turns the errors of the project, and of the files it was pointed at, into refusals."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command.

        Raises:
            RefusalError: It failed in a way that it can explain.
        """
        try:
            return super().invoke(ctx)
        except DecisionGateError as error:
            raise RefusalError(str(error)) from error
        except OSError as error:
            if error.filename is None or error.strerror is None:
                raise
            raise RefusalError(f"{error.filename}: {error.strerror}") from error
