"""The right people in the wrong places: two of them, or one half out of the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from facemon.simulator.portraits.casting import imagine
from facemon.simulator.portraits.painter import draw_portrait
from facemon.simulator.portraits.photograph import drawing_size, enlarge, grained

_CANDIDATES = 80  # enough that somebody's wall is of nearly the same colour
_HALF_RATIO = (
    0.72  # of the short side: each of the two is drawn at least that wide, and loses wall on either side
)
_SEAM = 0.03  # of the width, to either side of the middle: there one wall passes into the other


def two_faces(age: int, gender: str, seed: int, width: int, height: int) -> Image.Image:
    """Two people of the same age and gender side by side, both heads whole and frontal."""
    across, down = drawing_size(width, height)
    half, seam = across // 2, max(1, round(_SEAM * across))
    strip = across - half + 2 * seam
    wide = max(strip, round(_HALF_RATIO * min(across, down)))
    margin = (wide - strip) // 2
    left, right = (
        draw_portrait(age, gender, one, wide, down).crop((margin, 0, margin + strip, down))
        for one in (seed, _companion(age, gender, seed))
    )
    picture = Image.new("RGB", (across, down))
    picture.paste(left, (-seam, 0))
    picture.paste(right, (half - seam, 0), _faded_in(right.size, 2 * seam))
    return grained(enlarge(picture, width, height), seed)


def face_cut_off(age: int, gender: str, seed: int, width: int, height: int) -> Image.Image:
    """Half of the face lies beyond the picture's left or right edge."""
    across, down = drawing_size(width, height)
    wide = draw_portrait(age, gender, seed, 2 * across, down)
    left = across if seed % 2 else 0
    return grained(enlarge(wide.crop((left, 0, left + across, down)), width, height), seed)


def _companion(age: int, gender: str, seed: int) -> int:
    """The seed of somebody before a wall like the first one's: the two must seem to stand in one room."""
    wall = np.array(imagine(age, gender, seed).scene.background)

    def unlikeness(other: int) -> float:
        return float(np.abs(np.array(imagine(age, gender, other).scene.background) - wall).sum())

    return min(range(seed + 1, seed + 1 + _CANDIDATES), key=unlikeness)


def _faded_in(size: tuple[int, int], columns: int) -> Image.Image:
    """A mask of this size, from nothing at the left to everything after so many columns."""
    width, height = size
    row = np.clip((np.arange(width) + 0.5) * (255 / columns), 0, 255).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(row, (height, width)).copy())
