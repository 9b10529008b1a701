"""What a port may answer instead of doing what it was asked: the code that programs read and the words for people."""

import pytest

from decision_gate.core.ports import (
    ArtifactError,
    ArtifactTooLargeError,
    ConflictError,
    CursorError,
    DataShapeExistsError,
    DataShapeInvalidError,
    DisclosureDeniedError,
    DispatchFailedError,
    EvidenceProviderFailureError,
    Log,
    OutcomeUnknownError,
    PageLimitError,
    PolicyFailedError,
    RecordErasedError,
    RecordKeyTakenError,
    RecordMissingError,
    RecordRef,
    RiderKindError,
    RiderRefusedError,
    RunExistsError,
    RunMissingError,
    ScenarioExistsError,
    StoreCorruptError,
    StoreUnavailableError,
)
from decision_gate.core.ports.data_shape_form import check_entries, check_schema_size, check_shape_page
from decision_gate.core.ports.data_shapes import DataShapesFullError
from decision_gate.core.testing.runs import start_commit


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (RunExistsError("r"), "run_exists", "run already exists: r"),
        (RunMissingError("r"), "run_missing", "run not found: r"),
        (ConflictError(start_commit().head), "conflict", "run run-1 is at version 1"),
        (RiderRefusedError("usage", "no"), "rider_refused", "usage refused: no"),
        (RiderKindError("usage"), "rider_kind", "no rider table for kind usage"),
        (OutcomeUnknownError("x"), "outcome_unknown", "x"),
        (StoreUnavailableError("x"), "store_unavailable", "x"),
        (StoreCorruptError("x"), "store_corrupt", "x"),
        (CursorError(), "invalid_cursor", "invalid cursor"),
        (PageLimitError(0), "invalid_page_limit", "page limit out of range: 0 (1 to 1000)"),
        (RecordMissingError(RecordRef(log=Log.PACKETS, seq=3)), "record_missing", "record not found: packets 3"),
        (RecordErasedError(), "record_erased", "a record of this run was erased under retention"),
        (RecordKeyTakenError("r"), "record_key_taken", "run r has a record of this key already"),
        (ScenarioExistsError("s", "aa"), "scenario_exists", "scenario already defined: s"),
        (DataShapeInvalidError("x"), "data_shape_invalid", "data shape registry invalid data: x"),
        (
            DataShapesFullError(3, 3),
            "data_shapes_full",
            "data shape registry invalid data: schema registry entry limit exceeded: 3 entries (max 3)",
        ),
        (
            DataShapeExistsError(),
            "data_shape_exists",
            "data shape registry conflict: schema already registered",
        ),
        (EvidenceProviderFailureError("x"), "provider_error", "evidence provider error: x"),
        (DisclosureDeniedError(), "policy_denied", "policy denied disclosure"),
        (PolicyFailedError("x"), "policy_failed", "policy decision error: x"),
        (DispatchFailedError("x"), "dispatch_failed", "dispatch error: x"),
        (ArtifactError("x"), "artifact", "artifact error: x"),
        (ArtifactTooLargeError("p", 3, 2), "artifact_too_large", "artifact too large: p (3 > 2)"),
    ],
)
def test_an_error_of_a_port_has_its_code_and_its_words(error, code, words):
    assert (error.code, str(error)) == (code, words)


def test_pages_schemas_and_registries_are_taken_up_to_their_limits():
    check_shape_page(1)
    check_schema_size(5, 5)
    check_entries(1, 2)
    check_entries(9, None)

    for refused in (lambda: check_shape_page(0), lambda: check_schema_size(6, 5), lambda: check_entries(2, 2)):
        with pytest.raises(DataShapeInvalidError):
            refused()
