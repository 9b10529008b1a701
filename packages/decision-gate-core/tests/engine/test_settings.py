"""How an engine judges, apart from the scenario (contract §6.1, §6.6)."""

import hashlib

import pytest

from decision_gate.core.engine import EngineSettings
from decision_gate.core.logic import LogicMode, TriState
from decision_gate.core.model import EvidenceAnchorPolicy, TrustLane
from decision_gate.core.testing.world import World, condition, gate, scenario, stage


def test_the_defaults_are_those_of_the_contract():
    settings = EngineSettings()

    assert settings == EngineSettings(
        logic_mode=LogicMode.KLEENE,
        min_lane=TrustLane.VERIFIED,
        provider_lanes={},
        anchor_policy=EvidenceAnchorPolicy(providers=()),
        shuffle_seed=None,
    )


NAMES = ("a", "b", "ä", "\U0001f511", "a:b", "1", "one/two")


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_a_seed_asks_in_the_order_of_the_hashes_of_seed_and_condition(seed):
    spec = scenario(
        [stage("one", [gate("g", {"And": [{"Condition": name} for name in NAMES]})])],
        [condition(name) for name in NAMES],
    )
    world = World.of(spec, settings=EngineSettings(shuffle_seed=seed))
    world.start()

    world.next("t1")

    assert world.facts.asked == sorted(
        NAMES, key=lambda name: hashlib.sha256(str(seed).encode() + b":" + name.encode()).hexdigest()
    )


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_that_is_no_u64_is_refused(seed):
    with pytest.raises(ValueError, match="shuffle_seed"):
        EngineSettings(shuffle_seed=seed)


T, F, U = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN


@pytest.mark.parametrize(
    ("tree", "kleene", "bochvar"),
    [
        ({"Or": [{"Condition": "yes"}, {"Condition": "nothing"}]}, T, U),
        ({"And": [{"Condition": "no"}, {"Condition": "nothing"}]}, F, U),
        ({"And": [{"Condition": "yes"}, {"Condition": "yes"}]}, T, T),
        ({"Not": {"Condition": "nothing"}}, U, U),
        ({"RequireGroup": {"min": 1, "reqs": [{"Condition": "yes"}, {"Condition": "nothing"}]}}, T, T),
        ({"Or": [{"Condition": "yes"}, {"And": [{"Condition": "no"}, {"Condition": "nothing"}]}]}, T, U),
    ],
)
def test_in_bochvar_mode_one_unknown_makes_a_whole_and_or_or_unknown(tree, kleene, bochvar):
    names = ("yes", "no", "nothing")
    spec = scenario([stage("one", [gate("g", tree)])], [condition(name) for name in names])
    found = []

    for mode in LogicMode:
        world = World.of(spec, settings=EngineSettings(logic_mode=mode))
        world.start()
        world.facts.answers = {"yes": True, "no": False}
        world.next("t1")
        found.append(world.state().gate_evals[0].evaluation.status)

    assert found == [kleene, bochvar]


def test_the_mode_changes_neither_trace_nor_evidence():
    tree = {"Or": [{"Condition": "b"}, {"Condition": "a"}]}
    spec = scenario([stage("one", [gate("g", tree)])], [condition("a"), condition("b")])
    found = []

    for mode in LogicMode:
        world = World.of(spec, settings=EngineSettings(logic_mode=mode))
        world.start()
        world.facts.answers = {"b": True}
        world.next("t1")
        [record] = world.state().gate_evals
        found.append((record.evaluation.trace, record.evidence))

    assert found[0] == found[1]
