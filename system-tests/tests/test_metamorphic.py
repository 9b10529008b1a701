"""What must not matter does not: who else is served, and how often one asks (deviation S6, architecture §2)."""

import pytest
from harness import documents, pack, story
from harness.config import scripted, sqlite
from harness.race import together
from harness.rpc import Client

RUNS = 8
CROWD = 16


def steps_of(run):
    """Return the calls of one of many runs; each differs in what its triggers meet."""
    triggers = ["too-early", "in-the-dark"] * (run % 3) + ["t-1", "t-2"]
    steps = [
        ("scenario_next", documents.step("tea", f"run-{run}", f"{trigger}", number))
        for number, trigger in enumerate(dict.fromkeys(triggers))
    ]
    submission = documents.submission("tea", f"run-{run}", "s-1", {"run": run})
    return [("scenario_start", documents.start("tea", f"run-{run}")), ("scenario_submit", submission), *steps]


def told(port, run, folder):
    """Tell one run over a connection of its own and return its pack."""
    with Client(port) as client:
        story.tell(client.call, steps_of(run))
        client.call("runpack_export", documents.export("tea", f"run-{run}", str(folder / f"run-{run}")))
    return story.files(folder / f"run-{run}")


@pytest.mark.parametrize("store", [{}, sqlite("gate.db")], ids=["memory", "sqlite"])
def test_runs_that_are_told_at_the_same_time_leave_the_packs_of_runs_told_one_by_one(serve, tmp_path, store):
    alone, shared = serve(), serve(store)
    for server in (alone, shared):
        with Client(server.port) as client:
            client.call("scenario_define", {"spec": documents.two_stages()})

    one_by_one = [told(alone.port, run, tmp_path / "alone") for run in range(RUNS)]
    at_once = together([lambda run=run: told(shared.port, run, tmp_path / "shared") for run in range(RUNS)])

    assert at_once == one_by_one
    assert len({files["manifest.json"] for files in at_once}) == RUNS


def test_a_crowd_that_asks_for_one_step_is_told_one_decision(serve, tmp_path):
    server = serve(sqlite("gate.db"), scripted(tmp_path / "script.json", "facts", delay_ms=50))
    with Client(server.port) as client:
        client.call("scenario_define", {"spec": documents.two_stages()})
        client.call("scenario_start", documents.start("tea", "run-1"))

        def ask():
            with Client(server.port) as one:
                return one.call("scenario_next", documents.step("tea", "run-1", "t-1"))

        answers = together([ask] * CROWD)
        client.call("runpack_export", documents.export("tea", "run-1", str(tmp_path / "pack")))

    assert answers == [answers[0]] * CROWD
    assert pack.log(tmp_path / "pack", "decisions") == [answers[0]["decision"]]
    assert len(pack.log(tmp_path / "pack", "triggers")) == 1
    assert len(pack.log(tmp_path / "pack", "tool_calls")) == CROWD


def test_polls_and_repeated_steps_in_between_change_the_transcript_and_nothing_else(serve, tmp_path):
    quiet, asked = [], []
    for told_to, folder, is_nervous in ((quiet, "quiet", False), (asked, "asked", True)):
        with Client(serve().port) as client:
            for tool, arguments in story.CALLS:
                client.call(tool, arguments)
                if is_nervous and tool == "scenario_next":
                    client.call(tool, arguments)
                    client.call("scenario_status", documents.status(*story.RUN))
            told_to.append(story.exported(client.call, tmp_path / folder))

    assert quiet[0].keys() == asked[0].keys()
    differing = {path for path in quiet[0] if quiet[0][path] != asked[0][path]}
    assert differing == {"artifacts/tool_calls.json", "manifest.json"}
