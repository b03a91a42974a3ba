"""What a face holds at each spatial frequency, told apart from noise; sharpness and resolution read from it.

Detail stands out in places (eyes, brows, hair), noise lies everywhere. So the face is cut into tiles, and at each
frequency the quiet tiles tell what is noise; what stands out far above that is detail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facemon.vision.measures import TILE, VISIBLE, Grey, detail_energy, ring_energies, without_impulses
from facemon.vision.trouble import ModelUnavailable, Unscored

if TYPE_CHECKING:
    from facemon.vision.subject import Subject

_EYE_DISTANCE = (
    96.0  # pixels: a close portrait, a third of it between the eyes, still has 300 on its shorter side
)
_MARGIN = 0.1  # of the face's box: the hair line and the contour are detail, the wall is not
_FEWEST_TILES = 9  # with fewer there may be no quiet ones
_SKIN = 0.35  # of the face's width to either side of its middle: no hair, no wall
_SKIN_SIDE = 384  # pixels: more would cost more and tell no more
_MIDDLE_SIDE = 640


@dataclass(frozen=True, slots=True)
class Detail:
    """The face's detail by frequency.

    energy: shape (17,), squared grey values in each ring of `measures.ring_energies` · eye_distance, shorter_side:
    the distance of the eyes and the shorter side of the whole picture, in pixels of the view that was measured.
    """

    energy: NDArray[np.float64]
    eye_distance: float
    shorter_side: float

    @property
    def gradient(self) -> NDArray[np.float64]:
        """The energy of the gradient in each ring: natural pictures have about the same in all of them."""
        return self.energy * np.arange(len(self.energy)) ** 2


def face_detail(subject: Subject) -> Detail:
    """The detail of the one face. Raises as `Subject.face`, and Unscored for a face too small to tell."""
    face = subject.face
    scale = min(1.0, _EYE_DISTANCE / max(face.eye_distance, 1.0))
    left, top, right, bottom = face.box
    width, height = face.size
    across, down = _MARGIN * width, _MARGIN * height
    grey = _cut(subject.rgb, (left - across, top - down, right + across, bottom + down))
    # Lesser ones stay: clipped, noise would no longer be white, and be taken for detail.
    if min(grey.size) >= 3:
        grey = Image.fromarray(without_impulses(np.asarray(grey), VISIBLE))
    size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
    energies = ring_energies(_values(grey.resize(size, Image.Resampling.BILINEAR)))
    if len(energies) < _FEWEST_TILES:
        raise Unscored(f"the face is too small: less than {2 * TILE} pixels wide")
    return Detail(
        detail_energy(energies, 1 / scale), face.eye_distance * scale, min(subject.rgb.size) * scale
    )


def skin(subject: Subject) -> Grey:
    """The middle of the one face as it was served, at most 384 by 384 pixels; else that of the picture."""
    try:
        face = subject.face
    except ModelUnavailable:
        raise  # nobody knows whether there is a face
    except Unscored:
        return middle(subject, _SKIN_SIDE)
    (left, top, right, bottom), (width, _) = face.box, face.size
    x, y, reach = (left + right) / 2, (top + bottom) / 2, min(_SKIN * width, _SKIN_SIDE / 2)
    return _values(_cut(subject.rgb, (x - reach, y - reach, x + reach, y + reach)))


def middle(subject: Subject, side: int = _MIDDLE_SIDE) -> Grey:
    """The middle of the picture as it was served, at most `side` by `side` pixels. Raises Unreadable."""
    (width, height), reach = subject.rgb.size, side / 2
    return _values(
        _cut(subject.rgb, (width / 2 - reach, height / 2 - reach, width / 2 + reach, height / 2 + reach))
    )


def _cut(image: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    # What reaches beyond the picture is left out; at least one pixel stays, wherever the box lies.
    left, right = _within(box[0], box[2], image.width)
    top, bottom = _within(box[1], box[3], image.height)
    return image.crop((left, top, right, bottom)).convert("L")


def _within(start: float, end: float, length: int) -> tuple[int, int]:
    first = min(max(round(start), 0), length - 1)
    return first, min(max(round(end), first + 1), length)


def _values(image: Image.Image) -> Grey:
    return np.asarray(image, np.float32)
