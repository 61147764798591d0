"""The picture and the voice: drawn and spoken again, they are the same bytes (rule 16)."""

import wave
from io import BytesIO

import pytest
from PIL import Image

from chalicelib.adapters.captcha_media.audio import CLIPS, spoken
from chalicelib.adapters.captcha_media.picture import picture
from chalicelib.domain.captcha import DIGITS, PICTURE_SIGNS

SEED = b"0123456789abcdef"


def test_the_same_code_and_seed_are_the_same_picture():
    assert picture("ACDEFH", seed=SEED) == picture("ACDEFH", seed=SEED)


def test_another_code_or_seed_is_another_picture():
    made = {picture(code, seed=seed) for code in ("ACDEFH", "ACDEFK") for seed in (SEED, b"x")}
    assert len(made) == 4


@pytest.mark.parametrize("start", range(0, len(PICTURE_SIGNS), 6))
def test_every_sign_can_be_drawn_and_fills_its_picture(start):
    code = (PICTURE_SIGNS + PICTURE_SIGNS)[start : start + 6]
    with Image.open(BytesIO(picture(code, seed=SEED))) as image:
        assert image.size == (280, 90)
        dark = sum(image.convert("L").histogram()[:128])
    assert dark > 280 * 90 / 20


def test_the_same_code_and_seed_are_the_same_sound():
    assert spoken("123456", lang="en", seed=SEED) == spoken("123456", lang="en", seed=SEED)


def test_another_code_or_seed_is_another_sound():
    made = {
        spoken(code, lang="en", seed=seed) for code in ("123456", "123457") for seed in (SEED, b"x")
    }
    assert len(made) == 4


def test_the_sound_is_a_wav_of_some_seconds():
    with wave.open(BytesIO(spoken(DIGITS[:6], lang="en", seed=SEED))) as file:
        seconds = file.getnframes() / file.getframerate()
        assert (file.getnchannels(), file.getsampwidth()) == (1, 1)
    assert 4 < seconds < 20


def test_every_digit_has_its_clips_in_every_language():
    for folder in CLIPS.iterdir():
        assert {path.name[0] for path in folder.glob("*.wav")} == set(DIGITS), folder.name


def test_a_language_without_clips_is_spoken_in_english():
    assert spoken("123456", lang="km", seed=SEED) == spoken("123456", lang="en", seed=SEED)


def test_a_language_can_not_lead_out_of_the_clips():
    assert spoken("1", lang="../../..", seed=SEED) == spoken("1", lang="en", seed=SEED)
