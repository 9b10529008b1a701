"""``scenario`` and ``explain``: documents in, answers out."""

import hashlib

import pytest

SCENARIO = """\
scenario: s
evidence:
  a: {json: path, file: a.json, equals: 1}
  b: {time: before, timestamp: 0, equals: true}
stages:
  first: {gate: a}
  second: {gate: b}
"""


@pytest.fixture
def document(write):
    return write(s__yaml=SCENARIO, a__json=2) / "s.yaml"


def test_the_hash_is_that_of_the_normalised_bytes(cli, document, tmp_path):
    cli("scenario", "normalize", document, "--output", tmp_path / "wire.json")

    digest = hashlib.sha256((tmp_path / "wire.json").read_bytes()).hexdigest()

    assert cli("scenario", "hash", document).out == f"{digest}\n"
    assert cli("scenario", "hash", tmp_path / "wire.json").out == f"{digest}\n"
    assert cli("scenario", "normalize", document).out.encode() == (tmp_path / "wire.json").read_bytes()
    assert cli("scenario", "normalize", document, "--output", tmp_path / "again.json", "--json").json == {
        "output": str(tmp_path / "again.json"),
        "scenario_id": "s",
        "spec_hash": digest,
    }


def test_validate_says_the_reference_s_sentence(cli, document):
    digest = cli("scenario", "hash", document).out.strip()

    assert cli("scenario", "validate", document).out == f"ScenarioSpec valid (scenario_id=s, spec_hash={digest})\n"


def test_validate_lists_faults_as_data(cli, write):
    document = write(s__yaml="scenario: s\nstages: {a: {gaet: x}}\n") / "s.yaml"

    ran = cli("scenario", "validate", document, "--json")

    assert (ran.code, ran.json["valid"]) == (1, False)
    assert [(each["line"], each["column"], each["path"]) for each in ran.json["faults"]] == [(2, 14, "stages.a.gaet")]


def test_show_prints_the_short_form_of_a_wire_document(cli, document, tmp_path):
    cli("scenario", "normalize", document, "--output", tmp_path / "wire.json")

    shown = cli("scenario", "show", tmp_path / "wire.json").out
    (tmp_path / "again.yaml").write_text(shown, encoding="utf-8")

    assert "  a: {json: path, file: a.json, equals: 1}\n" in shown
    assert cli("scenario", "hash", tmp_path / "again.yaml").out == cli("scenario", "hash", document).out


def test_explain_judges_one_stage_without_a_run(cli, document):
    ran = cli("explain", document, "--root", document.parent)

    assert (ran.code, ran.out.splitlines()) == (
        0,
        ["first", "    ✗  first  a 2, must be 1 (−1)", "next", "    a.json (json.path) must be 1"],
    )


def test_explain_says_when_a_stage_can_never_pass(cli, document):
    ran = cli("explain", document, "--root", document.parent, "--stage", "second", "--json")

    assert [reason["code"] for gate in ran.json["gates"] for reason in gate["reasons"]] == ["cannot_pass"]


def test_explain_at_a_lower_level_keeps_numbers_to_itself(cli, document):
    ran = cli("explain", document, "--root", document.parent, "--level", "summary")

    assert ran.out.splitlines() == ["first", "    ✗  first  a: evidence false"]


def test_explain_of_an_unknown_stage_is_refused(cli, document):
    assert cli("explain", document, "--stage", "third").code == 1


def test_a_provider_answers_as_it_would_to_a_scenario(cli, document):
    ran = cli("provider", "query", "json", "path", "--root", document.parent, "--param", 'file="a.json"', "--json")

    assert (ran.code, ran.json["value"], ran.json["lane"]) == (0, {"kind": "json", "value": 2}, "verified")


def test_providers_are_listed_as_the_reference_lists_them(cli):
    listed = cli("provider", "list").json["providers"]

    assert {"provider_id": "json", "transport": "builtin", "checks": ["path"]} in listed
    assert [each["provider_id"] for each in listed] == sorted(each["provider_id"] for each in listed)
