"""The thorough way: import everything anew, with the changed module in the place of the one on disk."""

import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

# Everything that a test needs, apart from ours: loaded once, shared by all mutants.
import cattrs  # noqa: F401 - see above
import hypothesis  # noqa: F401 - see above
import orjson  # noqa: F401 - see above
import pytest

from mutating.mutants import Mutant

OPTIONS: Final = ("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=ci", "--tb=no", "--assert=plain")
"""How pytest is started, here and in ``swapped``."""

CPU_SECONDS: Final = 60
"""Processor time of one mutant; one that needs more never ends."""

SECONDS: Final = 600
"""Time of one mutant that waits instead, generous because the machine may be busy."""


class _Loader(importlib.abc.Loader):
    """Runs the changed module instead of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutant's code."""
        exec(compile(self._mutant.tree, str(self._mutant.path), "exec"), vars(module))  # noqa: S102 - our own source


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the changed module and nothing else."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """See ``MetaPathFinder``."""
        del path, target
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._mutant.path, loader=_Loader(self._mutant))


def is_noticed(mutant: Mutant | None, tests: Sequence[str]) -> bool:
    """Run *tests* against *mutant*, in a process of its own, and tell whether one failed or never ended.

    This process must not have imported anything of ours. None runs the tests without any change.
    """
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        be_silent()
        if mutant is not None:
            sys.meta_path.insert(0, _Finder(mutant))
        os._exit(pytest.main([*OPTIONS, *tests]) != pytest.ExitCode.OK)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def be_silent() -> None:
    """Send what this process and its children print nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
