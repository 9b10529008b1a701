"""Cells of rows as they are read: a damaged file may hold anything anywhere, whatever its tables demand."""

from collections.abc import Sequence
from types import NoneType
from typing import Any, Final

from decision_gate.core.ports import StoreCorruptError

BYTES_OR_NULL: Final = (bytes, NoneType)


def demand(row: Sequence[Any], *kinds: type | tuple[type, ...]) -> None:
    """Refuse *row* when a cell is not of its kind.

    Raises:
        StoreCorruptError: It is not.
    """
    for cell, kind in zip(row, kinds, strict=True):
        if not isinstance(cell, kind):
            raise StoreCorruptError("the database file is damaged (a row holds what its table does not allow)")


def text_of(cell: bytes) -> str:
    """Return the text in *cell*.

    Raises:
        StoreCorruptError: It is not UTF-8.
    """
    try:
        return cell.decode()
    except UnicodeDecodeError as error:
        raise StoreCorruptError("the database file is damaged (a name is not UTF-8)") from error
