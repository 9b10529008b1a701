"""Offers: one a name, trusted by its metadata before anything of it is imported (architecture §3)."""

import sys
from contextlib import contextmanager

import attrs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.kinds import Integer
from decision_gate.mcp.config.pluggable import NoSettings, PluginsTable
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.usage_meter import UsageMeter
from decision_gate.mcp.plugins import Offer, Offers, demand_protocol

GROUP = "decision_gate.usage_meters"


@attrs.frozen(kw_only=True)
class MeterSettings:
    """Settings of the offer below."""

    quota: int = key(Integer(), "Calls a day.", default=3)


@contextmanager
def open_meter(settings: MeterSettings):
    """Open a meter that is its settings."""
    yield settings


@contextmanager
def open_plain():
    """Open something without settings."""
    yield object()


@contextmanager
def open_untyped(settings):
    """Open something whose settings have no class."""
    yield settings


NOT_CALLABLE = 3


def offer(name="ledger", attribute="open_meter", distribution="acme-meters"):
    return Offer(group=GROUP, name=name, reference=f"{__name__}:{attribute}", distribution=distribution, version="1.2")


def offers(*installed, trusted=("acme-meters",), built_in=None):
    return Offers(
        PluginsTable(trusted=trusted),
        built_in=built_in or {},
        installed=lambda group: installed if group == GROUP else (),
    )


def refusal(look_up, name="ledger"):
    with pytest.raises(DecisionGateError) as refused:
        look_up.load(GROUP, name)
    return refused.value


def test_a_trusted_offer_is_loaded_with_the_settings_class_of_its_opener():
    loaded = offers(offer()).load(GROUP, "ledger")

    assert loaded.opener is open_meter
    assert loaded.settings_class is MeterSettings


def test_an_opener_without_settings_takes_none():
    assert offers(offer(attribute="open_plain")).settings_of(GROUP, "ledger") is NoSettings


@pytest.mark.parametrize("trusted", ["acme-meters", "ACME.Meters", "acme_meters"])
def test_distribution_names_are_compared_as_package_indexes_do(trusted):
    assert offers(offer(), trusted=(trusted,)).find(GROUP, "ledger") == offer()


def test_our_own_private_distribution_needs_no_entry():
    found = offer(distribution="decision-gate-enterprise")

    assert offers(found, trusted=()).find(GROUP, "ledger") == found


def test_an_untrusted_offer_is_refused_and_nothing_of_it_is_imported():
    hostile = attrs.evolve(offer(), reference="decision_gate_hostile_probe:open_meter")

    error = refusal(offers(hostile, trusted=()))

    assert error.code == "offer_untrusted"
    assert "acme-meters" in str(error)
    assert "decision_gate_hostile_probe" not in sys.modules


def test_two_offers_of_one_name_are_refused_although_both_are_trusted():
    error = refusal(offers(offer(), offer(distribution="other"), trusted=("acme-meters", "other")))

    assert error.code == "offer_ambiguous"
    assert "acme-meters, other" in str(error)


def test_an_offer_that_takes_a_built_in_name_is_ambiguous_too():
    built_in = {GROUP: {"none": f"{__name__}:open_plain"}}

    assert refusal(offers(offer(name="none"), built_in=built_in), "none").code == "offer_ambiguous"


def test_a_missing_offer_names_the_nearest_one():
    error = refusal(offers(offer()), "leger")

    assert error.code == "offer_missing"
    assert "did you mean `ledger`?" in str(error)


@pytest.mark.parametrize(
    "broken",
    [
        offer(attribute="absent"),
        offer(attribute="NOT_CALLABLE"),
        offer(attribute="open_untyped"),
        attrs.evolve(offer(), reference="no_such_module_at_all:open_meter"),
    ],
)
def test_an_offer_that_cannot_be_used_is_broken(broken):
    assert refusal(offers(broken)).code == "offer_broken"


def test_an_opened_object_must_have_every_member_of_its_contract():
    with pytest.raises(DecisionGateError) as refused:
        demand_protocol(object(), UsageMeter, "ledger")

    assert refused.value.code == "offer_broken"
    assert "admit" in str(refused.value)


def test_an_unknown_key_of_a_plugged_table_is_refused_as_everywhere():
    text = b'[usage_meter]\ntype = "ledger"\nquotta = 1\n'

    with pytest.raises(DecisionGateError) as refused:
        parse_config(text, lambda _plugins: offers(offer()).settings_of)

    assert str(refused.value) == "config parse error: unknown key `quotta` in [usage_meter] (did you mean `quota`?)"


def test_a_plugged_table_holds_the_decoded_settings_of_its_offer():
    config = parse_config(b'[usage_meter]\ntype = "ledger"\nquota = 5\n', lambda _plugins: offers(offer()).settings_of)

    assert config.usage_meter.type == "ledger"
    assert config.usage_meter.settings == MeterSettings(quota=5)
