"""The committed corpus through every target: what was found once is never found again."""

from pathlib import Path

import pytest

from fuzzing.targets import TARGETS, fed

CORPUS = Path(__file__).parent.parent / "fuzzing/corpus"
INPUTS = sorted(path for path in CORPUS.glob("*/*"))


def test_every_target_has_a_corpus():
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_input_of_the_corpus_is_accepted_or_refused_as_documented(path):
    assert fed(TARGETS[path.parent.name], path.read_bytes()) in (True, False)


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"attestation"}))
def test_every_corpus_holds_an_input_that_is_accepted(name):
    assert any(fed(TARGETS[name], path.read_bytes()) for path in (CORPUS / name).iterdir())


def test_a_target_that_breaks_its_law_is_a_finding():
    def lawless(_text):
        raise AssertionError("law")

    with pytest.raises(AssertionError):
        fed(lawless, b"")
