"""The runner of the benchmarks: what it finds, how it judges, what it prints."""

import attrs
import pytest

import bench
from benching import AtMost, Below, Broken, Faster, Result, Unit, Within, alternate

RESULT = Result(
    case="case",
    unit=Unit.NANOSECONDS,
    ours=1_500.0,
    peer="peer",
    peers=1_000.0,
    ratio=1.5,
    rounds=9,
    goal=AtMost(1.4),
    n=7,
    load=0.5,
)


def folder_with(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def bench_nothing():\n    yield from ()\n", encoding="utf-8")


def test_the_benchmarks_of_every_distribution_are_found_and_chosen_by_a_part_of_their_name(tmp_path):
    folder_with(
        tmp_path,
        "packages/decision-gate-core/benchmarks/bench_json.py",
        "packages/decision-gate-core/benchmarks/notes.py",
        "enterprise/decision-gate-enterprise/benchmarks/bench_ledger.py",
    )

    assert [path.stem for path in bench.files(tmp_path, [])] == ["bench_ledger", "bench_json"]
    assert [path.stem for path in bench.files(tmp_path, ["ledg"])] == ["bench_ledger"]


def test_a_file_that_breaks_is_told_and_the_others_are_run(tmp_path, capsys):
    folder_with(tmp_path, "packages/decision-gate-core/benchmarks/bench_b.py")
    broken = tmp_path / "packages/decision-gate-core/benchmarks/bench_a.py"
    broken.write_text("def bench_wrong():\n    raise ValueError('two and two')\n    yield\n", encoding="utf-8")

    found = list(bench.outcomes(bench.files(tmp_path, [])))

    assert found == [Broken(case="bench_a", reason="ValueError: two and two")]
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["bench_a", "bench_b"]


@pytest.mark.parametrize(
    ("goal", "ratio", "verdict", "is_far_off"),
    [
        (AtMost(1.5), 1.5, "met", False),
        (AtMost(1.4), 1.5, "MISSED", False),
        (AtMost(1.0), 1.5, "MISSED", True),
        (Faster(10), 0.1, "met", False),
        (Faster(10), 0.12, "MISSED", False),
        (Faster(10), 0.2, "MISSED", True),
        (Within(500), 1.5, "met", False),
        (Within(0), 1.5, "MISSED", True),
        (Below(1_600, "1.6 µs"), 1.5, "met", False),
        (Below(10, "10 ns"), 1.5, "MISSED", False),
        (None, 1.5, "–", False),
    ],
)
def test_a_goal_is_met_or_missed_and_fails_a_gated_run_only_by_a_ratio_beyond_the_slack(
    goal, ratio, verdict, is_far_off
):
    result = attrs.evolve(RESULT, goal=goal, ratio=ratio)

    assert (result.verdict, result.is_far_off) == (verdict, is_far_off)


def test_a_result_is_one_row_and_one_line():
    assert RESULT.cells() == ("case", "1.5 µs", "peer: 1 µs", "1.50×", "≤ 1.4×", "MISSED")
    assert RESULT.line() == {
        "case": "case",
        "n": 7,
        "unit": "ns",
        "ours": 1500.0,
        "peer": "peer",
        "peers": 1000.0,
        "ratio": 1.5,
        "rounds": 9,
        "load1": 0.5,
        "target": "≤ 1.4×",
        "verdict": "MISSED",
    }


def test_a_side_that_takes_twice_as_long_has_the_ratio_two_whatever_happens_to_both():
    now = 0
    pace = iter(range(1, 100))
    slowness = 1

    def clock():
        return now

    def work(cost):
        def spend():
            nonlocal now
            now += cost * slowness

        return spend

    def peer():
        nonlocal slowness
        work(50)()
        slowness = next(pace)

    pair = alternate(work(100), peer, rounds=9, clock=clock, calls=1)

    assert (pair.ratio, pair.rounds) == (2.0, 9)
