"""MCP over HTTP and standard input: only translation, and the only place that knows the SDK.

The SDK costs a second and thirty megabytes to import, so nothing here imports it but ``sdk_server``, ``streamable`` and
``lines``, and those are imported when the first message arrives.
"""
