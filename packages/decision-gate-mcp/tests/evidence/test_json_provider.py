"""The ``json`` provider (contract §1.4, deviation X13)."""

import pytest

from decision_gate.core.model import (
    EvidenceAnchor,
    EvidenceContext,
    EvidenceProviderError,
    EvidenceQuery,
    EvidenceRef,
    EvidenceResult,
    JsonEvidence,
)
from decision_gate.core.ports.evidence import EvidenceProviderFailureError
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.evidence.json_provider import JsonProvider, JsonSettings
from decision_gate.mcp.evidence.rooted_files import RootedFilesSettingError

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(0),
)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "report.json").write_bytes(b'{"failed": 0, "ids": [1, 2], "one": [7], "big": 18446744073709551615}')
    (root / "sub" / "settings.YAML").write_bytes(b"mode: no\nlevel: 3\n")
    return root


@pytest.fixture
def ask(root):
    def ask(params, *, check_id="path", **settings):
        provider = JsonProvider(JsonSettings(**{"root": str(root), "root_id": "reports", **settings}))
        return provider.query(EvidenceQuery(provider_id="json", check_id=check_id, params=params), CONTEXT)

    return ask


def located(path, **members):
    return EvidenceResult(
        evidence_ref=EvidenceRef(uri=f"dg+file://reports/{path}"),
        evidence_anchor=EvidenceAnchor(
            anchor_type="file_path_rooted", anchor_value=f'{{"path":"{path}","root_id":"reports"}}'
        ),
        **members,
    )


@pytest.mark.parametrize(
    ("jsonpath", "value"),
    [("$.failed", 0), ("$.ids", [1, 2]), ("$.ids[*]", [1, 2]), ("$.one[*]", 7), ("$.big", 18446744073709551615)],
)
def test_one_match_is_the_bare_value_and_several_are_an_array(ask, jsonpath, value):
    assert ask({"file": "report.json", "jsonpath": jsonpath}) == located(
        "report.json", value=JsonEvidence(value=value), content_type="application/json"
    )


def test_without_a_path_the_whole_document_is_the_value(ask):
    assert ask({"file": "sub/settings.YAML"}) == located(
        "sub/settings.YAML",
        value=JsonEvidence(value={"mode": "no", "level": 3}),
        content_type="application/yaml",
    )


def test_a_null_is_a_value(ask, root):
    (root / "null.json").write_bytes(b"null")

    assert ask({"file": "null.json"}).value == JsonEvidence(value=None)


def test_reference_and_anchor_name_the_resolved_file(ask, root):
    (root / 'a "quoted" é.json').write_bytes(b"1")

    assert ask({"file": "sub/../report.json", "jsonpath": "$.failed"}).evidence_ref == EvidenceRef(
        uri="dg+file://reports/report.json"
    )
    assert ask({"file": 'sub/../a "quoted" é.json'}).evidence_anchor == EvidenceAnchor(
        anchor_type="file_path_rooted", anchor_value='{"path":"a \\"quoted\\" é.json","root_id":"reports"}'
    )


@pytest.mark.parametrize(
    ("params", "code", "message", "details"),
    [
        (None, "params_missing", "json check requires params", None),
        ({}, "params_missing", "missing file param", None),
        ([], "params_invalid", "json params must be an object", None),
        ({"file": 1}, "params_invalid", "file param must be a string", None),
        ({"file": None}, "params_invalid", "file param must be a string", None),
        ({"file": "a", "jsonpath": 1}, "params_invalid", "jsonpath param must be a string", None),
        ({"file": "a", "jsonpath": None}, "params_invalid", "jsonpath param must be a string", None),
        ({"file": ""}, "path_missing", "json file path is empty", None),
        (
            {"file": "/a"},
            "absolute_path_forbidden",
            "json file path must be relative to the configured root",
            {"file": "/a"},
        ),
        ({"file": "a"}, "file_not_found", "unable to resolve json file", {"file": "a"}),
        ({"file": ".."}, "path_outside_root", "json file path escapes root", {"file": ".."}),
        ({"file": "."}, "path_invalid", "json file path resolves to empty path", None),
    ],
)
def test_a_question_without_a_file_is_answered_with_an_error(ask, params, code, message, details):
    assert ask(params) == EvidenceResult(error=EvidenceProviderError(code=code, message=message, details=details))


