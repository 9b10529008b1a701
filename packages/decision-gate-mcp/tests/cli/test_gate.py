"""``gate``: exit codes, words, and the files it leaves for others."""

from xml.etree import ElementTree as ET

import pytest

from decision_gate.core.runpack import verify
from decision_gate.mcp.cli.packs import PackPlace

SCENARIO = """\
scenario: release
evidence:
  failed:   {json: path, file: tests.json, jsonpath: $.failed, equals: 0}
  coverage: {json: path, file: coverage.json, jsonpath: $.percent, at_least: 85}
  approved: {json: path, file: approval.json, equals: true, tags: [human]}
stages:
  build: {gates: {tests: failed, quality: coverage}}
  ship: {gates: {approval: approved}}
"""


@pytest.fixture
def folder(write):
    return write(s__yaml=SCENARIO, tests__json={"failed": 0}, coverage__json={"percent": 90}, approval__json=True)


@pytest.fixture
def gate(cli, folder):
    def call(*options):
        return cli("gate", folder / "s.yaml", "--root", folder, *options)

    return call


def test_a_run_whose_gates_are_all_open_passes_with_0(gate):
    ran = gate("--json")

    assert (ran.code, ran.json["verdict"], ran.err) == (0, "pass", "")
    assert [step["stage_id"] for step in ran.json["steps"]] == ["build", "ship"]


def test_an_unmet_gate_that_is_false_holds_with_3_and_is_explained(gate, write):
    write(coverage__json={"percent": 82.3})

    ran = gate()

    assert ran.code == 3
    assert ran.out.splitlines() == [
        "HOLD  release",
        "  build",
        "    ✓  tests    failed",
        "    ✗  quality  coverage 82.3, needs at least 85 (+2.7)",
    ]


def test_unmet_gates_that_are_all_unknown_hold_with_4(gate, folder):
    (folder / "approval.json").unlink()

    ran = gate("--json")

    assert (ran.code, ran.json["exit_code"], ran.json["stage_id"]) == (4, 4, "ship")
    [reason] = ran.json["gates"][0]["reasons"]
    assert (reason["class"], reason["next"]) == ("awaiting_human", ["ask for approved"])


def test_one_false_gate_beside_an_unknown_one_is_work_to_do(gate, write, folder):
    write(tests__json={"failed": 2})
    (folder / "coverage.json").unlink()

    assert gate().code == 3


@pytest.mark.parametrize("content", ["scenario: s\n", "[", '{"scenario_id": 1}'])
def test_a_document_that_is_no_scenario_is_refused_with_1(gate, write, content):
    write(s__yaml=content)

    ran = gate()

    assert (ran.code, ran.out) == (1, "")
    assert "s.yaml:" in ran.err


def test_a_missing_document_is_refused_with_1(cli, tmp_path):
    ran = cli("gate", tmp_path / "none.yaml")

    assert (ran.code, ran.out, ran.err) == (1, "", f"{tmp_path / 'none.yaml'}: No such file or directory\n")


def test_a_provider_that_there_is_not_is_refused_with_1(gate, write):
    write(s__yaml=SCENARIO.replace("json: path, file: approval.json", "provider: vault, check: get"))

    ran = gate()

    assert (ran.code, ran.out) == (1, "")
    assert "provider" in ran.err


@pytest.mark.parametrize("given", ["coverage", "=1", "coverage=high"])
def test_a_value_that_is_no_assignment_is_a_bad_flag(gate, given):
    assert gate("--set", given).code == 2


def test_a_value_given_by_hand_is_judged_and_recorded_as_asserted(gate, tmp_path):
    ran = gate("--set", "coverage=12", "--json", "--runpack", tmp_path / "pack")

    assert ran.code == 3
    evals = (tmp_path / "pack" / "artifacts" / "gate_evals.json").read_text(encoding="utf-8")
    assert '"lane":"asserted"' in evals


def test_a_value_given_by_hand_does_not_count_where_a_verified_one_is_demanded(gate, write):
    write(s__yaml=SCENARIO.replace("at_least: 85", "at_least: 85, lane: verified"))

    ran = gate("--set", "coverage=99", "--json")

    assert ran.code == 4
    assert [reason["class"] for each in ran.json["gates"] for reason in each["reasons"]] == ["trust"]


def test_a_value_for_a_condition_that_there_is_not_names_the_nearest(gate):
    ran = gate("--set", "covrage=99")

    assert (ran.code, ran.err) == (1, "the scenario has no condition `covrage` (did you mean `coverage`?)\n")


def test_with_a_store_the_run_goes_on_where_it_stood(gate, folder, write, tmp_path):
    (folder / "approval.json").unlink()
    first = gate("--store", tmp_path / "runs.db", "--run", "r1", "--json")
    write(approval__json=True)

    second = gate("--store", tmp_path / "runs.db", "--run", "r1", "--json")

    assert [step["stage_id"] for step in first.json["steps"]] == ["build", "ship"]
    assert [step["stage_id"] for step in second.json["steps"]] == ["ship"]
    assert (first.code, second.code) == (4, 0)


def test_the_run_pack_it_writes_is_sound(gate, tmp_path):
    ran = gate("--runpack", tmp_path / "pack", "--json")

    with PackPlace.of(tmp_path / "pack", None).opened() as (manifest, reader):
        report = verify(manifest, reader)
    assert (report.errors, ran.json["runpack"]["verification"]) == ((), "pass")


def test_the_junit_file_has_a_case_for_each_gate(gate, write, folder, tmp_path):
    write(tests__json={"failed": 2})
    (folder / "coverage.json").unlink()

    gate("--junit", tmp_path / "gate.xml")

    cases = ET.parse(tmp_path / "gate.xml").getroot().findall("./testsuite/testcase")  # noqa: S314 - our own file
    assert [(case.get("name"), [child.tag for child in case]) for case in cases] == [
        ("tests", ["failure"]),
        ("quality", ["error"]),
    ]


def test_the_summary_is_appended_and_keeps_markup_inside_its_cells(gate, write, tmp_path):
    write(s__yaml=SCENARIO.replace("equals: 0", 'equals: "<b>|x"'))
    (tmp_path / "summary.md").write_text("before\n", encoding="utf-8")

    gate("--summary", tmp_path / "summary.md")

    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("before\n### Decision Gate: release: **HOLD**")
    assert '| ❌ | build | tests | failed 0, must be "&lt;b>\\|x" |' in text
