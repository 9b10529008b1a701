"""Commands that another distribution brings (group ``decision_gate.commands``).

The one plug-in group that is read without a configuration, since commands come before there is one. So nobody may name
whom to trust: only our own distribution counts, and everybody else's entry of the same name is as if it were not there.
"""

import click

from decision_gate.mcp.cli.further_names import COMMANDS
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.plugins import (
    ALWAYS_TRUSTED,
    Offer,
    OfferBrokenError,
    OfferMissingError,
    Offers,
    installed_offers,
    normal_name,
)


def further_command(name: str) -> click.Command | None:
    """Import the command *name* of the trusted distribution; none when it offers none.

    Raises:
        OfferBrokenError: It is there and cannot be imported, or is no command.
    """
    offers = Offers(PluginsTable(), built_in={}, installed=_trusted_offers)
    try:
        command = offers.load(COMMANDS, name).opener
    except OfferMissingError:
        return None
    if not isinstance(command, click.Command):
        raise OfferBrokenError(f"{COMMANDS} `{name}` is no command")
    return command


def _trusted_offers(group: str) -> list[Offer]:
    return [offer for offer in installed_offers(group) if normal_name(offer.distribution) == ALWAYS_TRUSTED]
