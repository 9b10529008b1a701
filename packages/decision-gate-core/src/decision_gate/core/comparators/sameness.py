"""Whether an array or object equals an expected one, at the lowest price (contract §1.3, deviation S10)."""

from collections.abc import Callable

from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.json.numbers import EXACT_INTEGERS

Container = list[JsonValue] | dict[str, JsonValue]


def prepare_sameness(expected: Container) -> Callable[[Container], bool]:
    """Prepare the test whether a container has the canonical bytes of ``expected``.

    Python's own equality answers alone where it cannot err. It errs in two ways: it takes booleans for 0 and
    1, and it compares floats from 2^53 on by their value, not by their text.

    Raises:
        CanonicalJsonError: The expectation is not JSON; the test may raise it for what it is given.
    """
    text = canonical(expected)
    if _any_scalar(_is_beyond_exact_integers, expected):
        return lambda value: canonical(value) == text
    if _any_scalar(_is_confusable, expected):
        return lambda value: value == expected and canonical(value) == text
    return lambda value: value == expected


def _any_scalar(test: Callable[[JsonValue], bool], value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(_any_scalar(test, member) for member in value.values())
    if isinstance(value, list):
        return any(_any_scalar(test, item) for item in value)
    return test(value)


def _is_beyond_exact_integers(value: JsonValue) -> bool:
    return isinstance(value, int | float) and abs(value) >= EXACT_INTEGERS


def _is_confusable(value: JsonValue) -> bool:
    return isinstance(value, int | float) and value in (0, 1)
