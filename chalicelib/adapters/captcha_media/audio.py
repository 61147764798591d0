"""The voice: digits over a quiet babble, from clips made ahead (infra/voices/make_clips.sh)."""

import random
import wave
from functools import cache
from io import BytesIO
from itertools import chain
from pathlib import Path

CLIPS = Path(__file__).parent / "clips"
RATE = 11_025  # samples a second, one byte each, as the clips are
MIDDLE = 128  # silence in unsigned bytes
LOUDEST = 127
LEAD_IN_S, PAUSE_S = 0.7, (0.6, 1.1)
LOUD, BABBLE = (0.75, 0.85), 0.12

Samples = list[int]  # each from -128 to 127


def spoken(code: str, *, lang: str, seed: bytes) -> bytes:
    """Say the digits as a WAV; the same code, language and seed give the same bytes.

    A browser asks for a sound more than once, and fresh noise each time could be averaged away.
    A language without clips (espeak-ng has no Khmer) is spoken in English.
    """
    randomness = random.Random(seed)  # noqa: S311 - it moves sound; the code is secret
    voices = _voices(lang if lang in {folder.name for folder in CLIPS.iterdir()} else "en")
    said = _said(code, voices, randomness)
    return _wav(_over_babble(said, voices, randomness))


def _said(code: str, voices: dict[str, list[Samples]], randomness: random.Random) -> Samples:
    """Set the digits one after the other, each in a voice and loudness of its own."""
    sound = _silence(LEAD_IN_S)
    for digit in code:
        loud = randomness.uniform(*LOUD)
        sound.extend(round(sample * loud) for sample in randomness.choice(voices[digit]))
        sound.extend(_silence(randomness.uniform(*PAUSE_S)))
    return sound


def _over_babble(
    sound: Samples, voices: dict[str, list[Samples]], randomness: random.Random
) -> Samples:
    """Lay other digits, backwards and quiet, under the whole length."""
    every = list(chain.from_iterable(voices[digit] for digit in sorted(voices)))
    babble: Samples = []
    while len(babble) < len(sound):
        babble.extend(reversed(randomness.choice(every)))
    return [near + round(far * BABBLE) for near, far in zip(sound, babble, strict=False)]


def _silence(seconds: float) -> Samples:
    return [0] * round(seconds * RATE)


def _wav(sound: Samples) -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(bytes(max(-LOUDEST, min(LOUDEST, s)) + MIDDLE for s in sound))
    return out.getvalue()


@cache
def _voices(lang: str) -> dict[str, list[Samples]]:
    """All takes of each digit in a language: files named <digit>-<take>.wav."""
    voices: dict[str, list[Samples]] = {}
    for path in sorted((CLIPS / lang).glob("[0-9]-*.wav")):
        with wave.open(str(path)) as file:
            frames = file.readframes(file.getnframes())
        voices.setdefault(path.name[0], []).append([byte - MIDDLE for byte in frames])
    return voices
