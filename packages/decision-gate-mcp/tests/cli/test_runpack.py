"""``runpack`` and ``key``: what is checked, who vouches, and what is said of it."""

import pytest

from decision_gate.core.json import parse
from decision_gate.mcp.cli.main import run

SCENARIO = """\
scenario: release
evidence:
  failed: {json: path, file: tests.json, jsonpath: $.failed, equals: 0}
stages:
  build: {gate: failed}
"""


@pytest.fixture
def pack(write, capsys):
    folder = write(s__yaml=SCENARIO, tests__json={"failed": 0})
    assert run(["gate", str(folder / "s.yaml"), "--root", str(folder), "--runpack", str(folder / "pack")]) == 0
    capsys.readouterr()
    return folder / "pack"


@pytest.fixture
def held(write, capsys):
    folder = write(s__yaml=SCENARIO, tests__json={"failed": 3})
    assert run(["gate", str(folder / "s.yaml"), "--root", str(folder), "--runpack", str(folder / "pack")]) == 3
    capsys.readouterr()
    return folder / "pack"


@pytest.fixture
def key(cli, tmp_path):
    assert cli("key", "new", tmp_path / "key.pem").code == 0
    return tmp_path / "key.pem"


def public(key):
    return key.with_name("key.pub.pem")


def forge(pack):
    path = pack / "artifacts" / "gate_evals.json"
    path.write_bytes(path.read_bytes().replace(b'"value":0', b'"value":1'))


def test_without_a_pinned_key_a_sound_pack_is_intact_and_never_a_pass(cli, pack):
    ran = cli("runpack", "verify", pack)

    assert (ran.code, ran.out.splitlines()[0]) == (0, "intact, signer not checked")
    assert "PASS" not in ran.out


def test_called_as_the_reference_it_prints_the_reference_s_report(cli, pack):
    ran = cli("runpack", "verify", "--manifest", pack / "manifest.json")

    assert (ran.code, ran.out) == (0, '{"checked_files":8,"errors":[],"status":"pass"}\n')


def test_a_forged_pack_fails_and_says_where(cli, pack):
    forge(pack)

    ran = cli("runpack", "verify", pack, "--json")

    assert (ran.code, ran.json["verdict"], ran.json["status"]) == (1, "FAIL", "fail")
    assert ran.json["problems"][0] == "hash mismatch for artifacts/gate_evals.json"


def test_a_pack_signed_by_a_pinned_key_passes(cli, pack, key):
    signed = cli("runpack", "sign", pack, "--key", key)
    ran = cli("runpack", "verify", pack, "--key", public(key), "--replay", "--json")

    assert (signed.code, ran.code, ran.json["verdict"]) == (0, 0, "PASS")
    assert ran.json["signed_by"] == cli("key", "show", key).out.strip()
    assert ran.json["replayed_steps"] == 2


def test_a_signed_hold_is_trusted_but_has_not_passed(cli, held, key):
    cli("runpack", "sign", held, "--key", key)

    ran = cli("runpack", "verify", held, "--key", public(key), "--json")

    assert (ran.code, ran.json["verdict"]) == (0, "intact and signed, but its run has not passed")


def test_a_pinned_key_demands_a_signature(cli, pack, key):
    ran = cli("runpack", "verify", pack, "--key", public(key), "--json")

    assert (ran.code, ran.json["problems"]) == (
        1,
        ["attestation: there is no attestation.dsse.json beside the manifest"],
    )


def test_a_signature_of_another_key_does_not_count(cli, pack, key, tmp_path):
    cli("key", "new", tmp_path / "other.pem")
    cli("runpack", "sign", pack, "--key", tmp_path / "other.pem")

    ran = cli("runpack", "verify", pack, "--key", public(key), "--json")

    assert (ran.code, ran.json["problems"]) == (1, ["attestation: no signature of a pinned key"])


def test_a_pack_that_was_forged_after_it_was_signed_fails_under_its_key(cli, pack, key):
    cli("runpack", "sign", pack, "--key", key)
    forge(pack)

    assert cli("runpack", "verify", pack, "--key", public(key), "--replay").code == 1


def test_a_folder_without_a_pack_is_refused_in_one_line(cli, tmp_path):
    ran = cli("runpack", "verify", tmp_path)

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert str(tmp_path / "manifest.json") in ran.err


def test_the_manifest_may_have_the_reference_s_name(cli, pack):
    (pack / "manifest.json").rename(pack / "runpack.json")

    assert cli("runpack", "verify", pack).code == 0


def test_inspect_tells_the_story_and_what_is_still_needed(cli, held):
    ran = cli("runpack", "inspect", held)

    assert ran.code == 0
    assert ran.out.splitlines()[-3:] == [
        "     1  build: started in build",
        "     2  build: hold: build",
        "    ✗  build  failed 3, must be 0 (−3)",
    ]


def test_pretty_writes_indented_copies_and_never_over_the_pack(cli, pack, tmp_path):
    ran = cli("runpack", "pretty", pack, "--output-dir", tmp_path / "readable")
    refused = cli("runpack", "pretty", pack, "--output-dir", pack)

    copy = (tmp_path / "readable" / "manifest.json").read_bytes()
    assert (ran.code, refused.code) == (0, 1)
    assert copy.count(b"\n") > 10
    assert parse(copy) == parse((pack / "manifest.json").read_bytes())
    assert cli("runpack", "pretty", pack, "--output-dir", tmp_path / "again", "--json").json == {
        "files": 9,
        "output_dir": str(tmp_path / "again"),
    }


def test_a_key_is_never_overwritten(cli, key):
    before = key.read_bytes()

    ran = cli("key", "new", key)

    assert (ran.code, key.read_bytes()) == (1, before)


def test_escape_sequences_in_somebody_else_s_pack_do_not_reach_the_terminal(cli, write):
    folder = write(s__yaml=SCENARIO.replace("equals: 0", 'one_of: ["\\e[2J", x]'), tests__json={"failed": "y"})

    cli("gate", folder / "s.yaml", "--root", folder, "--runpack", folder / "pack")
    ran = cli("runpack", "inspect", folder / "pack")

    assert "\x1b" not in ran.out
    assert "must be one of \N{REPLACEMENT CHARACTER}[2J, x" in ran.out
