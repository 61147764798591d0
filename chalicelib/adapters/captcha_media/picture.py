"""The picture: black signs on white that a person reads and a stock program mostly does not."""

import random


def picture(code: str, *, seed: bytes) -> bytes:
    """Draw the code as a PNG of 280 by 90; the same code and seed give the same bytes."""
    # Pillow costs a tenth of a second to import, and only one page draws.
    from chalicelib.adapters.captcha_media.drawing import Drawing  # noqa: PLC0415

    return Drawing(random.Random(seed)).png(code)  # noqa: S311 - it moves ink; the code is secret
