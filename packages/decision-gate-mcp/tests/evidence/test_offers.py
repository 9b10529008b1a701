"""What the server opens by name: the built-in providers here, each with the settings class of its own."""

import pytest

from decision_gate.core.ports.evidence import EvidenceProvider
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.evidence.env_provider import EnvSettings
from decision_gate.mcp.evidence.json_provider import JsonSettings
from decision_gate.mcp.evidence.report_provider import ReportSettings
from decision_gate.mcp.evidence.time_provider import TimeSettings
from decision_gate.mcp.plugins import Offers, demand_protocol

GROUP = "decision_gate.evidence_providers"


@pytest.mark.parametrize("settings_class", [TimeSettings, EnvSettings, JsonSettings, ReportSettings])
def test_an_offer_opens_a_provider_of_its_name(settings_class, tmp_path):
    name = settings_class.__name__.removesuffix("Settings").lower()
    reference = f"decision_gate.mcp.evidence.{name}_provider:open_{name}_provider"
    offers = Offers(PluginsTable(), built_in={GROUP: {name: reference}}, installed=lambda _group: ())
    values = {"root": str(tmp_path), "root_id": "files"} if name in ("json", "report") else {}

    loaded = offers.load(GROUP, name)

    assert loaded.settings_class is settings_class
    with loaded.opener(settings_class(**values)) as provider:
        demand_protocol(provider, EvidenceProvider, name)
        assert provider.provider_id == name
