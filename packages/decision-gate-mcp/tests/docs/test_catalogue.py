"""Which documents are offered (contract §10.1)."""

import logging

import pytest

from decision_gate.mcp.config.docs import DocsTable
from decision_gate.mcp.docs.catalogue import built_in_documents, read_catalogue
from decision_gate.mcp.docs.errors import DocsCatalogError

BUILT_IN = [
    ("evidence_flow_and_execution_model", "evidence-flow", "reasoning", "Evidence Flow + Execution Model"),
    ("security_guide", "security", "reasoning", "Security Guide"),
    ("tooling_summary", "tooling", "decision", "Decision Gate MCP Tools"),
    ("authoring_formats", "authoring", "ontology", "Decision Gate Authoring Formats"),
    ("condition_authoring", "conditions", "ontology", "Condition Authoring Cookbook"),
    ("ret_logic", "ret-logic", "ontology", "Requirement Evaluation Trees (RET)"),
    ("llm_native_playbook", "llm-playbook", "decision", "LLM-Native Playbook"),
    ("providers_summary", "providers", "ontology", "Decision Gate Built-in Providers"),
    ("provider_protocol", "provider-protocol", "pattern", "Evidence Provider Protocol"),
    ("provider_schema_authoring", "provider-schema", "pattern", "Provider Schema Authoring Guide"),
    ("provider_development", "provider-development", "pattern", "Provider Development Guide"),
    ("json_evidence_playbook", "json-evidence", "pattern", "JSON Evidence Playbook"),
    ("runpack_architecture", "runpack-architecture", "reasoning", "Decision Gate Runpack Architecture"),
]


def extra(*paths, **settings):
    return read_catalogue(DocsTable(include_default_docs=False, extra_paths=tuple(map(str, paths)), **settings))


def test_the_built_in_documents_have_the_names_of_the_contract():
    found = [(doc.doc_id, doc.uri, doc.role.value, doc.title) for doc in built_in_documents()]

    assert found == [(doc_id, f"decision-gate://docs/{tail}", role, title) for doc_id, tail, role, title in BUILT_IN]
    assert all(doc.body.startswith(f"# {doc.title}\n") and doc.description for doc in built_in_documents())


def test_documentation_that_is_off_reads_nothing(tmp_path):
    assert read_catalogue(DocsTable(enabled=False, extra_paths=(str(tmp_path / "missing"),))) == ()


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"max_doc_bytes": 10}, "max_doc_bytes"),
        ({"max_docs": 12}, "max_docs"),
        ({"max_total_bytes": 1000}, "max_total_bytes"),
        ({"max_doc_bytes": 10, "max_docs": 1, "max_total_bytes": 1}, "max_doc_bytes"),
    ],
)
def test_built_in_documents_that_do_not_fit_stop_the_server(settings, name):
    with pytest.raises(DocsCatalogError) as refused:
        read_catalogue(DocsTable(**settings))

    assert str(refused.value) == f"config error: docs catalog invalid: docs.{name} too small for default corpus"


def test_a_missing_path_stops_the_server(tmp_path):
    with pytest.raises(DocsCatalogError) as refused:
        extra(tmp_path / "missing")

    assert (
        str(refused.value) == f"config error: docs catalog io error: docs.extra_paths missing: {tmp_path / 'missing'}"
    )


def test_text_that_is_not_utf_8_stops_the_server(tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xff")

    with pytest.raises(DocsCatalogError):
        extra(tmp_path)


def test_a_folder_is_walked_in_order_and_only_markdown_counts(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path)
    for name, text in {
        "b.md": "# Title B \n\ntext",
        "a.MD": "no title",
        "c.txt": "text",
        "sub/b.md": "# Again",
        "blank.md": " \n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    found = extra(tmp_path)

    assert [(doc.doc_id, doc.uri, doc.title, doc.role.value) for doc in found] == [
        ("a", "decision-gate://docs/custom/a", "a", "pattern"),
        ("b", "decision-gate://docs/custom/b", "Title B", "pattern"),
        ("b_2", "decision-gate://docs/custom/b_2", "Again", "pattern"),
    ]
    assert found[1].body == "# Title B \n\ntext"


def test_ids_are_lower_case_letters_digits_and_underscores(tmp_path):
    (tmp_path / "Über uns-2.md").write_text("x", encoding="utf-8")

    assert [doc.doc_id for doc in extra(tmp_path)] == ["_ber_uns_2"]


def test_what_does_not_fit_is_left_out_with_a_warning(tmp_path, caplog):
    for name, size in (("a.md", 30), ("b.md", 60), ("c.md", 20), ("d.md", 500), ("e.md", 1)):
        (tmp_path / name).write_text("x" * size, encoding="utf-8")
    (tmp_path / "f.txt").write_text("x", encoding="utf-8")

    with caplog.at_level(logging.WARNING):
        by_size = extra(tmp_path, tmp_path / "f.txt", max_total_bytes=80, max_doc_bytes=100)
        by_count = extra(tmp_path, max_docs=2)

    assert [doc.doc_id for doc in by_size] == ["a", "c", "e"]
    assert [doc.doc_id for doc in by_count] == ["a", "b"]
    assert len(caplog.records) == 4
