"""``[runpacks]`` and ``[runpack_storage]``: where run packs may be (contract §9, deviation X4)."""

from enum import StrEnum
from typing import ClassVar

import attrs

from decision_gate.mcp.config.kinds import Array, Boolean, Choice, Text
from decision_gate.mcp.config.rules import MAX_COMPONENT_BYTES, MAX_PATH_BYTES, demand, demand_path, trimmed
from decision_gate.mcp.config.schema_rules import SchemaRule, has, matches, when
from decision_gate.mcp.config.table import key


@attrs.frozen(kw_only=True)
class RunpacksTable:
    """``[runpacks]``: the folders that ``runpack_export`` and ``runpack_verify`` are confined to."""

    roots: tuple[str, ...] | None = key(
        Array(Text()),
        "Folders run packs are written below and read from; ./runpacks and the temporary folder when absent.",
        default=None,
    )
    per_tenant: bool = key(
        Boolean(), "Whether each tenant has a folder of its own, named by its number, in every root.", default=False
    )

    def check(self) -> None:
        """Check the paths. Raise ``InvalidConfigError``."""
        for root in self.roots or ():
            demand_path("runpacks.roots", root)


class StorageType(StrEnum):
    """The one kind of storage of the open server."""

    OBJECT_STORE = "object_store"


class StorageProvider(StrEnum):
    """The one protocol it speaks."""

    S3 = "s3"


@attrs.frozen(kw_only=True)
class ObjectStorageTable:
    """``[runpack_storage]`` of type ``object_store``."""

    RULES: ClassVar[tuple[SchemaRule, ...]] = (
        when(
            "endpoint begins with http:// or https://",
            {"required": ["endpoint"]},
            matches(endpoint={"pattern": r"^\s*https?://"}),
        ),
        when(
            "an http:// endpoint requires allow_http",
            matches(endpoint={"pattern": r"^\s*http://"}),
            has(allow_http=True),
        ),
    )

    type: StorageType = key(Choice(StorageType), "Kind of storage.")
    provider: StorageProvider = key(Choice(StorageProvider), "Protocol of the store.")
    bucket: str = key(Text(), "Bucket that holds the run packs.")
    region: str | None = key(Text(), "Region of the bucket.", default=None)
    endpoint: str | None = key(Text(), "Address of the store, when it is not AWS.", default=None)
    prefix: str | None = key(Text(), "What every object key starts with.", default=None)
    force_path_style: bool = key(Boolean(), "Name the bucket in the path.", default=False)
    allow_http: bool = key(Boolean(), "Permit an endpoint without TLS.", default=False)

    def check(self) -> None:
        """Check bucket, endpoint and prefix. Raise ``InvalidConfigError``."""
        demand(bool(trimmed(self.bucket)), "runpack_storage.bucket must be set")
        if self.endpoint is not None:
            endpoint = trimmed(self.endpoint)
            demand(
                endpoint.startswith(("http://", "https://")),
                "runpack_storage.endpoint must include http:// or https://",
            )
            demand(
                self.allow_http or not endpoint.startswith("http://"),
                "runpack_storage.endpoint uses http:// without allow_http",
            )
        if self.prefix is not None:
            _check_prefix(self.prefix)


def _check_prefix(prefix: str) -> None:
    label = "runpack_storage.prefix"
    demand(bool(trimmed(prefix)), f"{label} must be non-empty")
    demand("\\" not in prefix, f"{label} must not contain backslashes")
    demand(len(prefix.encode()) <= MAX_PATH_BYTES, f"{label} exceeds max length")
    demand(not prefix.startswith("/"), f"{label} must be relative")
    components = prefix.removesuffix("/").split("/")
    for index, component in enumerate(components):
        demand(
            component != ".." and (index > 0 or component != "."),
            f"{label} must be relative without traversal",
        )
        demand(len(component.encode()) <= MAX_COMPONENT_BYTES, f"{label} segment too long")
