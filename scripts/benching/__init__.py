"""What benchmarks are made of: a result against a goal, clocks that alternate with a peer, the disk as a unit."""

from benching.alternate import Pair, alternate, peer_module
from benching.disk import DiskAppend, scratch
from benching.goal import AtMost, Below, Faster, Goal, Within
from benching.result import Broken, Outcome, Result, Skipped, Unit
from benching.statements import counting_statements
from benching.syncs import SyncCount, counting_syncs

__all__ = [
    "AtMost",
    "Below",
    "Broken",
    "DiskAppend",
    "Faster",
    "Goal",
    "Outcome",
    "Pair",
    "Result",
    "Skipped",
    "SyncCount",
    "Unit",
    "Within",
    "alternate",
    "counting_statements",
    "counting_syncs",
    "peer_module",
    "scratch",
]
