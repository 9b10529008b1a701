"""Keys in files, for signing run packs and for checking such signatures."""

from decision_gate.mcp.signing.errors import KeyFileError
from decision_gate.mcp.signing.new_key import NewKey, new_key
from decision_gate.mcp.signing.pinned_keys import PinnedKeys
from decision_gate.mcp.signing.signer import KeyFileSigner

__all__ = ["KeyFileError", "KeyFileSigner", "NewKey", "PinnedKeys", "new_key"]
