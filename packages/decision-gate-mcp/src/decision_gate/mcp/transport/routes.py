"""Contract: HTTP routes of a plug-in (group ``decision_gate.http_routes``)."""

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from decision_gate.mcp.host import Host


class HttpRoutes(Protocol):
    """Further routes, such as a console. They answer for their own authentication: ``host.policies`` has the guards."""

    def routes(self, host: Host) -> Sequence[BaseRoute]:
        """Return the routes of one server."""
        ...
