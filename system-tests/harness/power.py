"""A disk whose power can be cut (``lossy_disk.py`` as a process), and the missing pieces said aloud."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

from harness.waiting import wait_until

PROGRAM = Path(__file__).parent / "lossy_disk.py"
_STOP_S = 20


class PowerMissingError(Exception):
    """This machine cannot mount file systems of its own; a suite that needs it must fail, never skip."""


@attrs.define(kw_only=True)
class Disk:
    """A mounted lossy disk. ``mount`` is where programs see it, ``store`` what is safe."""

    store: Path
    mount: Path
    _process: subprocess.Popen[bytes] | None = None

    def switch_on(self) -> None:
        """Mount what is safe."""
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-W", "ignore", str(PROGRAM), str(self.store), str(self.mount)], stdin=subprocess.DEVNULL
        )
        wait_until(lambda: os.path.ismount(self.mount))

    def cut_power(self) -> None:
        """Forget what is not safe, and let nobody reach the disk until it is switched on again."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(_STOP_S)
        unmount = ["fusermount3", "-u", "-z", str(self.mount)]
        subprocess.run(unmount, check=False, capture_output=True, timeout=_STOP_S)  # noqa: S603 - our own command line
        wait_until(lambda: not os.path.ismount(self.mount))


@contextlib.contextmanager
def lossy_disk(folder: Path) -> Iterator[Disk]:
    """Mount a lossy disk for the length of the block.

    Raises:
        PowerMissingError: There is no FUSE, no ``fusermount3`` or no mfusepy.
    """
    if not (Path("/dev/fuse").exists() and shutil.which("fusermount3") and importlib.util.find_spec("mfusepy")):
        raise PowerMissingError(
            "needs /dev/fuse, Debian's fuse3 and mfusepy; 'scripts/dev.py run test:chaos' gets them"
        )
    disk = Disk(store=folder / "safe", mount=folder / "disk")
    disk.store.mkdir(parents=True)
    disk.mount.mkdir()
    try:
        disk.switch_on()
        yield disk
    finally:
        disk.cut_power()
