"""Contract: a place that keeps exported run packs (group ``decision_gate.runpack_stores``; contract §9.1)."""

from contextlib import AbstractContextManager
from typing import Protocol

import attrs

from decision_gate.core.ports import ArtifactReader, ArtifactSink


@attrs.frozen(kw_only=True)
class PackName:
    """Which pack it is; ``manifest_name`` is a relative path."""

    tenant_id: int
    namespace_id: int
    scenario_id: str
    run_id: str
    spec_hash: str
    manifest_name: str


@attrs.frozen(kw_only=True)
class PackTarget:
    """An opened place for one pack: ``reader`` reads what ``sink`` finished; ``uri`` is none for a local folder."""

    sink: ArtifactSink
    reader: ArtifactReader
    uri: str | None = None


class RunpackStore(Protocol):
    """Keeps run packs under names of its own making. Called from many threads at once."""

    def open(self, pack: PackName) -> AbstractContextManager[PackTarget]:
        """Open the place of one pack; an earlier pack of the same name is replaced.

        Raises:
            ArtifactError: The name cannot be spelled in this store.
            StoreError: The store cannot be reached.
        """
        ...
