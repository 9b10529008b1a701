"""What a run store may answer instead of doing what it was asked."""

from decision_gate.core.errors import CallerError, StoreError
from decision_gate.core.ports.runs import MAX_PAGE, RecordRef, RunHead


class RunExistsError(CallerError):
    """A run with this key exists; raised by ``create``."""

    code = "run_exists"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run already exists: {run_id}")
        self.run_id = run_id


class RunMissingError(CallerError):
    """There is no run with this key; raised by ``append``, ``read``, ``check`` and ``erase``."""

    code = "run_missing"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run not found: {run_id}")
        self.run_id = run_id


class ConflictError(StoreError):
    """The run moved on since the commit was computed; ``head`` is where it stands now."""

    code = "conflict"

    def __init__(self, head: RunHead) -> None:
        super().__init__(f"run {head.key.run_id} is at version {head.version}")
        self.head = head


class RiderRefusedError(StoreError):
    """A rider may not be applied, so nothing was written; ``reason`` holds no secret.

    ``subject`` is what of its kind was refused, in the word of the table that refused it: for usage the metric.
    """

    code = "rider_refused"

    def __init__(self, kind: str, reason: str, subject: str | None = None) -> None:
        super().__init__(f"{kind} refused: {reason}")
        self.kind = kind
        self.reason = reason
        self.subject = subject


class RiderKindError(StoreError):
    """A rider has a kind for which the store was opened without a table."""

    code = "rider_kind"

    def __init__(self, kind: str) -> None:
        super().__init__(f"no rider table for kind {kind}")
        self.kind = kind


class OutcomeUnknownError(StoreError):
    """The reply to a commit was lost, so it may be applied or not.

    The caller re-reads the head and compares digests.
    """

    code = "outcome_unknown"


class StoreUnavailableError(StoreError):
    """The store cannot answer now."""

    code = "store_unavailable"


class StoreCorruptError(StoreError):
    """What the store holds contradicts itself."""

    code = "store_corrupt"


class CursorError(CallerError):
    """A listing cursor was not made by this store."""

    code = "invalid_cursor"

    def __init__(self) -> None:
        super().__init__("invalid cursor")


class PageLimitError(CallerError):
    """A page of a listing was asked for that is empty or too large."""

    code = "invalid_page_limit"

    def __init__(self, limit: int, largest: int = MAX_PAGE) -> None:
        super().__init__(f"page limit out of range: {limit} (1 to {largest})")
        self.limit = limit
        self.largest = largest


class RecordMissingError(CallerError):
    """A run has no such record; raised by ``erase``."""

    code = "record_missing"

    def __init__(self, ref: RecordRef) -> None:
        super().__init__(f"record not found: {ref.log.value} {ref.seq}")
        self.ref = ref


class RecordErasedError(StoreError):
    """An answer needs a record that was erased under retention; what was decided stands, what it held is gone."""

    code = "record_erased"

    def __init__(self) -> None:
        super().__init__("a record of this run was erased under retention")


class RecordKeyTakenError(StoreError):
    """A commit brings a record whose key its log has already: it does not follow from the head it expects."""

    code = "record_key_taken"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} has a record of this key already")
        self.run_id = run_id
