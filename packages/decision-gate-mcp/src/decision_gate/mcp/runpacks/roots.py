"""The folders that callers may name (deviation X4).

A tool call names server paths. Without confinement it could write any file of the server's user and probe for the
existence of every path; both are refused before the file system is asked about anything outside the roots.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from decision_gate.core.ports import ArtifactError
from decision_gate.mcp.errors import InvalidParamsError

MAX_PATH_BYTES = 4096
MAX_COMPONENT_BYTES = 255


class Roots:
    """The allowed roots; relative ones are taken against the working directory, once, when the server starts.

    Args:
        roots: The folders.
        is_per_tenant: Whether each tenant has a folder of its own in each of them, and nothing beside it.
    """

    def __init__(self, roots: Iterable[str | Path], *, is_per_tenant: bool = False) -> None:
        self._roots = tuple(Path(os.path.abspath(root)) for root in roots)  # noqa: PTH100 - "..", not symlinks, go
        self._is_per_tenant = is_per_tenant

    def confine(self, member: str, text: str, tenant_id: int | None = None) -> tuple[Path, Path]:
        """Return the root and the real path below it that a caller's path means.

        Symbolic links are followed as far as they stay below the root. The path need not exist.

        Args:
            member: Member of the arguments, for the refusal.
            text: The caller's path; a relative one is taken against the working directory, or against the tenant's
                folder where each tenant has its own.
            tenant_id: For whom the call was judged; where each tenant has its own folder, nobody has none.

        Raises:
            ArtifactError: The path is longer than contract §9.3 allows.
            InvalidParamsError: It is outside every root, or leads out by a symbolic link.
        """
        check_path_length(text)
        if "\0" in text:
            raise InvalidParamsError(f"{member}: a path cannot hold NUL")
        # Judged by its text first, so that nothing outside the roots is looked at.
        roots = self._of(tenant_id)
        base = roots[0] if self._is_per_tenant and roots else Path()
        spelled = Path(os.path.abspath(base / text))  # noqa: PTH100 - "..", not symlinks, go
        for root in roots:
            if not spelled.is_relative_to(root):
                continue
            real_root = Path(os.path.realpath(root))
            real = Path(os.path.realpath(spelled))
            if real.is_relative_to(real_root):
                return real_root, real
        raise InvalidParamsError(f"{member}: outside every folder of runpacks.roots")

    def _of(self, tenant_id: int | None) -> tuple[Path, ...]:
        if not self._is_per_tenant:
            return self._roots
        return () if tenant_id is None else tuple(root / str(tenant_id) for root in self._roots)


def check_path_length(text: str) -> None:
    """Refuse a path over 4096 bytes, or with a component over 255. Raise ``ArtifactError`` (contract §9.3)."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        raise ArtifactError("runpack path exceeds limit")
    if any(len(part.encode("utf-8", "surrogatepass")) > MAX_COMPONENT_BYTES for part in text.split("/")):
        raise ArtifactError("runpack path component too long")
