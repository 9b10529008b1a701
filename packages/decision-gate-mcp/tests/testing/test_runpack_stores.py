"""The suite of run-pack stores against the plainest store there is: a folder a pack."""

from contextlib import contextmanager

import pytest

from decision_gate.mcp.runpacks.directory import DirectoryPack
from decision_gate.mcp.runpacks.folder import open_folder
from decision_gate.mcp.runpacks.object_keys import pack_prefix
from decision_gate.mcp.runpacks.store import PackTarget
from decision_gate.mcp.testing import RunpackStoreConformance


class FolderStore:
    """Keeps each pack in a folder of the name that an object store would give it."""

    def __init__(self, root):
        self._root = root

    @contextmanager
    def open(self, pack):
        with open_folder(self._root / pack_prefix(pack, None), root=self._root, create=True) as folder:
            files = DirectoryPack(folder, pack.manifest_name)
            yield PackTarget(sink=files, reader=files)


class TestFolderStore(RunpackStoreConformance):
    """See the suite."""

    @pytest.fixture
    def store(self, tmp_path):
        return FolderStore(tmp_path)
