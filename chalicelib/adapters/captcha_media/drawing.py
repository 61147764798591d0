"""How the signs are turned, bent and pushed together (facts: "mid", 5 of 50 read by tesseract)."""

import random
from collections.abc import Sequence
from functools import cache
from io import BytesIO

from captcha.image import DEFAULT_FONTS, ImageCaptcha
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 280, 90
BLACK, WHITE = 0, 255
# Each sign lies over its neighbour by up to this share of its width.
OVERLAP = 0.18
FONT_SIZES = (54, 60, 66)
DOTS = 30


class Drawing(ImageCaptcha):
    """The library's picture with its rotation and its bend, but one ink and a chance of our own.

    The library takes the strength of the ink from the brightness of a random colour, so dark signs
    come out pale; and it asks the system for randomness, so the same token would change its
    picture.
    """

    def __init__(self, randomness: random.Random) -> None:
        super().__init__(WIDTH, HEIGHT, font_sizes=FONT_SIZES)
        self._randomness = randomness

    def png(self, code: str) -> bytes:
        """Draw the whole picture."""
        signs = [self._sign(letter) for letter in code]
        image = self._noise(self._row(signs)).filter(ImageFilter.SMOOTH)
        out = BytesIO()
        image.save(out, format="png")
        return out.getvalue()

    def _row(self, signs: Sequence[Image.Image]) -> Image.Image:
        """Set the signs side by side, in the middle, none higher than the picture."""
        steps = [round(s.width * (1 - self._randomness.uniform(0, OVERLAP))) for s in signs]
        wide = max(WIDTH, sum(steps) + signs[-1].width - steps[-1])
        image = Image.new("L", (wide, HEIGHT), WHITE)
        left = (wide - sum(steps)) // 2
        for sign, step in zip(signs, steps, strict=True):
            room = max(0, HEIGHT - sign.height)
            top = room // 2 + round(self._randomness.uniform(-0.3, 0.3) * room)
            image.paste(BLACK, (left, top), sign)
            left += step
        return image.resize((WIDTH, HEIGHT))

    def _sign(self, letter: str) -> Image.Image:
        """Draw one sign as a mask: turned, then bent, as the library does it."""
        font = self._randomness.choice(_fonts())
        left, top, right, bottom = (round(edge) for edge in font.getbbox(letter))
        mask = Image.new("L", (right - left, bottom - top), 0)
        ImageDraw.Draw(mask).text((-left, -top), letter, font=font, fill=255)
        turned = mask.rotate(
            self._randomness.uniform(*self.character_rotate),
            Image.Resampling.BILINEAR,
            expand=True,
        )
        return self._bent(turned)

    def _bent(self, mask: Image.Image) -> Image.Image:
        wide, high = mask.size
        x1, x2 = (self._bend(wide, self.character_warp_dx) for _ in range(2))
        y1, y2 = (self._bend(high, self.character_warp_dy) for _ in range(2))
        grown_wide, grown_high = wide + abs(x1) + abs(x2), high + abs(y1) + abs(y2)
        corners = (
            *(x1, y1),
            *(-x1, grown_high - y2),
            *(grown_wide + x2, grown_high + y2),
            *(grown_wide - x2, -y1),
        )
        grown = mask.resize((grown_wide, grown_high))
        return grown.transform((wide, high), Image.Transform.QUAD, corners)

    def _bend(self, side: int, most: tuple[float, float]) -> int:
        reach = side * self._randomness.random() * (most[1] - most[0]) + most[0]
        return int(self._randomness.uniform(-reach, reach))

    def _noise(self, image: Image.Image) -> Image.Image:
        """Strew dots, and draw one thin arc across."""
        pen = ImageDraw.Draw(image)
        for _ in range(DOTS):
            x, y = self._randomness.randrange(WIDTH), self._randomness.randrange(HEIGHT)
            pen.line(((x, y), (x - 1, y - 1)), fill=BLACK, width=3)
        start, end = self._randomness.randrange(21), self._randomness.randrange(160, 201)
        left, top = (
            self._randomness.randrange(WIDTH // 5),
            self._randomness.randrange(18, HEIGHT - 36),
        )
        right = self._randomness.randrange(WIDTH // 2, WIDTH)
        bottom = self._randomness.randrange(top + 10, HEIGHT)
        pen.arc((left, top, right, bottom), start, end, fill=BLACK)
        return image


@cache
def _fonts() -> tuple[ImageFont.FreeTypeFont, ...]:
    return tuple(ImageFont.truetype(name, size) for name in DEFAULT_FONTS for size in FONT_SIZES)
