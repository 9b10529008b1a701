"""Names of run packs in an object store (contract §9.4, deviation S11)."""

from decision_gate.core.ports import ArtifactError
from decision_gate.mcp.runpacks.folder import relative_parts
from decision_gate.mcp.runpacks.store import PackName

MAX_KEY_BYTES = 4096
MAX_SEGMENT_BYTES = 255

_ESCAPED = {character: f"%{ord(character):02X}" for character in "%/\\"}


def pack_prefix(pack: PackName, prefix: str | None) -> str:
    """Return what every key of a pack starts with, with a final slash.

    Raises:
        ArtifactError: A segment is over 255 bytes.
    """
    segments = (
        "tenant",
        str(pack.tenant_id),
        "namespace",
        str(pack.namespace_id),
        "scenario",
        segment(pack.scenario_id),
        "run",
        segment(pack.run_id),
        "spec",
        "sha256",
        pack.spec_hash,
    )
    start = "" if prefix is None else f"{prefix.rstrip('/')}/"
    return f"{start}{'/'.join(segments)}/"


def object_key(prefix: str, path: str) -> str:
    """Return the key of one file of a pack. Raise ``ArtifactError`` over 4096 bytes, or for a path that climbs."""
    if "\\" in path:
        raise ArtifactError("object store invalid: path must not contain backslashes")
    key = prefix + "/".join(relative_parts(path))
    if len(key.encode()) > MAX_KEY_BYTES:
        raise ArtifactError("object store invalid: object key exceeds length limit")
    return key


def segment(identifier: str) -> str:
    """Spell an identifier as one segment: slashes and ``%`` as percent codes, ``.`` and ``..`` too."""
    text = "".join(_ESCAPED.get(character, character) for character in identifier)
    if text in (".", ".."):
        text = text.replace(".", "%2E")
    if not text:
        raise ArtifactError("object store invalid: segment is invalid")
    if len(text.encode()) > MAX_SEGMENT_BYTES:
        raise ArtifactError("object store invalid: segment exceeds length limit")
    return text
