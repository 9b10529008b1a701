"""Failures of the registry's store, told apart from those of the run store (contract §1.13, §2.13)."""

from collections.abc import Iterator
from contextlib import contextmanager

from decision_gate.core.ports import (
    DataShapeStoreError,
    OutcomeUnknownError,
    StoreCorruptError,
    StoreUnavailableError,
)


@contextmanager
def registry_failures() -> Iterator[None]:
    """Translate what a store of any port raises while the registry is asked.

    Raises:
        DataShapeStoreError: The store cannot answer, holds contradictions, or did not say what became of a record.
    """
    try:
        yield
    except (StoreUnavailableError, StoreCorruptError, OutcomeUnknownError) as error:
        raise DataShapeStoreError(str(error)) from error
