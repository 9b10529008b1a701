"""Search by words and roles (contract §10.1)."""

import pytest

from decision_gate.mcp.docs.catalogue import built_in_documents
from decision_gate.mcp.docs.document import Document, Role, Section, sections
from decision_gate.mcp.docs.search import DocsSearch


def document(body, doc_id="d", role=Role.PATTERN, title="Title"):
    return Document(doc_id=doc_id, uri=doc_id, role=role, title=title, description="", body=body)


def found(documents, query, limit=None, most=10):
    result = DocsSearch(documents, most).search(query, limit)
    return [(hit.document.doc_id, hit.section.heading) for hit in result.hits]


def test_a_document_is_split_at_its_second_and_third_level():
    body = "# Title\nintro\n\n## One\na\n#### deep\nb\n### Two \n\n```\n## Three\n```\n##\nno heading"

    assert sections(document(body)) == (
        Section(heading="Title", content="# Title\nintro"),
        Section(heading="One", content="a\n#### deep\nb"),
        Section(heading="Two", content="```"),
        Section(heading="Three", content="```\n##\nno heading"),
    )


def test_a_document_that_begins_with_a_heading_has_no_introduction():
    assert sections(document("## One\na")) == (Section(heading="One", content="a"),)


def test_a_heading_counts_three_times_a_content_once_and_nothing_is_left_out():
    body = "## apple\nx\n## other\napple pear\n## pear apple\napple pear\n## nothing\nx"

    assert found([document(body)], "APPLE pear") == [("d", "pear apple"), ("d", "apple"), ("d", "other")]


def test_equal_points_go_by_document_then_heading():
    documents = [document("## b\nword\n## a\nword", "one"), document("## a\nword", "two")]

    assert found(documents, "word") == [("one", "a"), ("one", "b"), ("two", "a")]


ROLES = [document(f"## {role.value}\nword", role.value, role) for role in Role]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("word why", "reasoning"),
        ("word precheck", "decision"),
        ("word schema", "ontology"),
        ("word recipe", "pattern"),
        ("word retry", "ontology"),
        ("word recipe schema", "ontology"),
        ("word recipe workflow schema", "pattern"),
    ],
)
def test_the_role_that_a_question_asks_for_comes_first(query, first):
    assert found(ROLES, query)[0][0] == first


@pytest.mark.parametrize(
    ("limit", "most", "count"),
    [(None, 10, 3), (0, 10, 1), (1, 10, 1), (10, 10, 10), (99, 10, 10), (99, 99, 10), (5, 2, 2)],
)
def test_the_number_of_sections_is_clamped(limit, most, count):
    body = "\n".join(f"## h{n}\nword" for n in range(20))

    assert len(found([document(body)], "word", limit, most)) == count


def test_followups_are_those_of_the_roles_that_are_missing():
    covered = DocsSearch(ROLES, 10).search("word", 10)
    partly = DocsSearch(ROLES, 10).search("word why", 1)
    nothing = DocsSearch(ROLES, 10).search("nonsense", 10)

    assert (len(covered.followups), len(partly.followups), nothing.followups) == (0, 3, ())


@pytest.mark.parametrize("query", ["", "  \n"])
def test_a_blank_question_gives_the_first_section_of_each_role(query):
    search = DocsSearch(built_in_documents(), 10)

    overview = search.search(query, 10)

    assert [hit.document.doc_id for hit in overview.hits] == [
        "evidence_flow_and_execution_model",
        "tooling_summary",
        "authoring_formats",
        "provider_protocol",
    ]
    assert len(overview.followups) == 1
    assert len(search.search(query, None).hits) == 3


def test_without_documents_nothing_is_found():
    assert DocsSearch((), 10).search("", 10).hits == ()
    assert DocsSearch((), 10).search("word", 10).hits == ()


@pytest.mark.parametrize(
    ("question", "doc_id"),
    [
        ("trust lanes", "evidence_flow_and_execution_model"),
        ("which tool for what", "tooling_summary"),
        ("comparators", "condition_authoring"),
        ("run pack verifying", "runpack_architecture"),
        ("signatures protocol", "provider_protocol"),
    ],
)
def test_the_built_in_documents_answer(question, doc_id):
    assert found(built_in_documents(), question, 1)[0][0] == doc_id
