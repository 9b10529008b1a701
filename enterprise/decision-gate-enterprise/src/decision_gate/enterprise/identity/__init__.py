"""Who is calling: API keys, and how somebody who was recognised becomes a caller with rights from the directory."""

from decision_gate.enterprise.identity.authenticator import ApiKeyAuthenticator, ApiKeySettings, Clocks, open_api_key
from decision_gate.enterprise.identity.failures import Failures
from decision_gate.enterprise.identity.hashing import SecretHasher
from decision_gate.enterprise.identity.key_text import Environment, KeyText, mint, parse_key
from decision_gate.enterprise.identity.keys import ApiKey, find_key, identity_tables, list_keys
from decision_gate.enterprise.identity.profiles import Credential, caller

__all__ = [
    "ApiKey",
    "ApiKeyAuthenticator",
    "ApiKeySettings",
    "Clocks",
    "Credential",
    "Environment",
    "Failures",
    "KeyText",
    "SecretHasher",
    "caller",
    "find_key",
    "identity_tables",
    "list_keys",
    "mint",
    "open_api_key",
    "parse_key",
]
