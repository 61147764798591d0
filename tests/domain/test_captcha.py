"""The challenge on the review page: signed, of one journey, good for thirty minutes (rule 16)."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import captcha
from chalicelib.domain.errors import Wrong
from tests.builders import NOW

SEED = bytes(range(16))


def mac(text):
    return hmac.digest(b"a key for tests", text.encode(), "sha256")


def another_mac(text):
    return hmac.digest(b"another key", text.encode(), "sha256")


def a_challenge(seed=SEED, journey_id="journey-1", now=NOW):
    return captcha.new_challenge(seed, journey_id, now, mac)


def test_rule_16_a_token_opens_in_its_own_journey():
    made = a_challenge()
    assert captcha.open_challenge(made.token, "journey-1", NOW, mac) == made


@pytest.mark.parametrize(
    ("journey_id", "later", "key"),
    [
        ("journey-2", timedelta(0), mac),
        ("journey-1", captcha.LIFETIME, mac),
        ("journey-1", timedelta(0), another_mac),
    ],
)
def test_rule_16_a_token_is_not_good_elsewhere_later_or_under_another_key(journey_id, later, key):
    with pytest.raises(Wrong) as wrong:
        captcha.open_challenge(a_challenge().token, journey_id, NOW + later, key)
    assert wrong.value.code == "captcha_expired"


def test_rule_16_a_token_is_good_until_its_last_second():
    made = a_challenge()
    last = NOW + captcha.LIFETIME - timedelta(seconds=1)
    assert captcha.open_challenge(made.token, "journey-1", last, mac) == made


@given(st.data())
def test_rule_16_a_token_that_was_altered_does_not_open(data):
    token = a_challenge().token
    place = data.draw(st.integers(0, len(token) - 1))
    sign = data.draw(st.characters(max_codepoint=0x17F).filter(lambda sign: sign != token[place]))
    with pytest.raises(Wrong):
        captcha.open_challenge(token[:place] + sign + token[place + 1 :], "journey-1", NOW, mac)


@given(st.one_of(st.text(max_size=80), st.binary(max_size=60).map(base64.urlsafe_b64encode)))
def test_rule_16_what_is_no_token_of_ours_is_expired_and_nothing_worse(text):
    token = text.decode() if isinstance(text, bytes) else text
    with pytest.raises(Wrong) as wrong:
        captcha.open_challenge(token, "journey-1", NOW, mac)
    assert wrong.value.code == "captcha_expired"


@pytest.mark.parametrize("more", ["=", "==", " ", "\n", "A"])
def test_rule_16_a_token_has_one_spelling(more):
    with pytest.raises(Wrong):
        captcha.open_challenge(a_challenge().token + more, "journey-1", NOW, mac)


def test_rule_16_either_code_counts_in_any_case_and_spacing():
    made = a_challenge()
    picture, audio = made.picture_code(mac), made.audio_code(mac)
    for answer in (picture, picture.lower(), f" {picture[:3]} {picture[3:]} ", "-".join(audio)):
        assert made.is_answered_by(answer, mac)


@given(st.text(max_size=12))
def test_rule_16_nothing_else_is_an_answer(answer):
    made = a_challenge()
    bare = "".join(answer.split()).upper()
    if bare not in (made.picture_code(mac), made.audio_code(mac)):
        assert not made.is_answered_by(answer, mac)


def test_rule_16_the_voice_says_a_code_of_its_own():
    made = a_challenge()
    assert made.audio_code(mac).isdigit()
    assert len(made.audio_code(mac)) == len(made.picture_code(mac)) == 6
    assert set(made.picture_code(mac)) <= set(captcha.PICTURE_SIGNS)
    assert made.audio_code(mac) != made.picture_code(mac)


def test_rule_16_the_same_token_always_has_the_same_codes():
    first, second = a_challenge(), a_challenge()
    assert first.token == second.token
    assert first.picture_code(mac) == second.picture_code(mac)


def test_rule_16_codes_can_not_be_derived_from_the_page():
    """Whoever has the token but not the key learns nothing: under another key all codes differ."""
    tokens = [a_challenge(seed=bytes([n]) * 16) for n in range(20)]
    assert not any(made.picture_code(mac) == made.picture_code(another_mac) for made in tokens)
    assert len({made.picture_code(mac) for made in tokens}) == 20


def test_no_sign_of_the_picture_looks_like_another():
    assert not set(captcha.PICTURE_SIGNS) & set("0O1IQ5S8B2ZGUJ")


def test_a_spent_token_is_kept_without_the_token_itself():
    made = a_challenge()
    assert captcha.spent_id(made.token) == hashlib.sha256(made.token.encode()).hexdigest()
    assert made.token not in captcha.spent_id(made.token)
