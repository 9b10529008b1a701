"""When a run of the fuzzer may end: as soon as nothing new was reached for long enough."""

import subprocess
import sys

from fuzz import Progress, ended_in_time


def test_only_a_new_edge_ends_the_quiet():
    progress = Progress(10.0)

    progress.hear("#2\tINITED cov: 26 ft: 31 corp: 2/44b exec/s: 0 rss: 40Mb\n", 11.0)
    progress.hear("#90\tNEW    cov: 27 ft: 33 corp: 3/50b lim: 4 exec/s: 0 rss: 40Mb L: 6/44\n", 15.0)
    progress.hear("#120\tREDUCE cov: 27 ft: 34 corp: 3/49b lim: 4 exec/s: 0 rss: 40Mb L: 5/44\n", 20.0)
    progress.hear("INFO: seed corpus: files: 2\n", 21.0)

    assert progress.quiet(25.0) == 10.0
    assert progress.summary(25.0) == "120 executions, 27 edges, 10 s since the last new edge, 15 s in all"


def test_a_process_that_is_quiet_for_long_enough_is_ended_and_another_is_not():
    sleeper = [sys.executable, "-c", "input()"]

    with (
        subprocess.Popen(sleeper, stdin=subprocess.PIPE, encoding="utf-8") as quiet,
        ended_in_time(quiet, Progress(0.0), 0),
    ):
        assert quiet.wait(timeout=60) != 0
    with subprocess.Popen(sleeper, stdin=subprocess.PIPE, encoding="utf-8") as other:
        with ended_in_time(other, Progress(0.0), None):
            pass
        other.communicate("\n", timeout=60)
        assert other.returncode == 0
