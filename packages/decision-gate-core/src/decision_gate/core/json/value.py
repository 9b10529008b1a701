"""What a parsed JSON document is made of."""

from typing import TypeAlias

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
"""A free-form value: integers are -2^63 … 2^64-1, floats finite, strings free of surrogates (contract §1.2).

The type of a number is its kind: ``1`` and ``1.0`` are different values, and ``True`` is no number.
"""
