"""Every way to paint a picture, by the name a key uses. One more: a function and a line in this table."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageFilter

from facemon.simulator.portraits.defects import (
    Defect,
    heavily_compressed,
    noisy,
    out_of_focus,
    overexposed,
    underexposed,
    upscaled,
)
from facemon.simulator.portraits.painter import draw_portrait
from facemon.simulator.portraits.photograph import drawing_size, enlarge, photograph
from facemon.simulator.portraits.side_view import profile
from facemon.simulator.portraits.staging import face_cut_off, two_faces
from facemon.simulator.portraits.still_life import no_face

Paint = Callable[[int, str, int, int, int], Image.Image]
"""From age in years, gender, seed, width and height in pixels to an RGB image of exactly this size.

The same arguments give the same pixels always.
"""

_FLAT_GREY = (127, 127, 127)
# At a drawing of 512 pixels the face is 200 wide: this leaves a patch of skin and a patch of hair.
_MODERATION_RADIUS = 16


def _blank(_age: int, _gender: str, _seed: int, width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), _FLAT_GREY)


def _blurred_by_moderation(age: int, gender: str, seed: int, width: int, height: int) -> Image.Image:
    drawing = draw_portrait(age, gender, seed, *drawing_size(width, height))
    return enlarge(drawing.filter(ImageFilter.GaussianBlur(_MODERATION_RADIUS)), width, height)


def _spoilt(defect: Defect) -> Paint:
    """The plain picture with this defect."""

    def paint(age: int, gender: str, seed: int, width: int, height: int) -> Image.Image:
        return defect(photograph(age, gender, seed, width, height), seed)

    return paint


VARIANTS: dict[str, Paint] = {
    "blank": _blank,
    "blurred": _blurred_by_moderation,
    "face_cut_off": face_cut_off,
    "heavily_compressed": _spoilt(heavily_compressed),
    "no_face": no_face,
    "noisy": _spoilt(noisy),
    "out_of_focus": _spoilt(out_of_focus),
    "overexposed": _spoilt(overexposed),
    "plain": photograph,
    "profile": profile,
    "two_faces": two_faces,
    "underexposed": _spoilt(underexposed),
    "upscaled": _spoilt(upscaled),
}
