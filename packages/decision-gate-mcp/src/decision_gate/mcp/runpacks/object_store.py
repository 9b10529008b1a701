"""Run packs in an S3 object store: ``[runpack_storage]`` (contract §9.4). The one module of the open tree with boto3.

Installed by ``decision-gate-mcp[s3]``. Credentials come from the usual AWS chain, never from the configuration file.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import attrs
import boto3  # type: ignore[import-untyped] # ships no types
from boto3.exceptions import S3UploadFailedError  # type: ignore[import-untyped] # ships no types
from botocore.config import Config as ClientConfig  # type: ignore[import-untyped] # ships no types
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped] # ships no types

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import REPORT
from decision_gate.mcp.config.runpacks import ObjectStorageTable
from decision_gate.mcp.runpacks.folder import relative_parts
from decision_gate.mcp.runpacks.object_keys import object_key, pack_prefix
from decision_gate.mcp.runpacks.store import PackName, PackTarget
from decision_gate.mcp.waiting import waiting

_SPOOLED_BYTES = 8_388_608
_CHUNK_BYTES = 262_144


class ObjectStoreUnavailableError(ConfigurationError):
    """The client of the object store cannot be made."""

    code: ClassVar[str] = "object_store_unavailable"


@attrs.frozen(kw_only=True)
class ObjectPack:
    """Sink and reader of one pack; every file is one object, so each appears whole or not at all.

    A pack has a manifest only when everything it lists is there. While an earlier pack is replaced, a crash leaves its
    manifest beside new artifacts, which no verifier accepts.
    """

    client: Any
    bucket: str
    prefix: str
    manifest_name: str
    written: set[str] = attrs.field(factory=set, init=False, eq=False)

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        """Write one object; a large one spills to the disk on the way. Raise ``ArtifactError``."""
        key = object_key(self.prefix, path)
        with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as spool:
            for chunk in chunks:
                spool.write(chunk)
            spool.seek(0)
            try:
                with waiting():
                    self.client.upload_fileobj(spool, self.bucket, key, ExtraArgs={"ContentType": content_type})
            except (BotoCoreError, ClientError, S3UploadFailedError, OSError) as error:
                raise _backend(error) from error
        self.written.add(path)

    def finalize(self, manifest: bytes) -> None:
        """Write the manifest, after everything it lists, and remove the report of an earlier pack.

        Raises:
            ArtifactError: The store refuses, or cannot be reached.
        """
        if REPORT.path not in self.written:
            try:
                self.client.delete_object(Bucket=self.bucket, Key=object_key(self.prefix, REPORT.path))
            except (BotoCoreError, ClientError) as error:
                raise _backend(error) from error
        self.write(self.manifest_name, (manifest,), content_type="application/json")

    def paths(self) -> frozenset[str]:
        """Return the path of every object below ``artifacts/`` but the manifest. Raise ``ArtifactError``."""
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=f"{self.prefix}artifacts/"
            )
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        except (BotoCoreError, ClientError) as error:
            raise _backend(error) from error
        return frozenset(key.removeprefix(self.prefix) for key in keys) - {"/".join(relative_parts(self.manifest_name))}

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield one object. Raise ``ArtifactError``."""
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=object_key(self.prefix, path))["Body"]
            yield from body.iter_chunks(_CHUNK_BYTES)
        except (BotoCoreError, ClientError, OSError) as error:
            raise _backend(error) from error


@attrs.frozen(kw_only=True)
class ObjectRunpackStore:
    """A bucket of run packs."""

    client: Any
    table: ObjectStorageTable

    @contextmanager
    def open(self, pack: PackName) -> Iterator[PackTarget]:
        """Open the place of one pack. Raise ``ArtifactError`` when an id is too long for a segment."""
        prefix = pack_prefix(pack, self.table.prefix)
        files = ObjectPack(
            client=self.client, bucket=self.table.bucket, prefix=prefix, manifest_name=pack.manifest_name
        )
        yield PackTarget(sink=files, reader=files, uri=f"s3://{self.table.bucket}/{prefix}")


@contextmanager
def open_object_store(settings: ObjectStorageTable) -> Iterator[ObjectRunpackStore]:
    """Open the store of ``[runpack_storage]``. Raise ``ObjectStoreUnavailableError`` when no client can be made."""
    style = "path" if settings.force_path_style else "auto"
    try:
        # A session of its own: the module's keeps the credentials that it found first, whoever asked.
        client = boto3.session.Session().client(
            "s3",
            region_name=settings.region,
            endpoint_url=None if settings.endpoint is None else settings.endpoint.strip(),
            config=ClientConfig(s3={"addressing_style": style}),
        )
    except (BotoCoreError, ValueError) as error:
        raise ObjectStoreUnavailableError(f"object store backend error: {error}") from error
    try:
        yield ObjectRunpackStore(client=client, table=settings)
    finally:
        client.close()


def _backend(error: Exception) -> ArtifactError:
    """Word a failure by its code; the full text of a provider may name keys and accounts."""
    if isinstance(error, ClientError):
        return ArtifactError(f"object store backend error: {error.response.get('Error', {}).get('Code', 'unknown')}")
    return ArtifactError(f"object store io error: {type(error).__name__}")
