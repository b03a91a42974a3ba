"""A drawing at the size that is served: drawn small at the right ratio, enlarged, with the grain of a photograph."""

from __future__ import annotations

import numpy as np
from PIL import Image

from facemon.simulator.portraits.painter import SIDE, draw_portrait

_LONGEST_SIDE = 4 * SIDE
_GRAIN = 2  # levels of 255: unseen, and a PNG becomes as large as the vendor's, 3 MB


def photograph(age: int, gender: str, seed: int, width: int, height: int) -> Image.Image:
    """The portrait as it should be, RGB, `width` × `height` pixels."""
    drawing = draw_portrait(age, gender, seed, *drawing_size(width, height))
    return grained(enlarge(drawing, width, height), seed)


def drawing_size(width: int, height: int) -> tuple[int, int]:
    """The same ratio with a short side of `SIDE`: what lies beyond the square is drawn, not stretched."""
    short = min(width, height)
    # Far beyond 21:9, which nobody documents, pictures are stretched after all: memory comes first.
    return min(round(width * SIDE / short), _LONGEST_SIDE), min(round(height * SIDE / short), _LONGEST_SIDE)


def enlarge(image: Image.Image, width: int, height: int) -> Image.Image:
    """`image` at exactly this size. Meant for an image of (nearly) the same ratio: nothing is cropped."""
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.BICUBIC)


def grained(image: Image.Image, seed: int) -> Image.Image:
    """The picture with grain of one pixel: an enlarged drawing is smoother than any photograph."""
    chance = np.random.default_rng(seed)
    grain = chance.integers(0, 2 * _GRAIN + 1, (image.height, image.width, 1), dtype=np.uint8)
    pixels = np.clip(np.asarray(image), _GRAIN, 255 - _GRAIN)
    # Subtracted first, added second: an unsigned byte neither falls below 0 nor rises above 255.
    pixels -= np.uint8(_GRAIN)
    pixels += grain
    return Image.fromarray(pixels)
