"""Failures of the servers that tests start."""

from decision_gate.core.errors import ConfigurationError, StoreError


class ServerMissingError(ConfigurationError):
    """The programs of a server are nowhere; a suite that needs them must fail, never skip."""

    code = "server_missing"


class ServerStartError(StoreError):
    """A server did not start; the message ends with what it printed."""

    code = "server_start"
