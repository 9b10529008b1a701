"""The ``env`` provider: one variable of the server's environment (contract §1.3)."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.core.model import EvidenceAnchor, EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.ports.evidence import EvidenceProvider, EvidenceProviderFailureError
from decision_gate.mcp.config.kinds import Array, Integer, SettingsOf, Text, mismatch
from decision_gate.mcp.config.table import key


@attrs.frozen
class _Texts:
    """A table of strings under names of the user's own."""

    def read(self, value: object, path: str, settings_of: SettingsOf) -> Mapping[str, str]:
        """Accept a table whose values are all strings."""
        if not isinstance(value, dict):
            raise mismatch(path, "a table", value)
        return {name: Text().read(text, f"{path}.{name}", settings_of) for name, text in value.items()}

    def schema(self) -> dict[str, JsonValue]:
        """Describe the open table."""
        return {"type": "object", "additionalProperties": {"type": "string"}}


@attrs.frozen(kw_only=True)
class EnvSettings:
    """``config`` of the ``env`` provider."""

    allowlist: tuple[str, ...] | None = key(Array(Text()), "Variables that may be read; all when absent.", default=None)
    denylist: tuple[str, ...] = key(
        Array(Text()), "Variables that are never read, whatever the allow list says.", default=()
    )
    max_value_bytes: int = key(Integer(), "Longest value.", default=65_536)
    max_key_bytes: int = key(Integer(), "Longest name.", default=255)
    overrides: Mapping[str, str] | None = key(
        _Texts(), "Values to answer with; when present the environment is not read at all.", default=None
    )


def open_env_provider(settings: EnvSettings) -> AbstractContextManager[EvidenceProvider]:
    """Offer the provider to a server; it holds nothing that must be closed."""
    return nullcontext(EnvProvider(settings))


class EnvProvider:
    """Answers ``env.get``.

    Args:
        settings: what may be read.
        environment: the variables, as ``os.environ`` spells them (surrogates stand for bytes that are not UTF-8).
    """

    provider_id: Final = "env"

    def __init__(self, settings: EnvSettings, environment: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._variables = environment if settings.overrides is None else settings.overrides

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Answer with the text of ``params.key``, or without a value when there is none that is UTF-8.

        Raises:
            EvidenceProviderFailureError: another check, unusable parameters, a name that policy blocks, or a name or
                value over its limit.
        """
        del context
        if query.check_id != "get":
            raise EvidenceProviderFailureError("unsupported env check")
        name = _name(query.params)
        if len(name.encode("utf-8", "surrogatepass")) > self._settings.max_key_bytes:
            raise EvidenceProviderFailureError("env key exceeds limit")
        if not self._may_read(name):
            raise EvidenceProviderFailureError("env key blocked by policy")
        anchor = EvidenceAnchor(anchor_type="env", anchor_value=name)
        text = _utf8_or_none(self._variables, name)
        if text is None:
            return EvidenceResult(evidence_anchor=anchor)
        if len(text.encode("utf-8")) > self._settings.max_value_bytes:
            raise EvidenceProviderFailureError("env value exceeds limit")
        return EvidenceResult(value=JsonEvidence(value=text), evidence_anchor=anchor, content_type="text/plain")

    def _may_read(self, name: str) -> bool:
        if name in self._settings.denylist:
            return False
        return self._settings.allowlist is None or name in self._settings.allowlist


def _name(params: JsonValue) -> str:
    if params is None:
        raise EvidenceProviderFailureError("env check requires params")
    if not isinstance(params, dict):
        raise EvidenceProviderFailureError("env params must be an object")
    if "key" not in params:
        raise EvidenceProviderFailureError("missing env key")
    name = params["key"]
    if not isinstance(name, str):
        raise EvidenceProviderFailureError("env key must be a string")
    return name


def _utf8_or_none(variables: Mapping[str, str], name: str) -> str | None:
    try:
        text = variables.get(name)
        if text is not None:
            text.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return text
