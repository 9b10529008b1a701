"""Worlds of their own for single servers: namespaces of the kernel, where this machine and this user may have them."""

import shutil
import subprocess
from functools import cache

import pytest

_LIMIT_S = 20
_NETWORK = "ip link set lo up && ip addr add fd00::1 dev lo nodad && test -e /etc/resolv.conf"
"""What ``closed_network`` needs: addresses of both families, and a place where the name server is named."""

_WAYS: tuple[tuple[str, ...], ...] = (("unshare", "--map-root-user"), ("unshare",))
"""As an ordinary user where the kernel lets one be root in a world of his own, else as root."""


@cache
def world(*flags: str) -> tuple[str, ...]:
    """Return the program and arguments that run a command in new namespaces, as root there.

    Skips the test that asks where there are none: its promise is then shown on other machines only.

    Args:
        flags: of ``unshare``: which namespaces.
    """
    missing = [tool for tool in ("unshare", "ip", "mount") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} of util-linux and iproute2")
    for way in _WAYS:
        probe = f"mount -t tmpfs none /mnt && {_NETWORK if '--net' in flags else 'true'}"
        command = [*way, *flags, "sh", "-c", probe]
        if subprocess.run(command, check=False, capture_output=True, timeout=_LIMIT_S).returncode == 0:  # noqa: S603 - ours
            return (*way, *flags)
    pytest.skip("needs user namespaces, or root that may make others")
