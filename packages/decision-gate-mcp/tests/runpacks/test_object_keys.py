"""Names of run packs in an object store (contract §9.4, deviation S11)."""

import pytest

from decision_gate.core.ports import ArtifactError
from decision_gate.mcp.runpacks.object_keys import object_key, pack_prefix, segment
from decision_gate.mcp.runpacks.store import PackName


def name(scenario="ship-it", run="run-a"):
    return PackName(
        tenant_id=7,
        namespace_id=12,
        scenario_id=scenario,
        run_id=run,
        spec_hash="ab" * 32,
        manifest_name="manifest.json",
    )


def test_the_prefix_is_that_of_the_contract():
    expected = f"tenant/7/namespace/12/scenario/ship-it/run/run-a/spec/sha256/{'ab' * 32}/"

    assert pack_prefix(name(), None) == expected
    assert pack_prefix(name(), "packs/prod/") == f"packs/prod/{expected}"
    assert pack_prefix(name(), "path/./other") == f"path/./other/{expected}"


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("run-a", "run-a"),
        ("org/repo", "org%2Frepo"),
        ("a\\b", "a%5Cb"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("...", "..."),
        ("é", "é"),
    ],
)
def test_an_identifier_is_one_segment_and_no_two_identifiers_share_one(identifier, expected):
    assert segment(identifier) == expected


@pytest.mark.parametrize("identifier", ["", "x" * 256, "/" * 86])
def test_a_segment_that_is_empty_or_too_long_is_refused(identifier):
    with pytest.raises(ArtifactError):
        segment(identifier)


def test_a_key_stays_below_its_prefix_and_below_the_limit():
    assert object_key("p/", "artifacts/triggers.json") == "p/artifacts/triggers.json"
    for prefix, path in (("p/", "../x"), ("p/", "/x"), ("x" * 4090, "artifacts/triggers.json")):
        with pytest.raises(ArtifactError):
            object_key(prefix, path)
