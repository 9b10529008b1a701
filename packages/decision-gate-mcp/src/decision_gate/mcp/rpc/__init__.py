"""JSON-RPC as the reference speaks it: requests in, replies out, both as bytes."""

from decision_gate.mcp.rpc.envelope import Envelope, parse_envelope
from decision_gate.mcp.rpc.reply import Reply, error_reply, tool_reply, value_reply

__all__ = ["Envelope", "Reply", "error_reply", "parse_envelope", "tool_reply", "value_reply"]
