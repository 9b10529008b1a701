"""The page for operators names every key that the offers of this distribution take."""

from pathlib import Path

import attrs
import pytest

from decision_gate.enterprise.admin.listener import AdminListenerSettings
from decision_gate.enterprise.audit.settings import HashChainSettings
from decision_gate.enterprise.identity.authenticator import ApiKeySettings
from decision_gate.enterprise.rates.limiter import GcraSettings
from decision_gate.enterprise.tenancy.settings import DirectorySettings
from decision_gate.enterprise.usage.meter import LedgerSettings

HOW_TO = Path(__file__).resolve().parents[3] / "docs/how-to"
NAMES = ("run-for-several-organisations.md", "quotas-and-billing.md")
PAGES = "".join((HOW_TO / name).read_text(encoding="utf-8") for name in NAMES)


@pytest.mark.parametrize(
    "settings",
    [AdminListenerSettings, ApiKeySettings, DirectorySettings, GcraSettings, HashChainSettings, LedgerSettings],
)
def test_every_key_is_named(settings):
    names = [field.name for field in attrs.fields(settings)]

    missing = [name for name in names if f"`{name}`" not in PAGES and f"\n{name} = " not in PAGES]

    assert missing == []
