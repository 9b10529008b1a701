"""What MCP callers may leave out (deviation X14)."""

import copy

import pytest

from decision_gate.core.codec import decode
from decision_gate.mcp.testing.calls import ask, at, define, export, start, status, submit, trigger
from decision_gate.mcp.tools.arguments import (
    DefineArguments,
    ExportArguments,
    NextArguments,
    StartArguments,
    StatusArguments,
    SubmitArguments,
    TriggerArguments,
)
from decision_gate.mcp.tools.assigned import ASSIGNED, Assigner

NOW_MS = 77
ASSIGNER = Assigner(now_ms=NOW_MS, trigger_id="mcp-1")

COMPLETE = {
    "scenario_define": (DefineArguments, define()),
    "scenario_start": (StartArguments, start()),
    "scenario_status": (StatusArguments, status()),
    "scenario_next": (NextArguments, ask()),
    "scenario_submit": (SubmitArguments, submit()),
    "scenario_trigger": (TriggerArguments, trigger()),
    "runpack_export": (ExportArguments, export("out")),
}


def without_assigned(tool, arguments):
    stripped = copy.deepcopy(arguments)
    for path in ASSIGNED.get(tool, {}):
        place = stripped
        for parent in path[:-1]:
            place = place[parent]
        del place[path[-1]]
    return stripped


@pytest.mark.parametrize("tool", COMPLETE)
def test_what_the_caller_says_is_kept(tool):
    _, arguments = COMPLETE[tool]

    assert ASSIGNER.completed(tool, arguments) == arguments


@pytest.mark.parametrize("tool", COMPLETE)
def test_what_the_server_assigns_is_enough_for_the_decoder(tool):
    record, arguments = COMPLETE[tool]

    decode(record, ASSIGNER.completed(tool, without_assigned(tool, arguments)))


@pytest.mark.parametrize("absent", [{}, {"time": None, "trigger_id": None}])
def test_an_attempt_gets_the_servers_time_and_a_name(absent):
    request = {"run_id": "r", **absent}

    completed = ASSIGNER.completed("scenario_next", {"request": request})

    assert completed == {"request": {"run_id": "r", "time": at(NOW_MS), "trigger_id": "mcp-1"}}
    assert request == {"run_id": "r", **absent}


@pytest.mark.parametrize("arguments", [None, [], "x", {}, {"request": None}, {"request": []}])
def test_malformed_arguments_are_left_for_the_decoder(arguments):
    assert ASSIGNER.completed("scenario_next", arguments) == arguments
