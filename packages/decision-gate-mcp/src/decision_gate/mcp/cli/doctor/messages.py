"""The messages by which the doctor meets a server, one for each thing that a caller may speak."""

from typing import Final

MODERN: Final = "2026-07-28"
LEGACY: Final = "2025-11-25"

LIST: Final = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
"""The reference's own dialect, at ``/rpc``."""

DISCOVER: Final = (
    b'{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":'
    b'{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'
)
"""MCP without a handshake."""

INITIALIZE: Final = (
    b'{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},'
    b'"clientInfo":{"name":"decision-gate-doctor","version":"1"}}}'
)
"""MCP with one."""
