"""Names of runs as MCP resources; ids may hold any character (deviation S11)."""

from hypothesis import given
from hypothesis import strategies as st

from decision_gate.mcp.run_uris import RunUri, parse_run_uri

IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
NUMBERS = st.integers(1, 2**64 - 1)


@given(tenant=NUMBERS, namespace=NUMBERS, scenario=IDS, run=IDS, is_runpack=st.booleans())
def test_a_name_reads_back_as_what_it_names(tenant, namespace, scenario, run, is_runpack):
    uri = RunUri(tenant_id=tenant, namespace_id=namespace, scenario_id=scenario, run_id=run, is_runpack=is_runpack)

    assert parse_run_uri(str(uri)) == uri
    assert str(uri).isascii()


@given(st.text())
def test_anything_else_names_no_run_or_exactly_one(text):
    found = parse_run_uri(text)

    assert found is None or parse_run_uri(str(found)) == found
