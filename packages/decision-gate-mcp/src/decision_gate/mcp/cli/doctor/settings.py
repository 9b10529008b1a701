"""Does the configuration say what its owner wants? What only looks at it, and at the files that it names."""

import resource
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.cli.configuration import Configuration
from decision_gate.mcp.cli.doctor.finding import Finding, failed, ok, warning
from decision_gate.mcp.config import Config
from decision_gate.mcp.config.demo_tokens import is_demo_token
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.config.server import Transport
from decision_gate.mcp.config.stores import RunStateStoreTable, SchemaRegistryTable, StoreType
from decision_gate.mcp.config.time import TimeSource
from decision_gate.mcp.config_view.named_secrets import named_secrets
from decision_gate.mcp.config_view.provider_settings import provider_settings
from decision_gate.mcp.exposure import check_exposure

_OWN_DESCRIPTORS: Final = 64
"""Files and connections that a server holds beside those of its callers."""


def settings_findings(loaded: Configuration, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Judge a loaded configuration; the files and variables that it names are looked at, and nothing is changed."""
    config = loaded.config
    yield ok("configuration", f"{loaded.path} is valid")
    yield from _secrets(loaded, environment)
    yield _exposure(config, environment)
    yield from _stores(config)
    yield from _providers(loaded)
    yield from _posture(config)
    yield _limits(config)


def _secrets(loaded: Configuration, environment: Mapping[str, str]) -> Iterator[Finding]:
    has_literal = False
    for place, source in named_secrets(loaded.config, loaded.offers):
        try:
            text = source.reveal(environment)
        except DecisionGateError as error:
            yield failed("secrets", f"{place}: {error}", "set it where the server is started, or name another place")
            continue
        if is_demo_token(text):
            yield failed("secrets", f"{place} is the demo token of a preset, which everybody knows", "take a new token")
        has_literal = has_literal or isinstance(source, LiteralSecret)
    is_readable = loaded.path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    if has_literal and is_readable:
        yield warning(
            "secrets",
            f"{loaded.path} holds a secret and others on this machine can read it",
            f'name it as {{ env = "NAME" }} or {{ file = "path" }}, or chmod 600 {loaded.path}',
        )


def _exposure(config: Config, environment: Mapping[str, str]) -> Finding:
    try:
        is_exposed = check_exposure(config, environment, is_allowed=False)
    except DecisionGateError as error:
        return failed("exposure", str(error), "until then serve will not start")
    if not is_exposed:
        return ok("exposure", "only this machine can connect")
    if config.server.limits.rate_limit is None and config.rate_limiter is None:
        return warning(
            "exposure", "other machines can connect, as often as they like", "set [server.limits.rate_limit]"
        )
    return ok("exposure", "other machines can connect, with authentication, TLS and a rate limit")


def _stores(config: Config) -> Iterator[Finding]:
    stores = {"run_state_store": config.run_state_store, "schema_registry": config.schema_registry}
    for name, store in stores.items():
        match store:
            case RunStateStoreTable(type=StoreType.MEMORY) | SchemaRegistryTable(type=StoreType.MEMORY):
                yield warning(
                    "stores",
                    f"{name} is in memory: nothing survives a restart",
                    f'set type = "sqlite" and path in [{name}]',
                )
            case RunStateStoreTable(path=str(path)) | SchemaRegistryTable(path=str(path)):
                yield _database(name, Path(path))
            case _:
                yield ok("stores", f"{name} is a plug-in's: {store.type}")


def _database(name: str, path: Path) -> Finding:
    if not path.exists():
        return ok("stores", f"{name} will be made at {path}")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warning("stores", f"others on this machine can reach {path}", f"chmod 600 {path}")
    return ok("stores", f"{name} is {path}")


def _providers(loaded: Configuration) -> Iterator[Finding]:
    if not loaded.config.providers:
        yield warning("providers", "there are none, so no scenario can ask anything", "add [[providers]]")
    for table in loaded.config.providers:
        root = getattr(provider_settings(table, loaded.offers), "root", None)
        if not isinstance(root, str):
            yield ok("providers", f"{table.name} is configured")
        elif not Path(root).is_dir():
            yield failed("providers", f"{table.name}: {Path(root).absolute()} is no folder", f"mkdir -p {root}")
        elif Path(root).stat().st_mode & stat.S_IWOTH:
            yield warning(
                "providers",
                f"{table.name}: everybody on this machine may write evidence into {root}",
                f"chmod o-w {root}",
            )
        else:
            yield ok("providers", f"{table.name} reads below {root}")


def _posture(config: Config) -> Iterator[Finding]:
    if config.is_permissive:
        yield warning("trust", "asserted evidence opens gates", "set dev.permissive = false where decisions count")
    if not config.validation.strict:
        yield warning("trust", "comparators are not checked against types", "set validation.strict = true")
    if config.time_source is TimeSource.CALLER and not config.is_local_only:
        yield warning(
            "clock",
            "callers with tokens say what time it is, and may lie",
            'set time.source = "bounded", or "server"',
        )
    if not config.server.audit.enabled and config.audit_sink is None:
        yield warning("audit", "nothing is written", "set server.audit.enabled = true")


def _limits(config: Config) -> Finding:
    if config.server.transport is Transport.STDIO:
        return ok("limits", "stdio answers one message after another")
    inflight = config.server.limits.max_inflight
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < inflight + _OWN_DESCRIPTORS:
        return warning(
            "limits",
            f"this shell permits {soft} open files, too few for {inflight} requests at once",
            f"ulimit -n {inflight + 4 * _OWN_DESCRIPTORS}, or lower server.limits.max_inflight",
        )
    return ok("limits", f"{inflight} requests at once, {config.server.max_body_bytes} bytes each")
