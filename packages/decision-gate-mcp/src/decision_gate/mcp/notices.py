"""What a server says on stderr about its posture when it is built (contract §11.4, §12, deviation X14)."""

from decision_gate.mcp.config.demo_tokens import is_demo_token
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.config.server import ServerMode
from decision_gate.mcp.config.time import TimeSource

DAY_MS = 86_400_000


def posture_notices(config: Config, *, config_age_ms: int | None) -> tuple[str, ...]:
    """Return the lines, each with its level.

    ``config_age_ms`` is how long ago the configuration file was changed, none without a file; it only decides whether
    the notice of dev-permissive mode complains.
    """
    is_local = config.is_local_only
    acl = getattr(config.schema_registry, "acl", None)
    allows_local = acl is not None and acl.allow_local_only
    auth = config.authenticator.type if config.authenticator else config.server.auth.mode.value
    lines = [
        (
            f"INFO: transport={config.server.transport.value} auth={auth}"
            f" allow_default_namespace={_word(config.namespace.allow_default)}"
            f" dev_permissive={_word(config.is_permissive)}"
            f" registry.allow_local_only={_word(allows_local)}"
            f" registry.require_signing={_word(acl is not None and acl.require_signing)}"
            f" validation.strict={_word(config.validation.strict)}"
        )
    ]
    if is_local:
        lines.append("INFO: local_only authentication: every process on this machine may call")
    if allows_local:
        level = "INFO" if is_local else "WARNING"
        lines.append(f"{level}: schema_registry.acl.allow_local_only=true: local callers may do everything")
    if any(
        isinstance(token, LiteralSecret) and is_demo_token(token.text) for token in config.server.auth.bearer_tokens
    ):
        lines.append("WARNING: the token of this server is published, anybody may call: take a new one")
    if config.time_source is TimeSource.CALLER and not is_local:
        lines.append("WARNING: time.source=caller: callers say what time it is, and may lie; set bounded or server")
    if not config.validation.strict:
        lines.append("WARNING: validation.strict=false: comparators are not checked against types")
    if config.is_permissive and config.dev.permissive_warn:
        lines.append(f"{'INFO' if is_local else 'WARNING'}: {_permissive(config, config_age_ms)}")
    return tuple(f"decision-gate-mcp: {line}" for line in lines)


def _permissive(config: Config, config_age_ms: int | None) -> str:
    is_legacy = config.server.mode is ServerMode.DEV_PERMISSIVE
    source = "server.mode=dev_permissive (legacy)" if is_legacy else "dev.permissive=true"
    text = f"dev-permissive mode enabled by {source}: asserted evidence satisfies gates"
    ttl_days = config.dev.permissive_ttl_days
    if ttl_days is None or config_age_ms is None:
        return text
    age_days = config_age_ms // DAY_MS
    if age_days < ttl_days:
        return text
    return f"{text}; TTL exceeded: the file is {age_days} days old, permissive_ttl_days is {ttl_days}"


def _word(value: bool) -> str:  # noqa: FBT001 - spells a boolean
    return "true" if value else "false"
