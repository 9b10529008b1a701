"""From a comparator and its expectation to a verdict on evidence (contract §5).

All work that depends on the expectation alone is done once per condition; a prepared comparator costs a few
hundred nanoseconds. There is no second implementation: ``compare`` prepares and asks.
"""

import operator
from collections.abc import Callable, Mapping
from functools import partial

from decision_gate.core.comparators.comparator import Comparator
from decision_gate.core.comparators.deep import prepare_deep_equality
from decision_gate.core.comparators.equality import prepare_equality
from decision_gate.core.comparators.evidence import Evidence, Expected, Judge, never_known
from decision_gate.core.comparators.existence import exists, not_exists
from decision_gate.core.comparators.lexical import prepare_lexical
from decision_gate.core.comparators.membership import prepare_contains, prepare_in_set
from decision_gate.core.comparators.ordering import prepare_ordering
from decision_gate.core.json import ABSENT, JsonValue
from decision_gate.core.logic.tristate import TriState

_PREPARATIONS: Mapping[Comparator, Callable[[JsonValue], Judge]] = {
    Comparator.EQUALS: partial(prepare_equality, same=TriState.TRUE, different=TriState.FALSE),
    Comparator.NOT_EQUALS: partial(prepare_equality, same=TriState.FALSE, different=TriState.TRUE),
    Comparator.GREATER_THAN: partial(prepare_ordering, operator.gt),
    Comparator.GREATER_THAN_OR_EQUAL: partial(prepare_ordering, operator.ge),
    Comparator.LESS_THAN: partial(prepare_ordering, operator.lt),
    Comparator.LESS_THAN_OR_EQUAL: partial(prepare_ordering, operator.le),
    Comparator.LEX_GREATER_THAN: partial(prepare_lexical, operator.gt),
    Comparator.LEX_GREATER_THAN_OR_EQUAL: partial(prepare_lexical, operator.ge),
    Comparator.LEX_LESS_THAN: partial(prepare_lexical, operator.lt),
    Comparator.LEX_LESS_THAN_OR_EQUAL: partial(prepare_lexical, operator.le),
    Comparator.CONTAINS: prepare_contains,
    Comparator.IN_SET: prepare_in_set,
    Comparator.DEEP_EQUALS: partial(prepare_deep_equality, same=TriState.TRUE, different=TriState.FALSE),
    Comparator.DEEP_NOT_EQUALS: partial(prepare_deep_equality, same=TriState.FALSE, different=TriState.TRUE),
}


def prepare(comparator: Comparator, expected: Expected) -> Judge:
    """Make a judge of evidence: ``prepare(c, x)(e) is compare(c, e, x)``.

    Both sides are read canonically (deviation S10). Without an expectation only ``exists`` and ``not_exists``
    know anything. The expectation must not be changed afterwards.

    Raises:
        CanonicalJsonError: The expectation holds what JSON cannot. The judge may raise it for its evidence.
    """
    if comparator is Comparator.EXISTS:
        return exists
    if comparator is Comparator.NOT_EXISTS:
        return not_exists
    if expected is ABSENT or expected is None:
        return never_known
    return _PREPARATIONS[comparator](expected)


def compare(comparator: Comparator, evidence: Evidence, expected: Expected) -> TriState:
    """Judge one piece of evidence.

    Raises:
        CanonicalJsonError: One side holds what JSON cannot.
    """
    return prepare(comparator, expected)(evidence)