@pytest.mark.parametrize(
    ("jsonpath", "code", "message"),
    [
        ("failed", "invalid_jsonpath", "invalid jsonpath"),
        ("", "invalid_jsonpath", "invalid jsonpath"),
        ("$.ids[::0]", "invalid_jsonpath", "invalid jsonpath"),
        ("$.passed", "jsonpath_not_found", "jsonpath not found: $.passed"),
    ],
)
def test_a_path_that_fails_keeps_reference_and_anchor(ask, jsonpath, code, message):
    error = EvidenceProviderError(code=code, message=message, details={"jsonpath": jsonpath})

    assert ask({"file": "report.json", "jsonpath": jsonpath}) == located("report.json", error=error)


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("x.json", b"{", "invalid_json", "invalid json"),
        ("x.json", b"", "invalid_json", "invalid json"),
        ("x.json", b"\xef\xbb\xbf1", "invalid_json", "invalid json"),
        ("x.json", b'{"a":1,"a":2}', "invalid_json", "invalid json"),
        ("x.json", b"NaN", "invalid_json", "invalid json"),
        ("x.json", b"1e400", "invalid_json", "invalid json"),
        ("x.json", b'"\\ud800"', "invalid_json", "invalid json"),
        ("x.json", b"[" * 128 + b"]" * 128, "invalid_json", "invalid json"),
        ("x.json", b"\xff", "invalid_json", "invalid json"),
        ("x.txt", b"a: 1", "invalid_json", "invalid json"),
        (".yaml", b"a: 1", "invalid_json", "invalid json"),
        ("x.yaml", b"a: [", "invalid_yaml", "invalid yaml"),
        ("x.yml", b"a: 1\na: 2", "invalid_yaml", "invalid yaml"),
        ("x.Yml", b"a: .nan", "invalid_yaml", "invalid yaml"),
        ("x.yaml", b"\xff", "invalid_yaml", "invalid yaml"),
    ],
)
def test_a_document_that_is_none_keeps_reference_and_anchor(ask, root, name, content, code, message):
    (root / name).write_bytes(content)

    assert ask({"file": name}) == located(name, error=EvidenceProviderError(code=code, message=message))


def test_nesting_at_the_limit_is_read(ask, root):
    (root / "deep.json").write_bytes(b"[" * 127 + b"]" * 127)

    assert ask({"file": "deep.json"}).error is None


def test_yaml_can_be_switched_off(ask):
    error = EvidenceProviderError(code="yaml_disabled", message="yaml parsing is disabled")

    assert ask({"file": "sub/settings.YAML"}, allow_yaml=False) == located("sub/settings.YAML", error=error)


def test_a_file_over_the_limit_says_by_how_much_at_least(ask):
    error = EvidenceProviderError(
        code="size_limit_exceeded",
        message="json file exceeds size limit",
        details={"file": "report.json", "max_bytes": 10, "actual_bytes": 11},
    )

    assert ask({"file": "report.json"}, max_bytes=10) == located("report.json", error=error)


def test_a_folder_is_an_error_that_names_it(ask):
    error = EvidenceProviderError(code="file_read_failed", message="unable to read json file")

    assert ask({"file": "sub"}) == located("sub", error=error)


def test_another_check_is_a_failure(ask):
    with pytest.raises(EvidenceProviderFailureError) as caught:
        ask(None, check_id="paths")

    assert caught.value.message == "unsupported json check"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "json provider requires config.root"),
        ({"root": "."}, "json provider requires config.root_id"),
        (
            {"root": "/nowhere", "root_id": "x"},
            "json provider root does not exist: /nowhere; make that folder, or name another",
        ),
    ],
)
def test_a_provider_without_a_usable_root_does_not_start(settings, message):
    with pytest.raises(RootedFilesSettingError) as caught:
        JsonProvider(JsonSettings(**settings))

    assert str(caught.value) == f"init error: evidence provider error: {message}"
