"""The text of an API key: what is one, and what is noise."""

import re
import secrets
import string

from hypothesis import given
from hypothesis import strategies as st

from decision_gate.enterprise.identity import Environment, KeyText, mint, parse_key

KEYS = st.builds(
    lambda environment, seed: mint(environment, seed.randrange), st.sampled_from(Environment), st.randoms()
)


def test_key_of_a_fixed_secret_is_spelled_as_documented():
    key = KeyText(environment=Environment.LIVE, key_id="0" * 12, secret="a" * 43)

    spelled = key.spelled()

    assert re.fullmatch(r"dgk_live_0{12}_a{43}[0-9A-Za-z]{6}", spelled)
    assert len(spelled) == 71
    assert parse_key(spelled) == key


@given(KEYS)
def test_every_minted_key_is_read_as_what_it_is(key):
    assert parse_key(key.spelled()) == key


@given(KEYS, st.integers(0, 70), st.sampled_from(string.ascii_letters + string.digits + "_ \n"))
def test_one_changed_character_makes_noise_of_a_key(key, place, character):
    text = key.spelled()
    changed = text[:place] + character + text[place + 1 :]

    assert (parse_key(changed) == key) == (changed == text)


@given(KEYS, st.sampled_from(["\n", " ", "x", "\0", "é"]))
def test_anything_around_a_key_makes_noise_of_it(key, more):
    assert parse_key(key.spelled() + more) is None
    assert parse_key(more + key.spelled()) is None


def test_keys_are_made_of_the_given_randomness_and_do_not_repeat():
    minted = [mint(Environment.TEST, secrets.randbelow) for _ in range(100)]

    assert len({key.key_id for key in minted}) == 100
    assert len({key.secret for key in minted}) == 100


def test_secret_is_not_shown_by_its_representation():
    key = mint(Environment.LIVE, secrets.randbelow)

    assert key.secret not in repr(key)
